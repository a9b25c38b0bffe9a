"""Compares the Python names in the operation table with the public methods of the Python SDK.

usage: cargo run -q --example operations -- --json | python scripts/python_names.py

Every public method of the clients of Auth, Transfer, Search and Groups must be one of our operations or an
exception below with a reason, and every Python name in our table must exist there. Requires globus-sdk.
"""

import json
import sys

import globus_sdk
from globus_sdk.experimental.transfer_v2 import TransferClientV2
from globus_sdk.services.auth import flow_managers

CLIENTS = [
    globus_sdk.AuthClient,
    globus_sdk.AuthLoginClient,
    globus_sdk.NativeAppAuthClient,
    globus_sdk.ConfidentialAppAuthClient,
    globus_sdk.TransferClient,
    TransferClientV2,
    globus_sdk.SearchClient,
    globus_sdk.GroupsClient,
    globus_sdk.GroupsManager,
    flow_managers.GlobusNativeAppFlowManager,
    flow_managers.GlobusAuthorizationCodeFlowManager,
]

# Methods that do not make an HTTP request themselves.
NOT_OPERATIONS = {
    "oauth2_start_flow": "creates a flow manager: auth::AuthorizationCodeFlow here",
    "add_app_data_access_scope": "adds a scope to an app: Globus's scopes here",
    "task_wait": "polls get_task: transfer::Client::wait here",
    "exchange_code_for_tokens": "a flow's, calls oauth2_token",
    "get_authorize_url": "a flow's, builds oauth2_get_authorize_url",
}
# Methods of version 3 that version 4 does not have, apart from those we mark as deprecated.
OF_VERSION_3 = {
    "AuthClient.oauth2_userinfo",
    "TransferClient.create_endpoint",
    "TransferClient.operation_symlink",
}
# GroupsManager's methods are shorthands: each calls this operation of GroupsClient.
MANAGER = {
    "create_group": "create_group",
    "set_group_policies": "set_group_policies",
}
MANAGER_DEFAULT = "batch_membership_action"


def public_methods(client):
    """Names of a client's methods that the base class does not have."""
    everyones = dir(globus_sdk.BaseClient)
    for name in dir(client):
        if not name.startswith("_") and name not in everyones and callable(getattr(client, name)):
            yield name


def is_covered(client, name, ours):
    """Whether our table has the method, under this class or a base class."""
    if client is globus_sdk.GroupsManager:
        return f"GroupsClient.{MANAGER.get(name, MANAGER_DEFAULT)}" in ours
    return any(f"{base.__name__}.{name}" in ours for base in client.__mro__)


def main(lines):
    operations = [json.loads(line) for line in lines]
    ours = {name for operation in operations for name in operation["python_names"]}
    methods = {(client, name) for client in CLIENTS for name in public_methods(client)}
    problems = []
    for client, name in sorted(methods, key=lambda m: (m[0].__name__, m[1])):
        if name not in NOT_OPERATIONS and not is_covered(client, name, ours):
            problems.append(f"missing: {client.__name__}.{name} is not an operation of any spec")
    theirs = {name for _, name in methods}
    for name in sorted(NOT_OPERATIONS.keys() - theirs):
        problems.append(f"stale: {name} is listed as an exception, but is not a method of any client")
    for operation in operations:
        # a newer SDK may have removed deprecated operations
        if operation["deprecated"]:
            continue
        for full in operation["python_names"]:
            owner, _, name = full.partition(".")
            found = [client for client in CLIENTS if client.__name__ == owner]
            if full not in OF_VERSION_3 and not any(hasattr(client, name) for client in found):
                problems.append(f"unknown: {full}, of {operation['name']}, is not in the Python SDK")
    print("\n".join(problems + [
        f"{len(methods)} methods of globus-sdk {globus_sdk.__version__}, {len(ours)} names of ours, "
        f"{len(problems)} problems"
    ]))
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.stdin))
