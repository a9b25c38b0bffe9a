"""Transfers with the CLI, comparing the bytes on disk, and its reports about tasks."""

import datetime
import hashlib
import os

from checks import check, assert_that, assert_equal
from trees import LARGE, TREE, assert_files, write_tree


def submit(env, *arguments, stdin=""):
    return env.robot("transfer", *arguments, "-F", "unix", "--jmespath", "task_id", stdin=stdin).strip()


def wait(env, task, exit_code=0):
    env.robot("task", "wait", task, "--timeout", "30", "--polling-interval", "1", exit_code=exit_code)
    return env.robot.json("task", "show", task)


def transfer(env, *arguments, stdin=""):
    """Submits a transfer, waits for it, and returns its task."""
    done = wait(env, submit(env, *arguments, stdin=stdin))
    assert_equal(done["status"], "SUCCEEDED")
    return done


def in_seconds(seconds):
    """A time in the CLI's format: UTC, without a time zone."""
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return f"{then:%Y-%m-%d %H:%M:%S}"


@check
def a_file_arrives(env):
    write_tree(env.here / "data", TREE)
    write_tree(env.there / "file", {})
    done = transfer(env, f"{env.source}:/data/large.bin", f"{env.destination}:/file/copy.bin")
    assert_files(env.there / "file", {"copy.bin": LARGE})
    assert_equal((done["files_transferred"], done["bytes_transferred"]), (1, len(LARGE)))


@check
def an_expected_checksum_is_verified(env):
    write_tree(env.there / "sum", {})
    known = ["--checksum-algorithm", "sha256", "--external-checksum"]
    here, there = f"{env.source}:/data/large.bin", f"{env.destination}:/sum/copy.bin"
    transfer(env, *known, hashlib.sha256(LARGE).hexdigest(), here, there)
    assert_files(env.there / "sum", {"copy.bin": LARGE})
    task = submit(
        env,
        *known,
        hashlib.sha256(b"other").hexdigest(),
        here,
        f"{env.destination}:/sum/bad.bin",
        "--deadline",
        in_seconds(3),
    )
    assert_equal(wait(env, task, exit_code=1)["status"], "FAILED")


@check
def a_tree_arrives_and_keeps_its_times(env):
    write_tree(env.there / "tree", {})
    os.utime(env.here / "data" / "sub" / "b.bin", (1_000_000_000, 1_000_000_000))
    done = transfer(
        env,
        "--recursive",
        "--preserve-mtime",
        "--verify-checksum",
        "--encrypt",
        "--label",
        "a tree",
        f"{env.source}:/data/",
        f"{env.destination}:/tree/",
    )
    assert_files(env.there / "tree", TREE)
    assert_equal(int((env.there / "tree" / "sub" / "b.bin").stat().st_mtime), 1_000_000_000)
    assert_equal((done["label"], done["files"]), ("a tree", len(TREE)))


@check
def a_batch_arrives(env):
    write_tree(env.there / "batch", {})
    lines = '# two of them\n"read me.txt" "read me.txt"\n\n--recursive sub inner\n'
    transfer(env, "--batch", "-", f"{env.source}:/data/", f"{env.destination}:/batch/", stdin=lines)
    assert_files(
        env.there / "batch",
        {
            "read me.txt": TREE["read me.txt"],
            "inner/b.bin": TREE["sub/b.bin"],
            "inner/deep/\u00fcmlaut.txt": TREE["sub/deep/\u00fcmlaut.txt"],
        },
    )


@check
def sync_levels_skip_identical_files(env):
    now = {"missing": b"new", "size": b"longer", "time": b"newer", "sum": b"right"}
    then = {"size": b"short", "time": b"older", "sum": b"wrong"}
    for level, copied in (
        ("exists", ["missing"]),
        ("size", ["missing", "size"]),
        ("mtime", ["missing", "size", "time"]),
        ("checksum", ["missing", "size", "time", "sum"]),
    ):
        write_tree(env.here / "sync", now)
        write_tree(env.there / "sync", then)
        for root, name, when in (
            (env.here, "time", 2_000),
            (env.there, "time", 1_000),
            (env.here, "sum", 1_000),
            (env.there, "sum", 1_000),
        ):
            os.utime(root / "sync" / name, (when, when))
        done = transfer(
            env, "--recursive", "--sync-level", level, f"{env.source}:/sync/", f"{env.destination}:/sync/"
        )
        assert_files(env.there / "sync", {**then, **{name: now[name] for name in copied}})
        assert_equal((level, done["files_skipped"]), (level, len(now) - len(copied)))


@check
def extra_files_are_deleted_on_request(env):
    write_tree(env.there / "mirror", {"extra": b"x", "old/extra": b"y", "empty": b"other"})
    transfer(
        env,
        "--recursive",
        "--delete-destination-extra",
        f"{env.source}:/data/",
        f"{env.destination}:/mirror/",
    )
    assert_files(env.there / "mirror", TREE)
    write_tree(env.there / "mirror", {"extra": b"x"})
    transfer(env, "--recursive", "--delete", f"{env.source}:/data/", f"{env.destination}:/mirror/")
    assert_files(env.there / "mirror", TREE)


