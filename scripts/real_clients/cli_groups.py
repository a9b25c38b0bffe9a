"""Groups by the CLI, as one who manages them and as one who joins."""

from checks import check, holds, same
from lab import OTHER_ROBOT, PERSON


def group(lab, name, *arguments):
    return lab.robot.json("group", "create", name, *arguments)["id"]


def members(lab, made):
    shown = lab.robot.json("group", "member", "list", made)["memberships"]
    return {one["username"]: (one["role"], one["status"]) for one in shown}


@check
def a_group_is_created_listed_shown_updated_and_deleted(lab):
    made = group(lab, "A group", "--description", "of checks")
    inner = group(lab, "Inside it", "--parent-id", made)
    lab.robot("group", "list", says=made)
    lab.robot("group", "show", made, says="of checks")
    lab.robot("group", "update", made, "--name", "Renamed", "--description", "other", says="updated")
    shown = lab.robot.json("group", "show", made)
    same((shown["name"], shown["description"]), ("Renamed", "other"))
    lab.robot("group", "delete", inner, says="deleted")
    lab.robot("group", "delete", made, says="deleted")
    lab.robot("group", "show", made, exits=1, says="40[34]")


@check
def members_are_added_listed_and_removed(lab):
    made = group(lab, "Added")
    lab.robot("group", "member", "add", made, OTHER_ROBOT, "--role", "manager", says="Added User")
    lab.robot("group", "member", "add", made, PERSON, says=PERSON)
    lab.robot("group", "member", "list", made, says=f"{PERSON} +. member +. active")
    same(members(lab, made)[f"{OTHER_ROBOT}@clients.auth.globus.org"], ("manager", "active"))
    lab.robot("group", "member", "remove", made, PERSON, says="Removed User")
    holds(members(lab, made).get(PERSON, (None, "removed"))[1] == "removed", members(lab, made))
    lab.robot("group", "member", "add", made, OTHER_ROBOT, exits=1)


@check
def who_is_invited_accepts_or_declines_and_leaves(lab):
    made = group(lab, "Invited")
    lab.robot("group", "member", "invite", made, PERSON, says="Invited User")
    lab.person("group", "invite", "decline", made)
    lab.robot("group", "member", "invite", made, PERSON)
    lab.person("group", "invite", "accept", made)
    same(members(lab, made)[PERSON], ("member", "active"))
    lab.person("group", "list", says=made)
    lab.person("group", "leave", made)
    holds(made not in lab.person("group", "list"), "who left is still a member")


@check
def who_asks_to_join_is_approved_or_rejected(lab):
    made = group(lab, "Asked")
    lab.robot(
        "group", "set-policies", made, "--join-requests", "--visibility", "authenticated", says="updated"
    )
    lab.person("group", "join", made, "--request")
    same(members(lab, made)[PERSON][1], "pending")
    lab.robot("group", "member", "reject", made, PERSON)
    lab.person("group", "join", made, "--request")
    lab.robot("group", "member", "approve", made, PERSON)
    same(members(lab, made)[PERSON][1], "active")


@check
def a_group_opens_a_guest_collection_to_its_members(lab):
    made = group(lab, "Readers")
    (lab.here / "for-readers").mkdir(exist_ok=True)
    (lab.here / "for-readers" / "page").write_text("read")
    place = f"{lab.source}:/for-readers/"
    collection = lab.robot(
        "gcp", "create", "guest", "Readers", place, "-F", "unix", "--jmespath", "id"
    ).strip()
    lab.robot(
        "endpoint",
        "permission",
        "create",
        f"{collection}:/",
        "--group",
        made,
        "--permissions",
        "r",
        says="created",
    )
    lab.robot("group", "member", "add", made, OTHER_ROBOT)
    listed = lab.robot.json("endpoint", "permission", "list", collection)["DATA"]
    holds(made in [one["principal"] for one in listed], listed)
