"""Test the emulator with real, unmodified clients: the Globus CLI and the Globus SDK for Python.

usage: python scripts/real_clients EMULATOR GLOBUS

EMULATOR is the built program, GLOBUS the CLI. Requires globus-sdk, whose version may differ from the one in
the CLI's own environment. The emulator runs in strict mode: it rejects requests that the specs do not allow,
and responses that do not conform fail the run at its end.
"""

import sys
import time

from checks import Failure, run
from environment import Environment
import cli_files
import cli_groups
import cli_login
import cli_search
import cli_sharing
import cli_transfers
import compared_codes
import sdk_auth
import sdk_groups
import sdk_search
import sdk_transfer

# in this order: the first one logs the person in to the CLI
SUITES = [
    cli_login,
    cli_files,
    cli_transfers,
    cli_sharing,
    cli_search,
    cli_groups,
    sdk_auth,
    sdk_transfer,
    sdk_search,
    sdk_groups,
    compared_codes,
]


def main(emulator, globus):
    began = time.monotonic()
    passed = 0
    try:
        with Environment(emulator, globus) as env:
            for suite in SUITES:
                for _ in run(suite, env):
                    passed += 1
    except Failure as failure:
        print(f"\n{failure}\n\n{passed} checks passed, 1 failed")
        return 1
    print(f"{passed} checks passed, {env.commands} commands of the CLI, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
