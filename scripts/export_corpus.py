"""Exports every response registered in the Python SDK's testing data as a line of JSON.

usage: python scripts/export_corpus.py OUT.jsonl [SERVICE ...]

Run it in the environment of the SDK version to export: version 4 has the data in `globus_sdk.testing`,
version 3 in `globus_sdk._testing`. Also requires the SDK's test dependency `responses`. Exports all services
unless some are given.
"""

import importlib
import json
import pkgutil
import sys
from urllib.parse import urlsplit

import globus_sdk

try:
    testing = importlib.import_module("globus_sdk.testing")
except ModuleNotFoundError:
    testing = importlib.import_module("globus_sdk._testing")
data = importlib.import_module(f"{testing.__name__}.data")
models = importlib.import_module(f"{testing.__name__}.models")


def leaves(registered, name):
    """Each response of a set or a list, which may be nested, with its name."""
    if isinstance(registered, models.RegisteredResponse):
        yield name, registered
    elif isinstance(registered, models.ResponseList):
        for i, response in enumerate(registered.responses):
            yield from leaves(response, f"{name}[{i}]")
    elif isinstance(registered, models.ResponseSet):
        for case, response in registered._data.items():
            yield from leaves(response, f"{name}/{case}")


def body_of(response):
    if response.json is not None:
        return response.json
    if response.body is None:
        return None
    try:
        return json.loads(response.body)
    except ValueError:
        return response.body


def record(name, response):
    url = urlsplit(response.full_url)
    return {
        "source": f"Python SDK {globus_sdk.__version__}",
        "name": name,
        "service": response.service,
        "method": response.method,
        "path": url.path + (f"?{url.query}" if url.query else ""),
        # version 3 has it in the arguments for `responses`
        "status": getattr(response, "status", None) or response.kwargs.get("status", 200),
        "body": body_of(response),
    }


def main(out, wanted):
    count = 0
    with open(out, "w", encoding="utf-8") as file:
        for module in pkgutil.walk_packages(data.__path__, data.__name__ + "."):
            registered = getattr(importlib.import_module(module.name), "RESPONSES", None)
            for name, response in leaves(registered, module.name.removeprefix(data.__name__ + ".")):
                if response.service and (not wanted or response.service in wanted):
                    file.write(json.dumps(record(name, response)) + "\n")
                    count += 1
    print(f"{count} responses of globus-sdk {globus_sdk.__version__}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
