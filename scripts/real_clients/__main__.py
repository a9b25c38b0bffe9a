"""Hold the emulator against the real clients: the Globus CLI and the Globus SDK for Python, unmodified.

usage: python scripts/real_clients EMULATOR GLOBUS

EMULATOR is the built program, GLOBUS the CLI's. The Python that runs this has globus-sdk, whichever version
the CLI has in its own environment. The emulator is in strict mode: what a client sends must be allowed by
the specs, and whatever was answered outside of them fails the run at its end.
"""

import sys
import time

from checks import Failure, run
from lab import Lab
import cli_files
import cli_groups
import cli_login
import cli_search
import cli_sharing
import cli_transfers
import sdk_auth
import sdk_groups
import sdk_search
import sdk_transfer

# in this order: the first leaves the person logged in to the CLI
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
]


def main(emulator, globus):
    began = time.monotonic()
    passed = 0
    try:
        with Lab(emulator, globus) as lab:
            for suite in SUITES:
                for _ in run(suite, lab):
                    passed += 1
    except Failure as failure:
        print(f"\n{failure}\n\n{passed} checks passed, 1 failed")
        return 1
    print(f"{passed} checks passed, {lab.commands} commands of the CLI, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
