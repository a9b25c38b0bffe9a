"""Have Schemathesis ask the emulator what the specs allow, and what they do not.

usage: python scripts/schemathesis_run EMULATOR [CASES] [SERVICE ...]

EMULATOR is the built program; CASES is how many random cases an operation gets, beside those that follow
from its examples and from the limits of its schemas. The Python that runs this has schemathesis.

Each service is asked twice, by the same cases in every run: as people use the emulator, and in strict mode,
where the emulator and Schemathesis have to agree on what the specs allow.
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

from lab import Lab
from unanswered import UNANSWERED

HERE = Path(__file__).parent
SPECS = HERE.parent.parent / "specs"
# the longest first
SERVICES = ["transfer", "auth", "search", "groups"]
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
# A service may ignore what it does not know, and may refuse what a spec cannot forbid, such as the id of
# something that is not there: what is right and wrong by the spec alone is for strict mode to say.
STRICT_CHECKS = [*CHECKS, "negative_data_rejection", "strict_mode_agrees"]
# The other checks are left out: those of states, since every operation begins with the same one; of missing tokens,
# since our hooks add one to whatever is sent; and of methods, since OpenID Connect has more than the specs
# (POST of the authorize page).
# seconds of a run, which only one that hangs needs
LONGEST = 1800
METHODS = ("get", "put", "post", "patch", "delete")


def operations(spec):
    """The operations of a document, by name."""
    items = spec["paths"].values()
    return {item[method]["operationId"]: item[method] for item in items for method in METHODS if method in item}


def run(emulator, service, strict, cases):
    """One run of Schemathesis over a service, and what its hooks wrote down."""
    began = time.monotonic()
    file = SPECS / f"{service}.yaml"
    spec = yaml.load(file.read_text(), yaml.CSafeLoader)
    with tempfile.TemporaryDirectory(prefix="schemathesis-") as folder:
        lab = Lab(emulator, folder, strict)
        try:
            environment = os.environ | lab.environment(service, spec)
            command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"),
                       "run", str(file), "--url", lab.base, "--max-examples", cases,
                       "--checks", ",".join(STRICT_CHECKS if strict else CHECKS)]  # fmt: skip
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONGEST
            )
        finally:
            code = lab.stop()
        written = json.loads(lab.record.read_text()) if lab.record.exists() else {}
        complaint = lab.said() if code else ""
    return {
        "service": service,
        "seconds": time.monotonic() - began,
        "answers": written,
        "operations": operations(spec),
        # what Schemathesis has to say ends with all its findings
        "complaints": [text for text in (done.stdout + done.stderr if done.returncode else "", complaint) if text],
    }


def wildcards(runs):
    """Statuses of a spec that would let any refusal pass."""
    for name, operation in runs[0]["operations"].items():
        for status in operation["responses"]:
            if status in ("default", "1XX", "2XX", "3XX", "4XX"):
                yield f"{name} documents {status}: list the statuses one by one"


def unanswered(service, runs):
    """Operations that nothing made succeed, and reasons that are none any more."""
    reasons = UNANSWERED.get(service, {})
    for name in runs[0]["operations"]:
        statuses = {int(status) for run in runs for status in run["answers"].get(name, {})}
        succeeded = any(status < 400 for status in statuses)
        if not succeeded and name in reasons:
            print(f"  never succeeds: {name} ({reasons[name]})")
        elif not succeeded:
            yield f"{name} never succeeded, but answered {sorted(statuses)}: what does world.py have to have for it?"
        elif name in reasons:
            yield f"{name} has succeeded: unanswered.py says that it cannot"


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
            wrong = [*wildcards(runs), *unanswered(service, runs)]
            wrong += [complaint for run in runs for complaint in run["complaints"]]
            print("\n".join(wrong), end="\n" if wrong else "")
            failed += len(wrong)
    print(f"{'FAILED' if failed else 'passed'} in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
