"""Collections and their files with the CLI."""

from checks import check, assert_that, assert_equal
from trees import TREE, assert_files, read_tree, write_tree


@check
def endpoint_search_finds_the_collections(env):
    found = env.robot.json("endpoint", "search", "--filter-scope", "administered-by-me")["DATA"]
    assert_equal({one["id"] for one in found}, {env.source, env.destination})
    env.robot("endpoint", "search", "here", matches=env.source)
    env.person(
        "endpoint",
        "search",
        "there",
        "--filter-scope",
        "administered-by-me",
        "--limit",
        "1",
        matches=env.destination,
    )


@check
def endpoint_show_and_update_agree(env):
    env.robot("endpoint", "update", env.source, "--description", "of the checks", matches="updated")
    env.robot("endpoint", "show", env.source, matches="of the checks")
    assert_equal(env.person.json("endpoint", "show", env.source)["id"], env.source)
    env.robot(
        "endpoint", "show", "00000000-0000-4000-8000-0000000000aa", exit_code=1, matches="404|EndpointNotFound"
    )
    env.robot("gcs", "collection", "show", env.source, exit_code=3, matches="globus endpoint show")


@check
def a_mapped_collection_is_created_and_deleted(env):
    created = env.robot("gcp", "create", "mapped", "Another", "-F", "unix", "--jmespath", "id").strip()
    env.robot("endpoint", "delete", created, matches="deleted")
    env.robot("endpoint", "show", created, exit_code=1, matches="EndpointDeleted")


@check
def ls_lists_filters_and_orders(env):
    write_tree(env.here / "src", TREE)
    (env.here / "src" / ".hidden").write_text("x")
    place = f"{env.source}:/src/"
    assert_equal(env.robot("ls", place).splitlines(), ["sub/", "empty", "large.bin", "read me.txt"])
    env.robot("ls", "-a", place, matches="^.hidden$")
    env.robot("ls", "-l", "--orderby", "size:DESC", place, matches=r"2097152 +\|.*large.bin")
    ordered = env.robot.json("ls", "--orderby", "name:DESC", place)["DATA"]
    assert_equal([one["name"] for one in ordered], ["sub", "read me.txt", "large.bin", "empty"])
    assert_equal(env.robot("ls", "--filter", "~*.bin", place).split(), ["large.bin"])
    assert_equal(env.robot("ls", "--filter", "!~*.bin", place).splitlines(), ["sub/", "empty", "read me.txt"])
    assert_equal(env.robot("ls", "--filter", "=empty", place).split(), ["empty"])
    env.robot("ls", f"{env.source}:/nowhere", exit_code=1, matches="NotFound")


@check
def ls_walks_a_tree(env):
    place = f"{env.source}:/src/"
    walked = env.person("ls", "-r", place).splitlines()
    assert_equal(sorted(walked), sorted([*TREE, "sub/", "sub/deep/"]))
    # the CLI also requests directories, to descend into them, and shows both
    filtered = env.robot("ls", "-r", "--filter", "~*.bin", place).split()
    assert_equal(sorted(filtered), ["large.bin", "sub/", "sub/b.bin", "sub/deep/"])
    assert_equal(
        sorted(env.robot("ls", "-r", "--recursive-depth-limit", "1", place).splitlines()),
        sorted(["empty", "large.bin", "read me.txt", "sub/", "sub/b.bin", "sub/deep/"]),
    )


@check
def stat_describes_existing_paths_and_reports_missing_ones(env):
    shown = env.robot.json("stat", f"{env.source}:/src/large.bin")
    assert_equal((shown["type"], shown["size"]), ("file", len(TREE["large.bin"])))
    env.robot("stat", f"{env.source}:/src/sub", matches="dir")
    env.robot("stat", f"{env.source}:/src/zzz", matches="Nothing found at /src/zzz")


@check
def mkdir_and_rename_take_effect_on_disk(env):
    env.robot("mkdir", f"{env.source}:/made", matches="created successfully")
    assert_that((env.here / "made").is_dir(), "the directory does not exist")
    env.robot("mkdir", f"{env.source}:/made", exit_code=1, matches="Exists")
    env.robot("rename", env.source, "/made", "/moved", matches="renamed successfully")
    assert_that((env.here / "moved").is_dir() and not (env.here / "made").exists(), "the directory is not renamed")
    env.robot("rename", env.source, "/made", "/moved", exit_code=1, matches="NotFound")


@check
def rm_deletes_a_file_and_waits(env):
    write_tree(env.there / "rm", {"one": b"1", "two.txt": b"2", "three.txt": b"3"})
    env.robot("rm", f"{env.destination}:/rm/one", matches="Delete task submitted")
    assert_files(env.there / "rm", {"two.txt": b"2", "three.txt": b"3"})
    env.robot("rm", f"{env.destination}:/rm/*.txt")
    assert_equal(read_tree(env.there / "rm"), {})
    env.robot("rm", f"{env.destination}:/rm/one", exit_code=1)
    env.robot("rm", "-f", f"{env.destination}:/rm/one")
    env.robot("rm", "-r", f"{env.destination}:/rm")
    assert_that(not (env.there / "rm").exists(), "the directory still exists")


@check
def delete_removes_a_tree_and_a_batch(env):
    write_tree(env.there / "delete", {"a/1": b"1", "a/b/2": b"2", "c": b"3", "d": b"4", "kept": b"5"})
    place = f"{env.destination}:/delete/"
    for arguments in (
        ["delete", "--recursive", f"{place}a"],
        ["delete", "--batch", "-", place],
        ["delete", "--ignore-missing", f"{place}c"],
    ):
        task = env.robot(*arguments, "-F", "unix", "--jmespath", "task_id", stdin="c\nd\n").strip()
        env.robot("task", "wait", task, "--timeout", "30", "--polling-interval", "1")
    assert_files(env.there / "delete", {"kept": b"5"})
