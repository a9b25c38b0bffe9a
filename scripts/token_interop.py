"""Tests that the Python SDK and the example token_interop can share token files and databases.

usage: token_interop.py TOKEN_INTEROP

Each reads what the other wrote, and both take turns writing to the same file. Fails at the first
difference.
"""

import json
import os
import subprocess
import sys
import tempfile
import types
from pathlib import Path

from globus_sdk import GlobusAppConfig
from globus_sdk.token_storage import JSONTokenStorage, SQLiteTokenStorage, TokenStorageData
from globus_sdk.token_storage.legacy import SimpleJSONFileAdapter, SQLiteAdapter

FIELDS = (
    "resource_server identity_id scope access_token refresh_token expires_at_seconds token_type".split()
)
FULL = dict(
    resource_server="transfer.api.globus.org",
    identity_id="46bd0f56-e24f-11e5-a510-131bef46955c",
    scope="urn:globus:auth:scope:transfer.api.globus.org:all",
    access_token='Ag "quoted" \\ ünïcødé',
    refresh_token="refresh",
    expires_at_seconds=1800000001,
    token_type="Bearer",
)
BARE = dict(
    resource_server="auth.globus.org",
    identity_id=None,
    scope="openid email",
    access_token="another",
    refresh_token=None,
    expires_at_seconds=0,
    token_type=None,
)
done = 0


def equal(what, left, right):
    global done
    if left != right:
        sys.exit(f"{what}:\n  {left}\n  {right}")
    print(f"ok: {what}")
    done += 1


def rust(action, kind, path, namespace, value=None):
    """Runs the example and parses its JSON output."""
    command = [sys.argv[1], action, kind, str(path), namespace]
    ran = subprocess.run(command, input=json.dumps(value), capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}: {ran.stdout}{ran.stderr}")
    return json.loads(ran.stdout)


def by_server(tokens):
    return {data["resource_server"]: {field: data.get(field) for field in FIELDS} for data in tokens}


def stored_tokens(storage):
    """The contents of a Python storage."""
    if hasattr(storage, "get_by_resource_server"):
        found = storage.get_by_resource_server().values()
    else:
        found = [data.to_dict() for data in storage.get_token_data_by_resource_server().values()]
    return by_server(found)


def store_tokens(storage, tokens):
    if hasattr(storage, "store"):
        storage.store(types.SimpleNamespace(by_resource_server={t["resource_server"]: t for t in tokens}))
    else:
        data = {t["resource_server"]: TokenStorageData(**t) for t in tokens}
        storage.store_token_data_by_resource_server(data)


def both_ways(name, kind, opened, folder, namespace="DEFAULT", read_as=None):
    """Python writes and Rust reads, then the reverse, then they take turns."""
    tokens = [FULL, BARE]
    theirs, ours = folder / f"{name} of Python", folder / f"{name} of Rust"
    store_tokens(opened(theirs), tokens)
    equal(f"{name}: Rust reads Python's", by_server(rust("read", read_as or kind, theirs, namespace)), by_server(tokens))
    rust("write", kind, ours, namespace, tokens)
    equal(f"{name}: Python reads Rust's", stored_tokens(opened(ours)), by_server(tokens))
    new = dict(BARE, access_token="renewed", expires_at_seconds=1900000000)
    rust("write", read_as or kind, theirs, namespace, [new])
    again = opened(theirs) if read_as is None else JSONTokenStorage(theirs)
    equal(f"{name}: Python reads what Rust updated", stored_tokens(again), by_server([FULL, new]))
    store_tokens(opened(ours), [new])
    equal(f"{name}: Rust reads what Python updated", by_server(rust("read", kind, ours, namespace)), by_server([FULL, new]))


def namespaces(name, kind, opened, folder):
    """Changes in Rust's namespace do not affect Python's."""
    path = folder / f"{name} of both"
    store_tokens(opened(path, "python's"), [FULL, BARE])
    rust("write", kind, path, "rust's", [FULL])
    rust("remove", kind, path, "rust's", FULL["resource_server"])
    rust("write", kind, path, "rust's", [BARE])
    equal(f"{name}: Python's own namespace is unchanged", stored_tokens(opened(path, "python's")), by_server([FULL, BARE]))
    equal(f"{name}: Python reads Rust's namespace", stored_tokens(opened(path, "rust's")), by_server([BARE]))


def configuration(name, opened, kind, folder):
    """Configuration values stored next to the tokens."""
    path, value = folder / f"{name} with configuration", {"a": [1, None, "ü"]}
    adapter = opened(path)
    adapter.store_config("theirs", value)
    equal(f"{name}: Rust reads Python's configuration", rust("read-config", kind, path, "DEFAULT", "theirs"), value)
    rust("write-config", kind, path, "DEFAULT", {"name": "ours", "value": value})
    equal(f"{name}: Python reads Rust's configuration", adapter.read_config("ours"), value)
    rust("write-config", "sqlite", folder / "a new database", "DEFAULT", {"name": "ours", "value": value})
    adapter = opened(folder / "a new database")
    equal("sqlite: Python's SQLiteAdapter reads configuration of a new database", adapter.read_config("ours"), value)


def default_locations(folder):
    """The default location of an app's tokens."""
    os.environ.update(HOME=str(folder), LOCALAPPDATA=str(folder))
    id = "61338d24-54d5-408f-a10d-66c06b59f6d2"
    for environment in ["production", "preview"]:
        for app in ["My App", "../v1.2: ÄÖ?\u200b\t'", "e\u0301 com1"]:
            config = GlobusAppConfig(environment=environment)
            theirs = JSONTokenStorage.for_globus_app(id, app, config, "DEFAULT").filepath
            equal(f"default location of {app!a} in {environment}", rust("place", environment, id, app), theirs)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        json_2 = lambda path, namespace="DEFAULT": JSONTokenStorage(path, namespace=namespace)
        sqlite = lambda path, namespace="DEFAULT": SQLiteTokenStorage(path, namespace=namespace)
        both_ways("JSON 2.0", "json", json_2, folder)
        both_ways("JSON 1.0, read as 2.0", "legacy-json", SimpleJSONFileAdapter, folder, read_as="json")
        both_ways("SQLite", "sqlite", sqlite, folder)
        both_ways("SimpleJSONFileAdapter", "legacy-json", SimpleJSONFileAdapter, folder)
        both_ways("SQLiteAdapter", "legacy-sqlite", SQLiteAdapter, folder)
        namespaces("JSON 2.0", "json", json_2, folder)
        namespaces("SQLite", "sqlite", sqlite, folder)
        configuration("SQLiteAdapter", SQLiteAdapter, "legacy-sqlite", folder)
        default_locations(folder)
    print(f"{done} comparisons, no difference")


main()
