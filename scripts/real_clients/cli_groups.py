"""Groups with the CLI, as a manager and as a member."""

from checks import check, assert_that, assert_equal
from environment import OTHER_ROBOT, PERSON


def group(env, name, *arguments):
    return env.robot.json("group", "create", name, *arguments)["id"]


def members(env, made):
    shown = env.robot.json("group", "member", "list", made)["memberships"]
    return {one["username"]: (one["role"], one["status"]) for one in shown}


@check
def a_group_is_created_listed_shown_updated_and_deleted(env):
    made = group(env, "A group", "--description", "of checks")
    inner = group(env, "Inside it", "--parent-id", made)
    env.robot("group", "list", matches=made)
    env.robot("group", "show", made, matches="of checks")
    env.robot("group", "update", made, "--name", "Renamed", "--description", "other", matches="updated")
    shown = env.robot.json("group", "show", made)
    assert_equal((shown["name"], shown["description"]), ("Renamed", "other"))
    env.robot("group", "delete", inner, matches="deleted")
    env.robot("group", "delete", made, matches="deleted")
    env.robot("group", "show", made, exit_code=1, matches="40[34]")


@check
def members_are_added_listed_and_removed(env):
    made = group(env, "Added")
    env.robot("group", "member", "add", made, OTHER_ROBOT, "--role", "manager", matches="Added User")
    env.robot("group", "member", "add", made, PERSON, matches=PERSON)
    env.robot("group", "member", "list", made, matches=f"{PERSON} +. member +. active")
    assert_equal(members(env, made)[f"{OTHER_ROBOT}@clients.auth.globus.org"], ("manager", "active"))
    env.robot("group", "member", "remove", made, PERSON, matches="Removed User")
    assert_that(members(env, made).get(PERSON, (None, "removed"))[1] == "removed", members(env, made))
    env.robot("group", "member", "add", made, OTHER_ROBOT, exit_code=1)


@check
def invitations_are_accepted_declined_and_members_leave(env):
    made = group(env, "Invited")
    env.robot("group", "member", "invite", made, PERSON, matches="Invited User")
    env.person("group", "invite", "decline", made)
    env.robot("group", "member", "invite", made, PERSON)
    env.person("group", "invite", "accept", made)
    assert_equal(members(env, made)[PERSON], ("member", "active"))
    env.person("group", "list", matches=made)
    env.person("group", "leave", made)
    assert_that(made not in env.person("group", "list"), "a member who left is still listed")


@check
def requests_to_join_are_approved_or_rejected(env):
    made = group(env, "Asked")
    env.robot(
        "group", "set-policies", made, "--join-requests", "--visibility", "authenticated", matches="updated"
    )
    env.person("group", "join", made, "--request")
    assert_equal(members(env, made)[PERSON][1], "pending")
    env.robot("group", "member", "reject", made, PERSON)
    env.person("group", "join", made, "--request")
    env.robot("group", "member", "approve", made, PERSON)
    assert_equal(members(env, made)[PERSON][1], "active")


@check
def a_group_gets_access_to_a_guest_collection(env):
    made = group(env, "Readers")
    (env.here / "for-readers").mkdir(exist_ok=True)
    (env.here / "for-readers" / "page").write_text("read")
    place = f"{env.source}:/for-readers/"
    collection = env.robot(
        "gcp", "create", "guest", "Readers", place, "-F", "unix", "--jmespath", "id"
    ).strip()
    env.robot(
        "endpoint",
        "permission",
        "create",
        f"{collection}:/",
        "--group",
        made,
        "--permissions",
        "r",
        matches="created",
    )
    env.robot("group", "member", "add", made, OTHER_ROBOT)
    listed = env.robot.json("endpoint", "permission", "list", collection)["DATA"]
    assert_that(made in [one["principal"] for one in listed], listed)
