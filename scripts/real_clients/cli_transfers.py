"""Transfers by the CLI, with the bytes compared on disk, and what it tells of tasks."""

import datetime
import hashlib
import os

from checks import check, holds, same
from trees import LARGE, TREE, alike, grow


def submit(lab, *arguments, stdin=""):
    return lab.robot("transfer", *arguments, "-F", "unix", "--jmespath", "task_id", stdin=stdin).strip()


def wait(lab, task, exits=0):
    lab.robot("task", "wait", task, "--timeout", "30", "--polling-interval", "1", exits=exits)
    return lab.robot.json("task", "show", task)


def transfer(lab, *arguments, stdin=""):
    """Submits one, waits for it, and returns its document."""
    done = wait(lab, submit(lab, *arguments, stdin=stdin))
    same(done["status"], "SUCCEEDED")
    return done


def in_seconds(seconds):
    """A time as the CLI takes one: without a zone, and meant in UTC."""
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return f"{then:%Y-%m-%d %H:%M:%S}"


@check
def a_file_arrives(lab):
    grow(lab.here / "data", TREE)
    grow(lab.there / "file", {})
    done = transfer(lab, f"{lab.source}:/data/large.bin", f"{lab.destination}:/file/copy.bin")
    alike(lab.there / "file", {"copy.bin": LARGE})
    same((done["files_transferred"], done["bytes_transferred"]), (1, len(LARGE)))


@check
def a_file_whose_checksum_is_known_arrives_and_another_does_not(lab):
    grow(lab.there / "sum", {})
    known = ["--checksum-algorithm", "sha256", "--external-checksum"]
    here, there = f"{lab.source}:/data/large.bin", f"{lab.destination}:/sum/copy.bin"
    transfer(lab, *known, hashlib.sha256(LARGE).hexdigest(), here, there)
    alike(lab.there / "sum", {"copy.bin": LARGE})
    task = submit(
        lab,
        *known,
        hashlib.sha256(b"other").hexdigest(),
        here,
        f"{lab.destination}:/sum/bad.bin",
        "--deadline",
        in_seconds(3),
    )
    same(wait(lab, task, exits=1)["status"], "FAILED")


@check
def a_tree_arrives_and_keeps_its_times(lab):
    grow(lab.there / "tree", {})
    os.utime(lab.here / "data" / "sub" / "b.bin", (1_000_000_000, 1_000_000_000))
    done = transfer(
        lab,
        "--recursive",
        "--preserve-mtime",
        "--verify-checksum",
        "--encrypt",
        "--label",
        "a tree",
        f"{lab.source}:/data/",
        f"{lab.destination}:/tree/",
    )
    alike(lab.there / "tree", TREE)
    same(int((lab.there / "tree" / "sub" / "b.bin").stat().st_mtime), 1_000_000_000)
    same((done["label"], done["files"]), ("a tree", len(TREE)))


@check
def a_batch_arrives(lab):
    grow(lab.there / "batch", {})
    lines = '# two of them\n"read me.txt" "read me.txt"\n\n--recursive sub inner\n'
    transfer(lab, "--batch", "-", f"{lab.source}:/data/", f"{lab.destination}:/batch/", stdin=lines)
    alike(
        lab.there / "batch",
        {
            "read me.txt": TREE["read me.txt"],
            "inner/b.bin": TREE["sub/b.bin"],
            "inner/deep/\u00fcmlaut.txt": TREE["sub/deep/\u00fcmlaut.txt"],
        },
    )


@check
def sync_levels_leave_alone_what_is_the_same(lab):
    now = {"missing": b"new", "size": b"longer", "time": b"newer", "sum": b"right"}
    then = {"size": b"short", "time": b"older", "sum": b"wrong"}
    for level, copied in (
        ("exists", ["missing"]),
        ("size", ["missing", "size"]),
        ("mtime", ["missing", "size", "time"]),
        ("checksum", ["missing", "size", "time", "sum"]),
    ):
        grow(lab.here / "sync", now)
        grow(lab.there / "sync", then)
        for root, name, when in (
            (lab.here, "time", 2_000),
            (lab.there, "time", 1_000),
            (lab.here, "sum", 1_000),
            (lab.there, "sum", 1_000),
        ):
            os.utime(root / "sync" / name, (when, when))
        done = transfer(
            lab, "--recursive", "--sync-level", level, f"{lab.source}:/sync/", f"{lab.destination}:/sync/"
        )
        alike(lab.there / "sync", {**then, **{name: now[name] for name in copied}})
        same((level, done["files_skipped"]), (level, len(now) - len(copied)))


@check
def what_the_source_has_not_is_deleted_on_request(lab):
    grow(lab.there / "mirror", {"extra": b"x", "old/extra": b"y", "empty": b"other"})
    transfer(
        lab,
        "--recursive",
        "--delete-destination-extra",
        f"{lab.source}:/data/",
        f"{lab.destination}:/mirror/",
    )
    alike(lab.there / "mirror", TREE)
    grow(lab.there / "mirror", {"extra": b"x"})
    transfer(lab, "--recursive", "--delete", f"{lab.source}:/data/", f"{lab.destination}:/mirror/")
    alike(lab.there / "mirror", TREE)


