"""What Schemathesis does not know by itself: who asks, what there is to ask about, and what counts.

It loads this module (`SCHEMATHESIS_HOOKS`) in a process of its own for each run; `lab.py` says by a variable
where the emulator is and what is in it.
"""

import atexit
import json
import os

import requests
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, ServerError
from schemathesis.openapi.checks import JsonSchemaError

import world
from real import Filler, name_of, wrong_parts
from unanswered import IN_BETA, UNANSWERED

LAB = json.loads(os.environ["EMULATOR_LAB"])
STRICT_REFUSAL = "does not allow this"

# strict mode lets a habit of real clients through
TOLERATED = ["create_group", "oauth2_revoke_token"]

filler = Filler(LAB["service"], LAB["kept"], LAB["token"])
answers = {}
last = None


def control(path):
    requests.post(f"{LAB['base']}/_emulator/{path}", timeout=30).raise_for_status()


@schemathesis.hook
def before_call(context, case, kwargs):
    """A case begins with the world as it was, for whoever the operation is for."""
    global last
    began = (case.operation.label, case.meta.phase.name)
    if began != last:
        last = began
        control(f"snapshots/{LAB['snapshot']}/restore")
        if LAB["service"] == "transfer":
            world.lay_files(LAB["root"])
    filler.fill(case)
    basic = case.operation.definition.raw.get("x-globus-auth") in ("basic", "client")
    case.headers["Authorization"] = LAB["basic"] if basic else LAB["bearer"]


@schemathesis.hook
def after_call(context, case, response):
    if response.request.method == "OPTIONS":
        # a preflight, which is answered whatever the operation does
        return
    name = name_of(case)
    seen = answers.setdefault(name, {})
    seen[response.status_code] = seen.get(response.status_code, 0) + 1


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it counts."""
    if isinstance(failure, ServerError) and response.status_code == 502:
        # so Transfer says that an endpoint could not do what it was told; that it is documented is checked too
        return not response.json()["code"].startswith(("ExternalError.", "EndpointError"))
    if isinstance(failure, ServerError) and response.status_code == 501:
        # so the emulator says that it does not serve an operation
        return UNANSWERED.get(LAB["service"], {}).get(name_of(case)) != IN_BETA
    if isinstance(failure, JsonSchemaError) and "fields" in case.query:
        # a document has the fields that were asked for, which strict mode knows and OpenAPI cannot say
        return False
    if isinstance(failure, AcceptedNegativeData) and name_of(case) in TOLERATED:
        return False
    return not refused_by_strict_mode(response)


def refused_by_strict_mode(response):
    """The emulator's own word about a request, not an answer that the service would give."""
    return LAB["strict"] and response.status_code == 400 and STRICT_REFUSAL in response.text


@schemathesis.check
def strict_mode_agrees(context, response, case):
    """Strict mode refuses no request that Schemathesis takes for right by the same spec."""
    if not wrong_parts(case):
        assert not refused_by_strict_mode(response), f"strict mode refuses what the spec allows: {response.text}"


@atexit.register
def write_down():
    with open(LAB["record"], "w") as file:
        json.dump(answers, file)
