"""What is there in the emulator, in place of what Schemathesis made up.

Random ids meet nothing but 404s. So what has the name of something that is there gets the id of it, in
parameters and at any depth of bodies, in three of four cases that are right by the spec. Which it is depends
on nothing but how many cases of the operation came before.
"""

import collections

import world

REAL = 3
OF = 4


def named(service, kept, token):
    """By the names of parameters and of keys: what is there under them."""

    def ids(*names):
        return [kept[name] for name in names]

    home, archive, closed = world.COLLECTIONS.values()
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
            "redirect_uri": [world.REDIRECT],
            "redirect_uris": [world.REDIRECT],
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
            "principal": ["urn:globus:auth:identity:" + kept["BOB"]],
        },
        "transfer": {
            "endpoint_id": [home, kept["GUEST"], closed],
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


# where nothing is yet
PATHS = {"LINK": "/data/link", "NEW": "/data/new/", "FQDN": "data.example.org"}

# where the name alone does not say which
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
    """Puts what is there into cases, the same into the same case of every run."""

    def __init__(self, service, kept, token):
        self.names = named(service, kept, token)
        self.there = kept | PATHS
        self.cases = collections.Counter()

    def fill(self, case):
        self.name = name_of(case)
        self.turn = self.cases[self.name]
        self.cases[self.name] += 1
        if self.turn % OF >= REAL:
            return
        wrong = wrong_parts(case)
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
            return node | {"id": world.COLLECTIONS["HOME"]}
        # maps by identity
        person = self.there["PERSON"]
        filled = {}
        for name, value in node.items():
            key = person if len(name) == len(person) and name.count("-") == person.count("-") else name
            filled[key] = self.filled(self.value(name, value))
        return filled


def name_of(case):
    return case.operation.definition.raw["operationId"]


def wrong_parts(case):
    """The parts of a case that are wrong by the spec, on purpose."""
    return {place.container_name for place, part in case.meta.components.items() if part.mode.is_negative}
