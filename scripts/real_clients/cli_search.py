"""Search by the CLI: indices, ingest, queries, subjects, tasks."""

import json
import time

from checks import Failure, check, same


def settled(lab, task):
    """Waits for a task of Search, as a person would: by asking again."""
    for _ in range(30):
        state = lab.robot.json("search", "task", "show", task)["state"]
        if state not in ("PENDING", "PROGRESS"):
            return state
        time.sleep(0.3)
    raise Failure(f"globus search task show {task}", state, "SUCCESS within a minute")


def entry(subject, **content):
    return {"subject": subject, "visible_to": ["public"], "content": content}


def index_with(lab, name, *entries):
    """A new index with these entries in it."""
    index = lab.robot(
        "search", "index", "create", name, "for a check", "-F", "unix", "--jmespath", "id"
    ).strip()
    document = {"ingest_type": "GMetaList", "ingest_data": {"gmeta": list(entries)}}
    task = lab.robot.json("search", "ingest", index, json.dumps(document))["task_id"]
    same(settled(lab, task), "SUCCESS")
    return index


def subjects(lab, index, *arguments):
    found = lab.robot.json("search", "query", index, *arguments)["gmeta"]
    return [one["subject"] for one in found]


@check
def an_index_is_created_listed_shown_and_deleted(lab):
    index = lab.robot.json("search", "index", "create", "An index", "for a check")["id"]
    lab.robot("search", "index", "list", says=index)
    lab.robot("search", "index", "show", index, says="An index")
    lab.robot("search", "index", "delete", index, says="marked for deletion|[Dd]elet")
    same(lab.robot.json("search", "index", "show", index)["status"], "delete_pending")


@check
def what_is_ingested_is_found(lab):
    index = index_with(
        lab, "found", entry("s1", title="red apple", size=1), entry("s2", title="green pear", size=2)
    )
    lab.robot("search", "query", index, "-q", "apple", says="^s1$")
    same(sorted(subjects(lab, index, "-q", "*")), ["s1", "s2"])
    same(subjects(lab, index, "--advanced", "-q", "size:>1"), ["s2"])
    same(len(subjects(lab, index, "-q", "*", "--limit", "1")), 1)
    document = {"q": "*", "filters": [{"type": "match_any", "field_name": "size", "values": [1]}]}
    same(subjects(lab, index, "--query-document", json.dumps(document)), ["s1"])
    lab.robot("search", "task", "list", index, says="SUCCESS")


@check
def a_subject_is_shown_and_deleted(lab):
    index = index_with(lab, "subjects", entry("s1", title="one"), entry("s2", title="two"))
    lab.robot("search", "subject", "show", index, "s1", says='"title": "one"')
    task = lab.robot.json("search", "subject", "delete", index, "s1")["task_id"]
    same(settled(lab, task), "SUCCESS")
    lab.robot("search", "subject", "show", index, "s1", exits=1, says="NotFound|404")
    same(subjects(lab, index, "-q", "*"), ["s2"])


@check
def delete_by_query_deletes_what_fits(lab):
    index = index_with(lab, "deleted", entry("s1", title="one"), entry("s2", title="two"))
    task = lab.robot.json("search", "delete-by-query", index, "-q", "one")["task_id"]
    same(settled(lab, task), "SUCCESS")
    same(subjects(lab, index, "-q", "*"), ["s2"])


@check
def roles_of_an_index_are_given_and_taken_back(lab):
    index = index_with(lab, "roles", entry("s1", title="one"))
    role = lab.robot.json("search", "index", "role", "create", index, "writer", "user@sandbox.local")["id"]
    lab.robot("search", "index", "role", "list", index, says="writer")
    lab.person("search", "index", "list", says=index)
    lab.robot("search", "index", "role", "delete", index, role)
    lab.robot("search", "index", "show", "00000000-0000-4000-8000-0000000000aa", exits=1, says="404")
