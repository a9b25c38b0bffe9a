"""Writes every response registered in `globus_sdk.testing` as a line of JSON, for contract_replay.

usage: python scripts/export_corpus.py OUT.jsonl [SERVICE ...]

Needs the package globus-sdk and its test dependency `responses`. All services unless some are named.
"""

import importlib
import json
import pkgutil
import sys
from urllib.parse import urlsplit

import globus_sdk.testing
from globus_sdk.testing import data
from globus_sdk.testing.models import RegisteredResponse, ResponseList, ResponseSet


def leaves(registered):
    """Every single response of a set, a list, or both within each other."""
    if isinstance(registered, RegisteredResponse):
        yield registered
    elif isinstance(registered, ResponseList):
        for response in registered.responses:
            yield from leaves(response)
    elif isinstance(registered, ResponseSet):
        for _, response in registered._data.items():
            yield from leaves(response)


def body_of(response):
    if response.json is not None:
        return response.json
    if response.body is None:
        return None
    try:
        return json.loads(response.body)
    except ValueError:
        return response.body


def record(response):
    url = urlsplit(response.full_url)
    return {
        "service": response.service,
        "method": response.method,
        "path": url.path + (f"?{url.query}" if url.query else ""),
        "status": response.status,
        "body": body_of(response),
    }


def main(out, wanted):
    count = 0
    with open(out, "w", encoding="utf-8") as file:
        for module in pkgutil.walk_packages(data.__path__, data.__name__ + "."):
            registered = getattr(importlib.import_module(module.name), "RESPONSES", None)
            for response in leaves(registered):
                if response.service and (not wanted or response.service in wanted):
                    file.write(json.dumps(record(response)) + "\n")
                    count += 1
    print(f"{count} responses of globus-sdk {globus_sdk.__version__}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
