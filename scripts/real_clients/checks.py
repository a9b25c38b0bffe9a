"""Checks: functions marked `@check`, whose names are their descriptions."""

import time
import traceback


class Failure(Exception):
    """A failed check: what was done, the result, and what was expected."""

    def __init__(self, done, came, expected):
        super().__init__(f"did:\n  {done}\ngot:\n{indent(came)}\nexpected:\n{indent(expected)}")


def indent(text):
    return "\n".join("  " + line for line in str(text).splitlines()) or "  (nothing)"


def check(function):
    function.is_check = True
    return function


def run(suite, env):
    """Runs the checks of a module in order, and yields the name of each that passed."""
    for function in list(vars(suite).values()):
        if not getattr(function, "is_check", False):
            continue
        name = f"{suite.__name__}: {function.__name__.replace('_', ' ')}"
        began = time.monotonic()
        try:
            function(env)
        except Failure as failure:
            print(f"FAIL {name}")
            raise failure
        except Exception as error:
            print(f"FAIL {name}")
            trace = traceback.format_exc()
            text = getattr(error, "text", None)  # the response body, if it is an error of the SDK
            raise Failure(name, f"{trace}{text or ''}", "no exception") from None
        print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)
        yield name


def caller():
    """The line of the check that is being executed."""
    frame = traceback.extract_stack(limit=3)[0]
    return f"{frame.line}  ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})"


def assert_equal(got, expected):
    if got != expected:
        raise Failure(caller(), repr(got), repr(expected))


def assert_that(condition, got):
    """Checks any other condition; `got` is shown if it is false."""
    if not condition:
        raise Failure(caller(), repr(got), "the condition of this line")


def assert_error(status, code, call):
    """Checks that the call fails with exactly this status and code."""
    from globus_sdk import GlobusAPIError

    try:
        answer = call()
    except GlobusAPIError as error:
        if (error.http_status, error.code) != (status, code):
            raise Failure(
                caller(), f"{error.http_status} {error.code}: {error.text}", f"{status} {code}"
            ) from None
        return error
    raise Failure(caller(), f"it succeeded: {answer}", f"{status} {code}")
