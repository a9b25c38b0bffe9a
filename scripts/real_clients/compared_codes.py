"""What real clients do with the codes, statuses and texts of answers that they compare."""

import json
import urllib.request
import uuid

from globus_sdk import SearchClient, TransferClient

from checks import check, holds, refused, same
from lab import OTHER_ROBOT
from sdk_session import robot_app


@check
def the_cli_takes_an_unknown_bookmark_id_for_a_name(lab):
    lab.robot("bookmark", "show", uuid.uuid4(), exits=1, says="^No bookmark found for")


@check
def the_cli_lists_a_bookmark_of_a_collection_that_is_gone(lab):
    gone = lab.robot("gcp", "create", "mapped", "Gone", "-F", "unix", "--jmespath", "id").strip()
    mark = lab.robot.json("bookmark", "create", f"{gone}:/~/", "gone")["id"]
    lab.robot("endpoint", "delete", gone)
    lab.robot("bookmark", "list", says=r"\[DELETED ENDPOINT\]")
    lab.robot("bookmark", "delete", mark)


@check
def the_cli_maps_a_status_to_an_exit_code(lab):
    lab.robot("ls", f"{lab.source}:/nowhere", "--map-http-status", "404=54", exits=54)


@check
def the_cli_shows_why_a_membership_does_not_change(lab):
    group = lab.robot.json("group", "create", "Codes")["id"]
    lab.robot("group", "member", "add", group, OTHER_ROBOT)
    again = "already an active member of the group"
    lab.robot("group", "member", "add", group, OTHER_ROBOT, exits=1, says=again)
    lab.robot("group", "member", "remove", group, uuid.uuid4(), exits=1, says="no membership in group")
    # nobody else may see it
    lab.person("group", "show", group, exits=1, says="(?s)403.*FORBIDDEN")


@check
def the_cli_shows_the_code_of_an_unknown_index(lab):
    says = "NotFound.NoSuchIndex"
    lab.robot("search", "query", uuid.uuid4(), "-q", "*", exits=1, says=says)


@check
def the_sdk_tells_missing_credentials_by_their_code(lab):
    refused(400, "ClientError.AuthenticationFailed", TransferClient().task_list)
    error = refused(404, "NotFound.NoSuchIndex", lambda: SearchClient().search(uuid.uuid4(), "*"))
    holds(error.message.startswith("There is no search index named"), error.message)


@check
def the_sdk_asks_once_where_an_endpoint_has_refused(lab):
    transfer = TransferClient(app=robot_app())
    (lab.here / "made").mkdir()
    lab.control("DELETE", "requests", {})
    refused(502, "ExternalError.MkdirFailed.Exists", lambda: transfer.operation_mkdir(lab.source, "/made"))
    with urllib.request.urlopen(f"{lab.base}/_emulator/requests") as answer:
        asked = [one["status"] for one in json.load(answer) if one["path"].endswith("/mkdir")]
    same(asked, [502])
