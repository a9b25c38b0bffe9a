"""What real clients do with the codes, statuses and texts of answers that they compare."""

import json
import urllib.request
import uuid

from globus_sdk import SearchClient, TransferClient

from checks import assert_equal, assert_error, assert_that, check
from environment import OTHER_ROBOT
from sdk_session import robot_app


@check
def the_cli_takes_an_unknown_bookmark_id_for_a_name(env):
    env.robot("bookmark", "show", uuid.uuid4(), exit_code=1, matches="^No bookmark found for")


@check
def the_cli_lists_a_bookmark_of_a_collection_that_is_gone(env):
    gone = env.robot("gcp", "create", "mapped", "Gone", "-F", "unix", "--jmespath", "id").strip()
    mark = env.robot.json("bookmark", "create", f"{gone}:/~/", "gone")["id"]
    env.robot("endpoint", "delete", gone)
    env.robot("bookmark", "list", matches=r"\[DELETED ENDPOINT\]")
    env.robot("bookmark", "delete", mark)


@check
def the_cli_maps_a_status_to_an_exit_code(env):
    env.robot("ls", f"{env.source}:/nowhere", "--map-http-status", "404=54", exit_code=54)


@check
def the_cli_shows_why_a_membership_does_not_change(env):
    group = env.robot.json("group", "create", "Codes")["id"]
    env.robot("group", "member", "add", group, OTHER_ROBOT)
    again = "already an active member of the group"
    env.robot("group", "member", "add", group, OTHER_ROBOT, exit_code=1, matches=again)
    env.robot("group", "member", "remove", group, uuid.uuid4(), exit_code=1, matches="no membership in group")
    # nobody else may see it
    env.person("group", "show", group, exit_code=1, matches="(?s)403.*FORBIDDEN")


@check
def the_cli_shows_the_code_of_an_unknown_index(env):
    says = "NotFound.NoSuchIndex"
    env.robot("search", "query", uuid.uuid4(), "-q", "*", exit_code=1, matches=says)


@check
def the_sdk_tells_missing_credentials_by_their_code(env):
    assert_error(400, "ClientError.AuthenticationFailed", TransferClient().task_list)
    error = assert_error(404, "NotFound.NoSuchIndex", lambda: SearchClient().search(uuid.uuid4(), "*"))
    assert_that(error.message.startswith("There is no search index named"), error.message)


@check
def the_sdk_asks_once_where_an_endpoint_has_refused(env):
    transfer = TransferClient(app=robot_app())
    (env.here / "made").mkdir()
    env.control("DELETE", "requests", {})
    assert_error(502, "ExternalError.MkdirFailed.Exists", lambda: transfer.operation_mkdir(env.source, "/made"))
    with urllib.request.urlopen(f"{env.base}/_emulator/requests") as answer:
        asked = [one["status"] for one in json.load(answer) if one["path"].endswith("/mkdir")]
    assert_equal(asked, [502])
