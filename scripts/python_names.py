"""Holds the names in the table of operations against the public methods of the Python SDK.

usage: cargo run -q --example operations -- --json | python scripts/python_names.py

Every public method of the clients of Auth, Transfer, Search and Groups is an operation of ours or
stands below with a reason, and every name that we give is one of theirs. Needs globus-sdk.
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

# Methods that make no HTTP request of their own.
NOT_OPERATIONS = {
    "oauth2_start_flow": "makes a flow manager: auth::AuthorizationCodeFlow here",
    "add_app_data_access_scope": "asks an app for a scope: Globus's scopes here",
    "task_wait": "polls get_task: transfer::Client::wait here",
    "exchange_code_for_tokens": "a flow's, calls oauth2_token",
    "get_authorize_url": "a flow's, builds oauth2_get_authorize_url",
}
# What version 3 had and version 4 has not, beside what we call deprecated.
OF_VERSION_3 = {
    "AuthClient.oauth2_userinfo",
    "TransferClient.create_endpoint",
    "TransferClient.operation_symlink",
}
# GroupsManager's are shorthands: each calls the operation of GroupsClient named here.
MANAGER = {
    "create_group": "create_group",
    "set_group_policies": "set_group_policies",
}
MANAGER_DEFAULT = "batch_membership_action"


def public(client):
    """Names of the methods that a client has and no other kind of client."""
    everyones = dir(globus_sdk.BaseClient)
    for name in dir(client):
        if not name.startswith("_") and name not in everyones and callable(getattr(client, name)):
            yield name


def named(client, name, ours):
    """Whether we know it, under this class or one that it is inherited from."""
    if client is globus_sdk.GroupsManager:
        return f"GroupsClient.{MANAGER.get(name, MANAGER_DEFAULT)}" in ours
    return any(f"{base.__name__}.{name}" in ours for base in client.__mro__)


def main(lines):
    operations = [json.loads(line) for line in lines]
    ours = {name for operation in operations for name in operation["python_names"]}
    methods = {(client, name) for client in CLIENTS for name in public(client)}
    problems = []
    for client, name in sorted(methods, key=lambda m: (m[0].__name__, m[1])):
        if name not in NOT_OPERATIONS and not named(client, name, ours):
            problems.append(f"missing: {client.__name__}.{name} is no operation of any spec")
    theirs = {name for _, name in methods}
    for name in sorted(NOT_OPERATIONS.keys() - theirs):
        problems.append(f"stale: {name} is excused, and is no method of any client")
    for operation in operations:
        # what the service has retired, a newer SDK may have dropped
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
