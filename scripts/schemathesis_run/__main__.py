"""Run Schemathesis against the emulator, with requests that the specs allow and requests that they do not.

usage: python scripts/schemathesis_run EMULATOR [CASES] [SERVICE ...]

EMULATOR is the built program; CASES is the number of random cases per operation, in addition to those derived
from its examples and from the constraints of its schemas. Requires schemathesis.

Each service is tested twice, with the same cases in every run: in the default mode, and in strict mode, where
the emulator and Schemathesis must agree on what the specs allow.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from emulator_fixture import EmulatorFixture
from unimplemented import UNIMPLEMENTED

HERE = Path(__file__).parent
SPECS = HERE.parent.parent / "specs"
# the slowest first
SERVICES = ["transfer", "auth", "search", "groups"]
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
# A service may ignore unknown input, and may reject requests that the spec allows, such as one with an id
# that does not exist. Only strict mode decides by the spec alone.
STRICT_CHECKS = [*CHECKS, "negative_data_rejection", "strict_mode_agrees"]
# Not used: stateful checks, since every operation starts from the same state; checks for missing tokens, since the
# hooks always add one; and checks for undocumented methods, since OpenID Connect requires more than the specs have
# (POST to the authorize page).
# timeout of a run in seconds, reached only if it hangs
TIMEOUT = 1800
METHODS = ("get", "put", "post", "patch", "delete")


def operations(spec):
    """The operations of a document, by name."""
    items = spec["paths"].values()
    return {item[method]["operationId"]: item[method] for item in items for method in METHODS if method in item}


def run(emulator, service, strict, cases):
    """Runs Schemathesis on a service and returns what its hooks recorded."""
    began = time.monotonic()
    file = SPECS / f"{service}.yaml"
    spec = yaml.load(file.read_text(), yaml.CSafeLoader)
    with tempfile.TemporaryDirectory(prefix="schemathesis-") as folder:
        fixture = EmulatorFixture(emulator, folder, strict)
        try:
            environment = os.environ | fixture.environment(service, spec)
            command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"),
                       "run", str(file), "--url", fixture.base, "--max-examples", cases,
                       "--checks", ",".join(STRICT_CHECKS if strict else CHECKS)]  # fmt: skip
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT
            )
        finally:
            code = fixture.stop()
        written = json.loads(fixture.record.read_text()) if fixture.record.exists() else {}
        complaint = fixture.log_text() if code else ""
    return {
        "service": service,
        "seconds": time.monotonic() - began,
        "answers": written,
        "operations": operations(spec),
        # the end of Schemathesis's output lists all its findings
        "complaints": [text for text in (done.stdout + done.stderr if done.returncode else "", complaint) if text],
    }


def wildcards(runs):
    """Yields status wildcards in a spec, which would accept any error."""
    for name, operation in runs[0]["operations"].items():
        for status in operation["responses"]:
            if status in ("default", "1XX", "2XX", "3XX", "4XX"):
                yield f"{name} documents {status}: list the statuses individually"


def unimplemented(service, runs):
    """Yields operations that never succeeded, and exceptions that no longer apply."""
    reasons = UNIMPLEMENTED.get(service, {})
    for name in runs[0]["operations"]:
        statuses = {int(status) for run in runs for status in run["answers"].get(name, {})}
        succeeded = any(status < 400 for status in statuses)
        if not succeeded and name in reasons:
            print(f"  never succeeds: {name} ({reasons[name]})")
        elif not succeeded:
            yield f"{name} never succeeded, only {sorted(statuses)}: add what it needs to fixtures.py"
        elif name in reasons:
            yield f"{name} succeeded: remove it from unimplemented.py"


def main(emulator, cases="3", *services):
    began = time.monotonic()
    services = services or SERVICES
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        started = {
            service: [pool.submit(run, emulator, service, strict, cases) for strict in (False, True)]
            for service in services
        }
        for service, futures in started.items():
            runs = [future.result() for future in futures]
            asked = sum(sum(counts.values()) for run in runs for counts in run["answers"].values())
            seconds = " and ".join(f"{run['seconds']:.0f}" for run in runs)
            print(f"{service}: {len(runs[0]['operations'])} operations, {asked} cases, {seconds} s")
            wrong = [*wildcards(runs), *unimplemented(service, runs)]
            wrong += [complaint for run in runs for complaint in run["complaints"]]
            print("\n".join(wrong), end="\n" if wrong else "")
            failed += len(wrong)
    print(f"{'FAILED' if failed else 'passed'} in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