@check
def include_and_exclude_rules_apply_in_order(env):
    write_tree(env.there / "chosen", {})
    place = f"{env.source}:/data/", f"{env.destination}:/chosen/"
    transfer(env, "--recursive", "--include", "large*", "--exclude", "*.bin", *place)
    assert_files(env.there / "chosen", {name: content for name, content in TREE.items() if name != "sub/b.bin"})
    write_tree(env.there / "chosen", {})
    transfer(env, "--recursive", "--exclude", "*.bin", "--include", "large*", *place)
    assert_files(
        env.there / "chosen", {name: content for name, content in TREE.items() if not name.endswith(".bin")}
    )


@check
def skip_source_errors_skips_missing_files(env):
    write_tree(env.there / "skip", {})
    done = transfer(
        env,
        "--skip-source-errors",
        "--batch",
        "-",
        f"{env.source}:/data/",
        f"{env.destination}:/skip/",
        stdin="empty empty\nnot-there not-there\n",
    )
    assert_files(env.there / "skip", {"empty": b""})
    env.robot("task", "show", "--skipped-errors", done["task_id"], matches="not-there")


@check
def a_deadline_ends_a_task_that_cannot_succeed(env):
    task = submit(env, f"{env.source}:/not-there", f"{env.destination}:/x", "--deadline", in_seconds(3))
    ended = wait(env, task, exit_code=1)
    assert_equal(
        (ended["status"], ended["fatal_error"]["code"] if ended["fatal_error"] else None),
        ("FAILED", "EXPIRED"),
    )


@check
def a_dry_run_submits_nothing_and_a_submission_id_once(env):
    place = f"{env.source}:/data/empty", f"{env.destination}:/once"
    env.robot("transfer", "--dry-run", *place, matches="^/data/empty ")
    submission = env.robot("task", "generate-submission-id").strip()
    tasks = {submit(env, "--submission-id", submission, *place) for _ in range(2)}
    assert_equal(len(tasks), 1)
    wait(env, tasks.pop())
    assert_that((env.there / "once").exists(), "the file did not arrive")


@check
def task_list_show_and_event_list_report_the_task(env):
    write_tree(env.there / "told", {})
    task = transfer(
        env, "--recursive", "--label", "told", f"{env.source}:/data/", f"{env.destination}:/told/"
    )["task_id"]
    env.robot("task", "list", matches=task)
    listed = env.robot.json(
        "task", "list", "--filter-label", "told", "--filter-status", "SUCCEEDED", "--filter-type", "TRANSFER"
    )
    assert_equal([one["task_id"] for one in listed["DATA"]], [task])
    listed = env.robot("task", "list", "--filter-not-label", "told")
    assert_that(task not in listed, "a task with an excluded label is listed")
    env.robot("task", "list", "--filter-task-id", task, "--limit", "1", matches=task)
    env.robot("task", "show", task, matches="Status: +SUCCEEDED")
    env.robot("task", "show", "-t", task, matches="/told/sub/b.bin")
    env.robot("task", "show", "--skipped-errors", task)
    env.robot("task", "event-list", task, matches="SUCCEEDED")
    env.robot("task", "event-list", "--filter-errors", task)
    env.robot("task", "event-list", "--filter-non-errors", "--limit", "1", task, matches="False")
    env.robot("task", "show", "00000000-0000-4000-8000-0000000000aa", exit_code=1, matches="404")


@check
def a_paused_task_says_why_and_is_updated_and_cancelled(env):
    rule = env.robot.json(
        "api",
        "transfer",
        "POST",
        "/v0.10/endpoint_manager/pause_rule",
        "--body",
        f'{{"DATA_TYPE": "pause_rule", "endpoint_id": "{env.source}", "message": "Maintenance", '
        '"pause_task_transfer_read": true, "pause_ls": true}',
    )["id"]
    env.robot("ls", f"{env.source}:/", exit_code=1, matches="OperationPaused")
    task = submit(env, f"{env.source}:/data/empty", f"{env.destination}:/paused")
    env.robot("task", "show", task, matches="Is Paused: +True")
    env.robot("task", "pause-info", task, matches="Maintenance")
    later = "2099-01-01 00:00:00"
    env.robot("task", "update", task, "--label", "held", "--deadline", later, matches="Success")
    shown = env.robot.json("task", "show", task)
    assert_equal((shown["label"], shown["deadline"][:10]), ("held", later[:10]))
    env.robot("task", "wait", task, "--timeout", "1", "--polling-interval", "1", exit_code=1)
    env.robot("task", "cancel", task, matches="cancelled successfully")
    assert_equal(env.robot.json("task", "show", task)["status"], "FAILED")
    env.robot("task", "cancel", task, matches="completed")
    more = submit(env, f"{env.source}:/data/empty", f"{env.destination}:/paused")
    env.robot("task", "cancel", "--all", matches=more)
    env.robot("api", "transfer", "DELETE", f"/v0.10/endpoint_manager/pause_rule/{rule}")
    env.robot("task", "pause-info", more, matches="not paused")
    assert_that(not (env.there / "paused").exists(), "a canceled task wrote its file")