@check
def include_and_exclude_choose_files_in_order(lab):
    grow(lab.there / "chosen", {})
    place = f"{lab.source}:/data/", f"{lab.destination}:/chosen/"
    transfer(lab, "--recursive", "--include", "large*", "--exclude", "*.bin", *place)
    alike(lab.there / "chosen", {name: content for name, content in TREE.items() if name != "sub/b.bin"})
    grow(lab.there / "chosen", {})
    transfer(lab, "--recursive", "--exclude", "*.bin", "--include", "large*", *place)
    alike(
        lab.there / "chosen", {name: content for name, content in TREE.items() if not name.endswith(".bin")}
    )


@check
def skip_source_errors_goes_on_without_what_is_missing(lab):
    grow(lab.there / "skip", {})
    done = transfer(
        lab,
        "--skip-source-errors",
        "--batch",
        "-",
        f"{lab.source}:/data/",
        f"{lab.destination}:/skip/",
        stdin="empty empty\nnot-there not-there\n",
    )
    alike(lab.there / "skip", {"empty": b""})
    lab.robot("task", "show", "--skipped-errors", done["task_id"], says="not-there")


@check
def a_deadline_ends_what_cannot_succeed(lab):
    task = submit(lab, f"{lab.source}:/not-there", f"{lab.destination}:/x", "--deadline", in_seconds(3))
    ended = wait(lab, task, exits=1)
    same(
        (ended["status"], ended["fatal_error"]["code"] if ended["fatal_error"] else None),
        ("FAILED", "EXPIRED"),
    )


@check
def a_dry_run_and_a_submission_id_submit_no_more_than_they_should(lab):
    place = f"{lab.source}:/data/empty", f"{lab.destination}:/once"
    lab.robot("transfer", "--dry-run", *place, says="^/data/empty ")
    submission = lab.robot("task", "generate-submission-id").strip()
    tasks = {submit(lab, "--submission-id", submission, *place) for _ in range(2)}
    same(len(tasks), 1)
    wait(lab, tasks.pop())
    holds((lab.there / "once").exists(), "nothing arrived")


@check
def task_list_show_and_event_list_tell_what_happened(lab):
    grow(lab.there / "told", {})
    task = transfer(
        lab, "--recursive", "--label", "told", f"{lab.source}:/data/", f"{lab.destination}:/told/"
    )["task_id"]
    lab.robot("task", "list", says=task)
    listed = lab.robot.json(
        "task", "list", "--filter-label", "told", "--filter-status", "SUCCEEDED", "--filter-type", "TRANSFER"
    )
    same([one["task_id"] for one in listed["DATA"]], [task])
    holds(task not in lab.robot("task", "list", "--filter-not-label", "told"), "a label that was not wanted")
    lab.robot("task", "list", "--filter-task-id", task, "--limit", "1", says=task)
    lab.robot("task", "show", task, says="Status: +SUCCEEDED")
    lab.robot("task", "show", "-t", task, says="/told/sub/b.bin")
    lab.robot("task", "show", "--skipped-errors", task)
    lab.robot("task", "event-list", task, says="SUCCEEDED")
    lab.robot("task", "event-list", "--filter-errors", task)
    lab.robot("task", "event-list", "--filter-non-errors", "--limit", "1", task, says="False")
    lab.robot("task", "show", "00000000-0000-4000-8000-0000000000aa", exits=1, says="404")


@check
def a_paused_task_says_why_and_is_updated_and_cancelled(lab):
    rule = lab.robot.json(
        "api",
        "transfer",
        "POST",
        "/v0.10/endpoint_manager/pause_rule",
        "--body",
        f'{{"DATA_TYPE": "pause_rule", "endpoint_id": "{lab.source}", "message": "Maintenance", '
        '"pause_task_transfer_read": true, "pause_ls": true}',
    )["id"]
    lab.robot("ls", f"{lab.source}:/", exits=1, says="OperationPaused")
    task = submit(lab, f"{lab.source}:/data/empty", f"{lab.destination}:/paused")
    lab.robot("task", "show", task, says="Is Paused: +True")
    lab.robot("task", "pause-info", task, says="Maintenance")
    later = "2099-01-01 00:00:00"
    lab.robot("task", "update", task, "--label", "held", "--deadline", later, says="Success")
    shown = lab.robot.json("task", "show", task)
    same((shown["label"], shown["deadline"][:10]), ("held", later[:10]))
    lab.robot("task", "wait", task, "--timeout", "1", "--polling-interval", "1", exits=1)
    lab.robot("task", "cancel", task, says="cancelled successfully")
    same(lab.robot.json("task", "show", task)["status"], "FAILED")
    lab.robot("task", "cancel", task, says="completed")
    more = submit(lab, f"{lab.source}:/data/empty", f"{lab.destination}:/paused")
    lab.robot("task", "cancel", "--all", says=more)
    lab.robot("api", "transfer", "DELETE", f"/v0.10/endpoint_manager/pause_rule/{rule}")
    lab.robot("task", "pause-info", more, says="not paused")
    holds(not (lab.there / "paused").exists(), "a cancelled task wrote its file")
