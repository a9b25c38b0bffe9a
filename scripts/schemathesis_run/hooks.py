"""Hooks for Schemathesis: authentication, live ids, and which failures count.

Schemathesis loads this module (`SCHEMATHESIS_HOOKS`) in a separate process for each run. `emulator_fixture.py`
passes the address and the contents of the emulator in an environment variable.
"""

import atexit
import json
import os

import requests
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, ServerError
from schemathesis.openapi.checks import JsonSchemaError

import fixtures
from live import Filler, operation_id, invalid_parts
from unimplemented import IN_BETA, UNIMPLEMENTED

FIXTURE = json.loads(os.environ["EMULATOR_FIXTURE"])
STRICT_REJECTION = "does not allow this"

# strict mode tolerates how real clients call these
TOLERATED = ["create_group", "oauth2_revoke_token"]

filler = Filler(FIXTURE["service"], FIXTURE["seed_outputs"], FIXTURE["token"])
answers = {}
last = None


def control(path):
    requests.post(f"{FIXTURE['base']}/_emulator/{path}", timeout=30).raise_for_status()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Restores the initial state for each operation, fills in live ids and authenticates."""
    global last
    began = (case.operation.label, case.meta.phase.name)
    if began != last:
        last = began
        control(f"snapshots/{FIXTURE['snapshot']}/restore")
        if FIXTURE["service"] == "transfer":
            fixtures.write_files(FIXTURE["root"])
    filler.fill(case)
    basic = case.operation.definition.raw.get("x-globus-auth") in ("basic", "client")
    case.headers["Authorization"] = FIXTURE["basic"] if basic else FIXTURE["bearer"]


@schemathesis.hook
def after_call(context, case, response):
    if response.request.method == "OPTIONS":
        # a preflight, which never reaches the operation
        return
    name = operation_id(case)
    seen = answers.setdefault(name, {})
    seen[response.status_code] = seen.get(response.status_code, 0) + 1


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether a failure counts."""
    if isinstance(failure, ServerError) and response.status_code == 502:
        # Transfer reports an endpoint's failure as 502; status_code_conformance checks that it is documented
        return not response.json()["code"].startswith(("ExternalError.", "EndpointError"))
    if isinstance(failure, ServerError) and response.status_code == 501:
        # the emulator returns 501 for operations that it does not implement
        return UNIMPLEMENTED.get(FIXTURE["service"], {}).get(operation_id(case)) != IN_BETA
    if isinstance(failure, JsonSchemaError) and "fields" in case.query:
        # a document has only the requested fields, which strict mode checks and OpenAPI cannot express
        return False
    if isinstance(failure, AcceptedNegativeData) and operation_id(case) in TOLERATED:
        return False
    return not rejected_by_strict_mode(response)


def rejected_by_strict_mode(response):
    """Whether strict mode itself rejected the request, rather than the emulated service."""
    return FIXTURE["strict"] and response.status_code == 400 and STRICT_REJECTION in response.text


@schemathesis.check
def strict_mode_agrees(context, response, case):
    """Strict mode does not reject requests that Schemathesis considers valid by the same spec."""
    if not invalid_parts(case):
        assert not rejected_by_strict_mode(response), f"strict mode rejects what the spec allows: {response.text}"


@atexit.register
def write_record():
    with open(FIXTURE["record"], "w") as file:
        json.dump(answers, file)
