"""Collections and the files in them, by the CLI."""

from checks import check, holds, same
from trees import TREE, alike, bytes_of, grow


@check
def endpoint_search_finds_the_collections(lab):
    found = lab.robot.json("endpoint", "search", "--filter-scope", "administered-by-me")["DATA"]
    same({one["id"] for one in found}, {lab.source, lab.destination})
    lab.robot("endpoint", "search", "here", says=lab.source)
    lab.person(
        "endpoint",
        "search",
        "there",
        "--filter-scope",
        "administered-by-me",
        "--limit",
        "1",
        says=lab.destination,
    )


@check
def endpoint_show_and_update_agree(lab):
    lab.robot("endpoint", "update", lab.source, "--description", "of the checks", says="updated")
    lab.robot("endpoint", "show", lab.source, says="of the checks")
    same(lab.person.json("endpoint", "show", lab.source)["id"], lab.source)
    lab.robot(
        "endpoint", "show", "00000000-0000-4000-8000-0000000000aa", exits=1, says="404|EndpointNotFound"
    )
    lab.robot("gcs", "collection", "show", lab.source, exits=3, says="globus endpoint show")


@check
def a_mapped_collection_is_created_and_deleted(lab):
    created = lab.robot("gcp", "create", "mapped", "Another", "-F", "unix", "--jmespath", "id").strip()
    lab.robot("endpoint", "delete", created, says="deleted")
    lab.robot("endpoint", "show", created, exits=1, says="EndpointDeleted")


@check
def ls_lists_filters_and_orders(lab):
    grow(lab.here / "src", TREE)
    (lab.here / "src" / ".hidden").write_text("x")
    place = f"{lab.source}:/src/"
    same(lab.robot("ls", place).splitlines(), ["sub/", "empty", "large.bin", "read me.txt"])
    lab.robot("ls", "-a", place, says="^.hidden$")
    lab.robot("ls", "-l", "--orderby", "size:DESC", place, says=r"2097152 +\|.*large.bin")
    ordered = lab.robot.json("ls", "--orderby", "name:DESC", place)["DATA"]
    same([one["name"] for one in ordered], ["sub", "read me.txt", "large.bin", "empty"])
    same(lab.robot("ls", "--filter", "~*.bin", place).split(), ["large.bin"])
    same(lab.robot("ls", "--filter", "!~*.bin", place).splitlines(), ["sub/", "empty", "read me.txt"])
    same(lab.robot("ls", "--filter", "=empty", place).split(), ["empty"])
    lab.robot("ls", f"{lab.source}:/nowhere", exits=1, says="NotFound")


@check
def ls_walks_a_tree(lab):
    place = f"{lab.source}:/src/"
    walked = lab.person("ls", "-r", place).splitlines()
    same(sorted(walked), sorted([*TREE, "sub/", "sub/deep/"]))
    # the CLI asks for directories along with what fits, to walk on, and shows both
    filtered = lab.robot("ls", "-r", "--filter", "~*.bin", place).split()
    same(sorted(filtered), ["large.bin", "sub/", "sub/b.bin", "sub/deep/"])
    same(
        sorted(lab.robot("ls", "-r", "--recursive-depth-limit", "1", place).splitlines()),
        sorted(["empty", "large.bin", "read me.txt", "sub/", "sub/b.bin", "sub/deep/"]),
    )


@check
def stat_tells_what_is_there_and_what_is_not(lab):
    shown = lab.robot.json("stat", f"{lab.source}:/src/large.bin")
    same((shown["type"], shown["size"]), ("file", len(TREE["large.bin"])))
    lab.robot("stat", f"{lab.source}:/src/sub", says="dir")
    lab.robot("stat", f"{lab.source}:/src/zzz", says="Nothing found at /src/zzz")


@check
def mkdir_and_rename_do_so_on_disk(lab):
    lab.robot("mkdir", f"{lab.source}:/made", says="created successfully")
    holds((lab.here / "made").is_dir(), "there is no directory")
    lab.robot("mkdir", f"{lab.source}:/made", exits=1, says="Exists")
    lab.robot("rename", lab.source, "/made", "/moved", says="renamed successfully")
    holds((lab.here / "moved").is_dir() and not (lab.here / "made").exists(), "it is not renamed")
    lab.robot("rename", lab.source, "/made", "/moved", exits=1, says="NotFound")


@check
def rm_takes_away_a_file_and_waits_for_it(lab):
    grow(lab.there / "rm", {"one": b"1", "two.txt": b"2", "three.txt": b"3"})
    lab.robot("rm", f"{lab.destination}:/rm/one", says="Delete task submitted")
    alike(lab.there / "rm", {"two.txt": b"2", "three.txt": b"3"})
    lab.robot("rm", f"{lab.destination}:/rm/*.txt")
    same(bytes_of(lab.there / "rm"), {})
    lab.robot("rm", f"{lab.destination}:/rm/one", exits=1)
    lab.robot("rm", "-f", f"{lab.destination}:/rm/one")
    lab.robot("rm", "-r", f"{lab.destination}:/rm")
    holds(not (lab.there / "rm").exists(), "the directory is still there")


@check
def delete_takes_away_a_tree_and_a_batch(lab):
    grow(lab.there / "delete", {"a/1": b"1", "a/b/2": b"2", "c": b"3", "d": b"4", "kept": b"5"})
    place = f"{lab.destination}:/delete/"
    for arguments in (
        ["delete", "--recursive", f"{place}a"],
        ["delete", "--batch", "-", place],
        ["delete", "--ignore-missing", f"{place}c"],
    ):
        task = lab.robot(*arguments, "-F", "unix", "--jmespath", "task_id", stdin="c\nd\n").strip()
        lab.robot("task", "wait", task, "--timeout", "30", "--polling-interval", "1")
    alike(lab.there / "delete", {"kept": b"5"})
