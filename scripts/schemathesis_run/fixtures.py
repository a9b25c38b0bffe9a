"""The initial contents of the emulator, as an emulator seed.

They have at least one object of every kind, and tasks that succeeded, failed, are active and are paused.
"""

from pathlib import Path

PERSON = "user@sandbox.local"
ROBOT = "c0ffee00-0000-4000-8000-000000000001"
SECRET = "a secret"
REDIRECT = "https://example.org/redirect"

# a pause rule pauses everything on the last one
COLLECTIONS = {
    "HOME": "aaaaaaaa-0000-4000-8000-000000000001",
    "ARCHIVE": "aaaaaaaa-0000-4000-8000-000000000002",
    "CLOSED": "aaaaaaaa-0000-4000-8000-000000000003",
}
FILES = ["data/a.txt", "data/b.txt", "data/deep/c.txt", "results/d.txt", "old.txt"]


def write_files(root):
    """Writes the initial files of the collections."""
    for name in COLLECTIONS:
        for file in FILES:
            path = Path(root) / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file)


def request(path, body=None, method="POST", **outputs):
    asked = {"method": method, "path": path, "outputs": outputs}
    return asked if body is None else asked | {"body": body}


def get(path, **outputs):
    return request(path, method="GET", **outputs)


def task(name, items, **more):
    """A transfer from the first collection to the second, or to another."""
    document = {
        "DATA_TYPE": "transfer",
        "submission_id": f"{{SUBMISSION_{name}}}",
        "source_endpoint": COLLECTIONS["HOME"],
        "destination_endpoint": COLLECTIONS["ARCHIVE"],
        "DATA": [
            {"DATA_TYPE": "transfer_item", "source_path": path, "destination_path": f"/copies/{name}{number}"}
            for number, path in enumerate(items)
        ],
    }
    return [
        get("/v0.10/submission_id", **{f"SUBMISSION_{name}": "/value"}),
        request("/v0.10/transfer", document | more, **{name: "/task_id"}),
    ]


def entry(subject, name=None):
    content = {"title": subject, "year": 1990, "foo": "a user query"}
    return {"subject": subject, "id": name, "visible_to": ["public"], "content": content}


def auth():
    scope = {
        "name": "All of it",
        "description": "All that the service does",
        "scope_suffix": "all",
        "dependent_scopes": [],
    }
    policy = {
        "project_id": "{PROJECT}",
        "display_name": "A fresh login",
        "description": "One of the last hour",
        "high_assurance": True,
        "authentication_assurance_timeout": 3600,
    }
    client = {
        "name": "A service",
        "project": "{PROJECT}",
        "client_type": "confidential_client",
        "visibility": "public",
        "redirect_uris": [REDIRECT],
    }
    return [
        get(f"/v2/api/identities?usernames={PERSON}", PERSON="/identities/0/id"),
        get("/v2/api/identities?usernames=ada@sandbox.local", ADA="/identities/0/id"),
        get("/v2/api/identities?usernames=bob@example.org", BOB="/identities/0/id"),
        get("/v2/api/identity_providers?domains=sandbox.local", PROVIDER="/identity_providers/0/id"),
        request(
            "/v2/api/projects",
            {"project": {"display_name": "Observatory", "contact_email": PERSON, "admin_ids": ["{PERSON}"]}},
            PROJECT="/project/id",
        ),
        # only an empty project can be deleted
        request(
            "/v2/api/projects",
            {"project": {"display_name": "Nothing yet", "contact_email": PERSON, "admin_ids": ["{PERSON}"]}},
            EMPTY_PROJECT="/project/id",
        ),
        request("/v2/api/policies", {"policy": policy}, POLICY="/policy/id"),
        request("/v2/api/clients", {"client": client}, CLIENT="/client/id"),
        request(
            "/v2/api/clients/{CLIENT}/credentials",
            {"credential": {"name": "the first"}},
            CREDENTIAL="/credential/id",
        ),
        request("/v2/api/clients/{CLIENT}/scopes", {"scope": scope}, SCOPE="/scope/id"),
    ]


