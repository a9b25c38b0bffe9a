"""Search with the Python SDK: ingest, queries, paginators, scroll, subjects, roles."""

import time

from globus_sdk import SearchClient, SearchQueryV1, SearchScrollQuery
from globus_sdk.scopes import SearchScopes

from checks import Failure, check, assert_that, assert_error, assert_equal
from environment import OTHER_ROBOT
from sdk_session import robot_app

HOW_MANY = 250


def client():
    # by default an app requests only the search scope; these checks also write
    return SearchClient(app=robot_app(), app_scopes=[SearchScopes.all])


def wait_for_task(search, task):
    for _ in range(100):
        state = search.get_task(task)["state"]
        if state not in ("PENDING", "PROGRESS"):
            return state
        time.sleep(0.1)
    raise Failure(f"get_task({task!r})", state, "SUCCESS within 10 seconds")


def index_of(search, how_many=HOW_MANY):
    """Creates an index with this many entries and returns its id."""
    index = search.create_index("An index", "of checks")["id"]
    entries = [
        {
            "subject": f"s{n:03}",
            "visible_to": ["public"],
            "content": {"n": n, "word": "even" if n % 2 == 0 else "odd"},
        }
        for n in range(how_many)
    ]
    task = search.ingest(index, {"ingest_type": "GMetaList", "ingest_data": {"gmeta": entries}})["task_id"]
    assert_equal(wait_for_task(search, task), "SUCCESS")
    return index


@check
def every_paginator_of_search_returns_everything_once(env):
    search = client()
    index = index_of(search)
    everything = {f"s{n:03}" for n in range(HOW_MANY)}
    for name, pages in (
        ("search", search.paginated.search(index, "*", limit=100)),
        ("post_search", search.paginated.post_search(index, {"q": "*", "limit": 100})),
        ("scroll", search.paginated.scroll(index, SearchScrollQuery("*", limit=100))),
    ):
        found = [page for page in pages]
        subjects = [one["subject"] for page in found for one in page["gmeta"]]
        assert_equal((name, len(found)), (name, 3))
        assert_equal((name, len(subjects), set(subjects)), (name, HOW_MANY, everything))
        assert_that(all(page["count"] <= 100 for page in found), name)


@check
def a_query_filters_sorts_and_counts(env):
    search = client()
    index = index_of(search, 10)
    query = SearchQueryV1(
        q="odd",
        limit=3,
        offset=1,
        filters=[{"type": "range", "field_name": "n", "values": [{"from": 2, "to": "*"}]}],
        sort=[{"field_name": "n", "order": "desc"}],
        facets=[{"type": "terms", "field_name": "word", "name": "words", "size": 5}],
    )
    found = search.post_search(index, query)
    assert_equal([one["subject"] for one in found["gmeta"]], ["s007", "s005", "s003"])
    assert_equal((found["total"], found["facet_results"][0]["buckets"][0]["count"]), (4, 4))
    assert_equal(search.search(index, "n:<3", advanced=True)["total"], 3)


@check
def subjects_and_entries_are_read_and_deleted(env):
    search = client()
    index = index_of(search, 10)
    assert_equal(search.get_subject(index, "s001")["entries"][0]["content"]["n"], 1)
    assert_equal(search.get_entry(index, "s001")["entries"][0]["content"]["n"], 1)
    for answer in (
        search.delete_subject(index, "s001"),
        search.delete_entry(index, "s002"),
        search.delete_by_query(index, {"q": "even"}),
        search.batch_delete_by_subject(index, ["s003", "s005"]),
    ):
        assert_equal(wait_for_task(search, answer["task_id"]), "SUCCESS")
    left = {one["subject"] for one in search.search(index, "*")["gmeta"]}
    assert_equal(left, {"s007", "s009"})
    assert_error(404, "NotFound.Generic", lambda: search.get_subject(index, "s001"))
    assert_that(len(search.get_task_list(index)["tasks"]) >= 5, "tasks are missing")


@check
def indices_and_roles_are_managed(env):
    search = client()
    index = index_of(search, 1)
    assert_that(index in [one["id"] for one in search.index_list()["index_list"]], "it is not listed")
    role = search.create_role(
        index, {"role_name": "writer", "principal": f"urn:globus:auth:identity:{OTHER_ROBOT}"}
    )["id"]
    assert_that(role in [one["id"] for one in search.get_role_list(index)["role_list"]], "the role is not listed")
    search.delete_role(index, role)
    assert_equal(search.delete_index(index)["acknowledged"], True)
    assert_equal(search.get_index(index)["status"], "delete_pending")
    assert_equal(search.reopen_index(index)["acknowledged"], True)
