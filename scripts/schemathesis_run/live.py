"""Replaces generated values with ids that exist in the emulator.

Random ids only produce 404s. In three of four valid cases, parameters and body fields (at any depth) with
the name of a seeded object get its id. The choice depends only on the number of previous cases of the
operation, so runs are reproducible.
"""

import collections

import fixtures

LIVE_CASES = 3
OUT_OF = 4


def values_by_name(service, seed_outputs, token):
    """Existing values, by the names of parameters and body keys."""

    def ids(*names):
        return [seed_outputs[name] for name in names]

    home, archive, closed = fixtures.COLLECTIONS.values()
    tasks = ids("DONE", "SKIPPED", "ACTIVE", "PAUSED", "CANCELED")
    common = {"identity_id": ids("BOB", "ADA"), "principal": ids("BOB")}
    of_service = {
        "auth": {
            "identity_id": ids("PERSON"),
            "project_id": ids("PROJECT", "EMPTY_PROJECT"),
            "project": ids("PROJECT"),
            "policy_id": ids("POLICY"),
            "client_id": ids("CLIENT"),
            "credential_id": ids("CREDENTIAL"),
            "scope_id": ids("SCOPE"),
            "ids": ids("PERSON", "ADA"),
            "usernames": ["ada@sandbox.local"],
            "admin_ids": ids("PERSON"),
            "admin_group_ids": ids("GROUP"),
            "template_id": ids("CLIENT"),
            "redirect_uri": [fixtures.REDIRECT],
            "redirect_uris": [fixtures.REDIRECT],
            "response_type": ["code"],
            "token": [token],
        },
        "groups": {
            "group_id": ids("GROUP", "SUBGROUP"),
            "parent_id": ids("GROUP"),
        },
        "search": {
            "index_id": ids("INDEX"),
            "role_id": ids("INDEX_ROLE"),
            "task_id": ids("INDEX_TASK"),
            "subject": ["https://example.com/foo/bar", "https://example.com/foo/baz"],
            "entry_id": ["foo/bar"],
            "principal": ["urn:globus:auth:identity:" + seed_outputs["BOB"]],
        },
        "transfer": {
            "endpoint_id": [home, seed_outputs["GUEST"], closed],
            "source_endpoint": [home],
            "destination_endpoint": [archive],
            "endpoint": [home],
            "host_endpoint_id": [home],
            "host_endpoint": [home],
            "host_path": ["/results/"],
            "filter_endpoint": [home, archive, closed],
            "task_id": tasks,
            "task_id_list": tasks,
            "bookmark_id": ids("BOOKMARK"),
            "pause_rule_id": ids("PAUSE_RULE"),
            "rule_id": ids("RULE"),
            "role_id": ids("ROLE"),
            "server_id": ids("SERVER"),
            "admin_cancel_id": ids("ADMIN_CANCEL"),
            "submission_id": ids("SUBMISSION"),
            "path": ["/data/", "/", "/data/a.txt", "/data/nothing-yet/"],
            "old_path": ["/data/a.txt", "/old.txt"],
            "new_path": ["/data/new.txt"],
            "symlink_target": ["/data/b.txt"],
            "source_path": ["/data/a.txt", "/data/b.txt"],
            "destination_path": ["/data/copy", "/copies/another"],
        },
    }
    return common | of_service[service]


# where nothing exists yet
PATHS = {"LINK": "/data/link", "NEW": "/data/new/", "FQDN": "data.example.org"}

# where the name alone does not determine the object
SPECIAL = {
    ("delete_project", "project_id"): "EMPTY_PROJECT",
    ("reopen_index", "index_id"): "CLOSED_INDEX",
    ("oauth2_get_authorize_url", "client_id"): "ROBOT",
    ("delete_group", "group_id"): "SUBGROUP",
    ("add_client_fqdn", "fqdn"): "FQDN",
    ("get_endpoint_acl_rule", "endpoint_id"): "GUEST",
    ("update_endpoint_acl_rule", "endpoint_id"): "GUEST",
    ("delete_endpoint_acl_rule", "endpoint_id"): "GUEST",
    ("get_endpoint_role", "endpoint_id"): "HOME",
    ("delete_endpoint_role", "endpoint_id"): "HOME",
    ("get_endpoint_server", "endpoint_id"): "HOME",
    ("set_subscription_admin_verified", "endpoint_id"): "ARCHIVE",
    ("task_successful_transfers", "task_id"): "DONE",
    ("task_skipped_errors", "task_id"): "SKIPPED",
    ("update_task", "task_id"): "ACTIVE",
    ("cancel_task", "task_id"): "ACTIVE",
    ("remove_task", "task_id"): "DONE",
    ("endpoint_manager_cancel_tasks", "task_id_list"): "ACTIVE",
    ("endpoint_manager_pause_tasks", "task_id_list"): "ACTIVE",
    ("endpoint_manager_resume_tasks", "task_id_list"): "PAUSED",
    ("operation_symlink", "path"): "LINK",
    ("operation_mkdir", "path"): "NEW",
}


class Filler:
    """Fills existing ids into cases, deterministically."""

    def __init__(self, service, seed_outputs, token):
        self.names = values_by_name(service, seed_outputs, token)
        self.there = seed_outputs | PATHS
        self.cases = collections.Counter()

    def fill(self, case):
        self.name = operation_id(case)
        self.turn = self.cases[self.name]
        self.cases[self.name] += 1
        if self.turn % OUT_OF >= LIVE_CASES:
            return
        wrong = invalid_parts(case)
        for part in ("path_parameters", "query"):
            values = getattr(case, part)
            if part not in wrong and values:
                setattr(case, part, {name: self.value(name, value) for name, value in values.items()})
        if "body" not in wrong:
            case.body = self.filled(case.body)

    def value(self, name, generated):
        if (self.name, name) in SPECIAL:
            values = [self.there[SPECIAL[self.name, name]]]
        elif name in self.names:
            values = self.names[name]
        else:
            return generated
        if isinstance(generated, list):
            return [values[self.turn % len(values)] for _ in generated[:1]]
        if not isinstance(generated, str | int):
            return generated
        return values[self.turn % len(values)]

    def filled(self, node):
        if isinstance(node, list):
            return [self.filled(item) for item in node]
        if not isinstance(node, dict):
            return node
        if node.get("type") == "Collection":
            return node | {"id": fixtures.COLLECTIONS["HOME"]}
        # maps keyed by identity
        person = self.there["PERSON"]
        filled = {}
        for name, value in node.items():
            key = person if len(name) == len(person) and name.count("-") == person.count("-") else name
            filled[key] = self.filled(self.value(name, value))
        return filled


def operation_id(case):
    return case.operation.definition.raw["operationId"]


def invalid_parts(case):
    """The parts of a case that are deliberately invalid."""
    return {place.container_name for place, part in case.meta.components.items() if part.mode.is_negative}