def groups():
    return [
        request("/v2/groups", {"name": "Astronomers", "description": "Who look up"}, GROUP="/id"),
        request("/v2/groups/{GROUP}", {"add": [{"identity_id": "{ADA}", "role": "member"}]}),
        request("/v2/groups", {"name": "Of comets", "parent_id": "{GROUP}"}, SUBGROUP="/id"),
    ]


def search():
    index = {"display_name": "Observations", "description": "What was seen"}
    entries = [entry("https://example.com/foo/bar"), entry("https://example.com/foo/baz", "foo/bar")]
    return [
        request("/v1/index", index, INDEX="/id"),
        request(
            "/v1/index/{INDEX}/role",
            {"role_name": "writer", "principal": "urn:globus:auth:identity:{ADA}"},
            INDEX_ROLE="/id",
        ),
        request(
            "/v1/index/{INDEX}/ingest",
            {"ingest_type": "GMetaList", "ingest_data": {"gmeta": entries}},
            INDEX_TASK="/task_id",
        ),
        request("/v1/index", index | {"display_name": "Given up"}, CLOSED_INDEX="/id"),
        request("/v1/index/{CLOSED_INDEX}", method="DELETE"),
    ]


def transfer():
    home = f"/v0.10/endpoint/{COLLECTIONS['HOME']}"
    guest = {
        "DATA_TYPE": "shared_endpoint",
        "host_endpoint_id": COLLECTIONS["HOME"],
        "host_path": "/data/",
        "display_name": "For guests",
    }
    role = {"DATA_TYPE": "role", "principal_type": "identity", "principal": "{ADA}", "role": "activity_monitor"}
    rule = {
        "DATA_TYPE": "access",
        "principal_type": "identity",
        "principal": "{ADA}",
        "path": "/deep/",
        "permissions": "r",
    }
    bookmark = {
        "DATA_TYPE": "bookmark",
        "name": "the data",
        "endpoint_id": COLLECTIONS["HOME"],
        "path": "/data/",
    }
    pause = {
        "DATA_TYPE": "pause_rule",
        "endpoint_id": COLLECTIONS["CLOSED"],
        "message": "The dome is being painted",
        "pause_task_transfer_write": True,
        "pause_task_transfer_read": True,
    }
    cancel = {"DATA_TYPE": "admin_cancel", "task_id_list": ["{CANCELED}"], "message": "No more of this"}
    return [
        request("/v0.10/shared_endpoint", guest, GUEST="/id"),
        request("/v0.10/endpoint/{GUEST}/access", rule, RULE="/access_id"),
        request(f"{home}/role", role, ROLE="/id"),
        get(f"{home}/server_list", SERVER="/DATA/0/id"),
        request(
            f"/v0.10/endpoint/{COLLECTIONS['ARCHIVE']}/subscription", {"subscription_id": "{ADA}"}, method="PUT"
        ),
        request("/v0.10/bookmark", bookmark, BOOKMARK="/id"),
        *task("DONE", ["/data/a.txt", "/data/b.txt"]),
        *task("SKIPPED", ["/data/a.txt", "/nowhere"], skip_source_errors=True),
        # it retries until its deadline
        *task("ACTIVE", ["/nowhere"]),
        *task("CANCELED", ["/nowhere"]),
        request("/v0.10/endpoint_manager/admin_cancel", cancel, ADMIN_CANCEL="/id"),
        request("/v0.10/endpoint_manager/pause_rule", pause, PAUSE_RULE="/id"),
        *task("PAUSED", ["/data/a.txt"], destination_endpoint=COLLECTIONS["CLOSED"]),
        # for the next submission
        get("/v0.10/submission_id", SUBMISSION="/value"),
    ]


def seed(root):
    """The document for `--seed`, with the collections' folders under `root`."""
    return {
        "users": [
            {"username": "ada@sandbox.local", "name": "Ada Lovelace"},
            {"username": "bob@example.org", "name": "Bob"},
        ],
        "clients": [{"id": ROBOT, "secret": SECRET, "redirect_uris": [REDIRECT]}],
        "collections": [
            {"id": number, "display_name": name.title(), "folder": str(Path(root) / name)}
            for name, number in COLLECTIONS.items()
        ],
        "requests": [*auth(), *groups(), *search(), *transfer()],
    }
