"""What a check is: a function marked `@check`, whose name is the sentence that it shows."""

import time
import traceback


class Failure(Exception):
    """Something that was not as it should be: what was done, what came of it, what was expected."""

    def __init__(self, done, came, expected):
        super().__init__(f"did:\n  {done}\ngot:\n{indented(came)}\nexpected:\n{indented(expected)}")


def indented(text):
    return "\n".join("  " + line for line in str(text).splitlines()) or "  (nothing)"


def check(function):
    function.is_check = True
    return function


def run(suite, lab):
    """Runs the checks of a module in their order, and yields the name of each that passed."""
    for function in list(vars(suite).values()):
        if not getattr(function, "is_check", False):
            continue
        name = f"{suite.__name__}: {function.__name__.replace('_', ' ')}"
        began = time.monotonic()
        try:
            function(lab)
        except Failure as failure:
            print(f"FAIL {name}")
            raise failure
        except Exception as error:
            print(f"FAIL {name}")
            trace = traceback.format_exc()
            text = getattr(error, "text", None)  # what the service said, if it is one of the SDK's errors
            raise Failure(name, f"{trace}{text or ''}", "no exception") from None
        print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)
        yield name


def caller():
    """The line of the check that was being executed."""
    frame = traceback.extract_stack(limit=3)[0]
    return f"{frame.line}  ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})"


def same(got, expected):
    if got != expected:
        raise Failure(caller(), repr(got), repr(expected))


def holds(condition, got):
    """For what is no equality; `got` is shown when it does not hold."""
    if not condition:
        raise Failure(caller(), repr(got), "the condition of this line")


def refused(status, code, call):
    """The service refuses the call with just this status and code."""
    from globus_sdk import GlobusAPIError

    try:
        answer = call()
    except GlobusAPIError as error:
        if (error.http_status, error.code) != (status, code):
            raise Failure(
                caller(), f"{error.http_status} {error.code}: {error.text}", f"{status} {code}"
            ) from None
        return error
    raise Failure(caller(), f"it was allowed: {answer}", f"{status} {code}")
