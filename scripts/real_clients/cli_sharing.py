"""Guest collections, roles, access rules and bookmarks, by the CLI."""

from checks import check, same
from lab import OTHER_ROBOT
from trees import TREE, grow


def id_of(lab, *arguments, key="id"):
    return lab.robot(*arguments, "-F", "unix", "--jmespath", key).strip()


def guest(lab):
    """A new guest collection of a folder."""
    grow(lab.here / "shared", TREE)
    return id_of(lab, "gcp", "create", "guest", "Shared", f"{lab.source}:/shared/")


@check
def a_guest_collection_shows_its_folder(lab):
    collection = guest(lab)
    lab.robot("endpoint", "show", collection, says="Shared")
    lab.robot("endpoint", "my-shared-endpoint-list", lab.source, says=collection)
    lab.robot("ls", collection, says="^sub/$")
    lab.robot("endpoint", "delete", collection, says="deleted")


@check
def roles_are_given_shown_listed_and_taken_back(lab):
    collection = guest(lab)
    lab.robot("endpoint", "role", "list", collection, says="administrator")
    role = id_of(
        lab, "endpoint", "role", "create", collection, "--identity", OTHER_ROBOT, "--role", "activity_manager"
    )
    lab.robot("endpoint", "role", "show", collection, role, says="activity_manager")
    lab.robot("endpoint", "role", "list", collection, says="activity_manager")
    lab.robot("endpoint", "role", "delete", collection, role, says="deleted")
    lab.robot("endpoint", "role", "show", collection, role, exits=1, says="NotFound|404")


@check
def permissions_are_created_shown_listed_updated_and_deleted(lab):
    collection = guest(lab)
    place = f"{collection}:/sub/"
    create = "endpoint", "permission", "create"
    rule = id_of(lab, *create, place, "--identity", OTHER_ROBOT, "--permissions", "r", key="access_id")
    lab.robot(*create, place, "--identity", OTHER_ROBOT, "--permissions", "r", exits=1, says="Exists")
    lab.robot(*create, f"{collection}:/", "--all-authenticated", "--permissions", "r", says="created")
    lab.robot(*create, place, "--anonymous", "--permissions", "r", says="created")
    lab.robot("endpoint", "permission", "show", collection, rule, says="/sub/")
    lab.robot("endpoint", "permission", "update", collection, rule, "--permissions", "rw", says="updated")
    listed = lab.robot.json("endpoint", "permission", "list", collection)["DATA"]
    same([one["permissions"] for one in listed if one["id"] == rule], ["rw"])
    lab.person("ls", place, says="b.bin")
    lab.robot("endpoint", "permission", "delete", collection, rule, says="deleted")
    lab.robot("endpoint", "permission", "show", collection, rule, exits=1, says="404")
    lab.robot("endpoint", "permission", "list", lab.source, exits=1, says="NotSupported")


@check
def bookmarks_are_created_listed_shown_renamed_and_deleted(lab):
    place = f"{lab.source}:/src/"
    lab.robot("bookmark", "create", place, "one", says="Bookmark ID")
    lab.robot("bookmark", "list", says="^one ")
    same(lab.robot("bookmark", "show", "one").strip(), place)
    lab.robot("bookmark", "rename", "one", "two", says="Success")
    lab.robot("bookmark", "show", "-v", "two", says="/src/")
    lab.robot("bookmark", "delete", "two", says="deleted")
    lab.robot("bookmark", "show", "two", exits=1)
