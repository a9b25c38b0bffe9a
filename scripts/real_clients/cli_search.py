"""Search with the CLI: indices, ingest, queries, subjects, tasks."""

import json
import time

from checks import Failure, check, assert_equal


def wait_for_task(env, task):
    """Polls a Search task until it succeeds."""
    for _ in range(30):
        state = env.robot.json("search", "task", "show", task)["state"]
        if state not in ("PENDING", "PROGRESS"):
            return state
        time.sleep(0.3)
    raise Failure(f"globus search task show {task}", state, "SUCCESS within 60 seconds")


def entry(subject, **content):
    return {"subject": subject, "visible_to": ["public"], "content": content}


def index_with(env, name, *entries):
    """Creates an index with these entries."""
    index = env.robot(
        "search", "index", "create", name, "for a check", "-F", "unix", "--jmespath", "id"
    ).strip()
    document = {"ingest_type": "GMetaList", "ingest_data": {"gmeta": list(entries)}}
    task = env.robot.json("search", "ingest", index, json.dumps(document))["task_id"]
    assert_equal(wait_for_task(env, task), "SUCCESS")
    return index


def subjects(env, index, *arguments):
    found = env.robot.json("search", "query", index, *arguments)["gmeta"]
    return [one["subject"] for one in found]


@check
def an_index_is_created_listed_shown_and_deleted(env):
    index = env.robot.json("search", "index", "create", "An index", "for a check")["id"]
    env.robot("search", "index", "list", matches=index)
    env.robot("search", "index", "show", index, matches="An index")
    env.robot("search", "index", "delete", index, matches="marked for deletion|[Dd]elet")
    assert_equal(env.robot.json("search", "index", "show", index)["status"], "delete_pending")


@check
def ingested_entries_are_found(env):
    index = index_with(
        env, "found", entry("s1", title="red apple", size=1), entry("s2", title="green pear", size=2)
    )
    env.robot("search", "query", index, "-q", "apple", matches="^s1$")
    assert_equal(sorted(subjects(env, index, "-q", "*")), ["s1", "s2"])
    assert_equal(subjects(env, index, "--advanced", "-q", "size:>1"), ["s2"])
    assert_equal(len(subjects(env, index, "-q", "*", "--limit", "1")), 1)
    document = {"q": "*", "filters": [{"type": "match_any", "field_name": "size", "values": [1]}]}
    assert_equal(subjects(env, index, "--query-document", json.dumps(document)), ["s1"])
    env.robot("search", "task", "list", index, matches="SUCCESS")


@check
def a_subject_is_shown_and_deleted(env):
    index = index_with(env, "subjects", entry("s1", title="one"), entry("s2", title="two"))
    env.robot("search", "subject", "show", index, "s1", matches='"title": "one"')
    task = env.robot.json("search", "subject", "delete", index, "s1")["task_id"]
    assert_equal(wait_for_task(env, task), "SUCCESS")
    env.robot("search", "subject", "show", index, "s1", exit_code=1, matches="NotFound|404")
    assert_equal(subjects(env, index, "-q", "*"), ["s2"])


@check
def delete_by_query_deletes_matching_subjects(env):
    index = index_with(env, "deleted", entry("s1", title="one"), entry("s2", title="two"))
    task = env.robot.json("search", "delete-by-query", index, "-q", "one")["task_id"]
    assert_equal(wait_for_task(env, task), "SUCCESS")
    assert_equal(subjects(env, index, "-q", "*"), ["s2"])


@check
def roles_of_an_index_are_granted_and_revoked(env):
    index = index_with(env, "roles", entry("s1", title="one"))
    role = env.robot.json("search", "index", "role", "create", index, "writer", "user@sandbox.local")["id"]
    env.robot("search", "index", "role", "list", index, matches="writer")
    env.person("search", "index", "list", matches=index)
    env.robot("search", "index", "role", "delete", index, role)
    env.robot("search", "index", "show", "00000000-0000-4000-8000-0000000000aa", exit_code=1, matches="404")
