"""Guest collections, roles, access rules and bookmarks with the CLI."""

from checks import check, assert_equal
from environment import OTHER_ROBOT
from trees import TREE, write_tree


def id_of(env, *arguments, key="id"):
    return env.robot(*arguments, "-F", "unix", "--jmespath", key).strip()


def guest(env):
    """Creates a guest collection of a folder."""
    write_tree(env.here / "shared", TREE)
    return id_of(env, "gcp", "create", "guest", "Shared", f"{env.source}:/shared/")


@check
def a_guest_collection_shows_its_folder(env):
    collection = guest(env)
    env.robot("endpoint", "show", collection, matches="Shared")
    env.robot("endpoint", "my-shared-endpoint-list", env.source, matches=collection)
    env.robot("ls", collection, matches="^sub/$")
    env.robot("endpoint", "delete", collection, matches="deleted")


@check
def roles_are_assigned_shown_listed_and_revoked(env):
    collection = guest(env)
    env.robot("endpoint", "role", "list", collection, matches="administrator")
    role = id_of(
        env, "endpoint", "role", "create", collection, "--identity", OTHER_ROBOT, "--role", "activity_manager"
    )
    env.robot("endpoint", "role", "show", collection, role, matches="activity_manager")
    env.robot("endpoint", "role", "list", collection, matches="activity_manager")
    env.robot("endpoint", "role", "delete", collection, role, matches="deleted")
    env.robot("endpoint", "role", "show", collection, role, exit_code=1, matches="NotFound|404")


@check
def permissions_are_created_shown_listed_updated_and_deleted(env):
    collection = guest(env)
    place = f"{collection}:/sub/"
    create = "endpoint", "permission", "create"
    rule = id_of(env, *create, place, "--identity", OTHER_ROBOT, "--permissions", "r", key="access_id")
    env.robot(*create, place, "--identity", OTHER_ROBOT, "--permissions", "r", exit_code=1, matches="Exists")
    env.robot(*create, f"{collection}:/", "--all-authenticated", "--permissions", "r", matches="created")
    env.robot(*create, place, "--anonymous", "--permissions", "r", matches="created")
    env.robot("endpoint", "permission", "show", collection, rule, matches="/sub/")
    env.robot("endpoint", "permission", "update", collection, rule, "--permissions", "rw", matches="updated")
    listed = env.robot.json("endpoint", "permission", "list", collection)["DATA"]
    assert_equal([one["permissions"] for one in listed if one["id"] == rule], ["rw"])
    env.person("ls", place, matches="b.bin")
    env.robot("endpoint", "permission", "delete", collection, rule, matches="deleted")
    env.robot("endpoint", "permission", "show", collection, rule, exit_code=1, matches="404")
    env.robot("endpoint", "permission", "list", env.source, exit_code=1, matches="NotSupported")


@check
def bookmarks_are_created_listed_shown_renamed_and_deleted(env):
    place = f"{env.source}:/src/"
    env.robot("bookmark", "create", place, "one", matches="Bookmark ID")
    env.robot("bookmark", "list", matches="^one ")
    assert_equal(env.robot("bookmark", "show", "one").strip(), place)
    env.robot("bookmark", "rename", "one", "two", matches="Success")
    env.robot("bookmark", "show", "-v", "two", matches="/src/")
    env.robot("bookmark", "delete", "two", matches="deleted")
    env.robot("bookmark", "show", "two", exit_code=1)
