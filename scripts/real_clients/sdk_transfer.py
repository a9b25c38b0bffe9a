"""Transfer with the Python SDK: files, tasks, every paginator, sharing and management."""

import uuid

from globus_sdk import DeleteData, TransferClient, TransferData
from globus_sdk.experimental.transfer_v2 import TransferClientV2

from checks import check, assert_that, assert_error, assert_equal
from environment import OTHER_ROBOT
from sdk_session import other_robot_app, person_app, robot_app
from trees import TREE, assert_files, write_tree


def client():
    return TransferClient(app=robot_app())


def run_task(transfer, data):
    """Submits a task, waits for it to succeed, and returns it."""
    submit = transfer.submit_transfer if data["DATA_TYPE"] == "transfer" else transfer.submit_delete
    task = submit(data)["task_id"]
    assert_that(transfer.task_wait(task, timeout=30, polling_interval=1), task)
    document = transfer.get_task(task)
    assert_equal(document["status"], "SUCCEEDED")
    return document


def transfer_data(env, **options):
    return TransferData(source_endpoint=env.source, destination_endpoint=env.destination, **options)


@check
def a_transfer_is_submitted_awaited_and_reported(env):
    write_tree(env.here / "sdk", TREE)
    write_tree(env.there / "sdk", {})
    transfer = client()
    data = transfer_data(env, label="sdk", verify_checksum=True, preserve_timestamp=True)
    data.add_item("/sdk/", "/sdk/", recursive=True)
    task = run_task(transfer, data)
    assert_files(env.there / "sdk", TREE)
    assert_equal((task["files_transferred"], task["bytes_transferred"]), (len(TREE), sum(map(len, TREE.values()))))
    gone = DeleteData(endpoint=env.destination, recursive=True)
    gone.add_item("/sdk/sub")
    run_task(transfer, gone)
    assert_files(env.there / "sdk", {name: content for name, content in TREE.items() if "/" not in name})


@check
def a_transfer_syncs_filters_and_deletes_extra_files(env):
    write_tree(env.there / "sdk", {"extra": b"x", "empty": b"other", "large.bin": TREE["large.bin"]})
    data = transfer_data(env, sync_level="checksum", delete_destination_extra=True)
    data.add_item("/sdk/", "/sdk/", recursive=True)
    data.add_filter_rule("*.txt", method="exclude", type="file")
    task = run_task(client(), data)
    assert_files(env.there / "sdk", {name: content for name, content in TREE.items() if not name.endswith(".txt")})
    assert_equal(task["files_skipped"], 1)


@check
def a_submission_twice_is_one_task_and_a_cancelled_one_fails(env):
    transfer = client()
    rule = transfer.endpoint_manager_create_pause_rule(
        {
            "DATA_TYPE": "pause_rule",
            "message": "Wait",
            "endpoint_id": env.source,
            "pause_task_transfer_read": True,
        }
    )["id"]
    data = transfer_data(env, submission_id=transfer.get_submission_id()["value"])
    data.add_item("/sdk/empty", "/paused")
    first, second = transfer.submit_transfer(data), transfer.submit_transfer(data)
    assert_equal((first["code"], second["code"], second["task_id"]), ("Accepted", "Duplicate", first["task_id"]))
    task = first["task_id"]
    assert_equal(transfer.task_wait(task, timeout=1, polling_interval=1), False)
    assert_equal([one["id"] for one in transfer.task_pause_info(task)["pause_rules"]], [rule])
    transfer.update_task(task, {"DATA_TYPE": "task", "label": "held"})
    assert_equal(transfer.cancel_task(task)["code"], "Canceled")
    ended = transfer.get_task(task)
    assert_equal((ended["status"], ended["label"]), ("FAILED", "held"))
    transfer.endpoint_manager_delete_pause_rule(rule)
    assert_that(not (env.there / "paused").exists(), "a canceled task wrote its file")


@check
def files_are_listed_created_renamed_and_described(env):
    transfer = client()
    listed = transfer.operation_ls(
        env.source, "/sdk/", filter=["type:file", "name:~*.none"], orderby=["size", "name"]
    )
    assert_equal([one["name"] for one in listed], ["empty", "read me.txt", "large.bin"])
    page = transfer.operation_ls(env.source, "/sdk/", limit=2, offset=1, show_hidden=False)
    assert_equal([one["name"] for one in page], ["empty", "large.bin"])
    assert_equal(transfer.operation_stat(env.source, "/sdk/large.bin")["size"], len(TREE["large.bin"]))
    made = f"/{uuid.uuid4()}"
    transfer.operation_mkdir(env.source, made)
    transfer.operation_rename(env.source, made, made + "-2")
    assert_that((env.here / f"{made[1:]}-2").is_dir(), "the directory is not renamed on disk")
    assert_error(404, "ClientError.NotFound", lambda: transfer.operation_ls(env.source, made))


@check
def every_paginator_of_transfer_returns_everything_once(env):
    files = {f"{n:03}": b"" for n in range(250)}
    write_tree(env.here / "many", files)
    transfer = client()
    data = transfer_data(env, label="many", skip_source_errors=True)
    data.add_item("/many/", "/many/", recursive=True)
    for n in range(3):
        data.add_item(f"/no-such-file-{n}", f"/many/{n}")
    task = run_task(transfer, data)["task_id"]
    assert_files(env.there / "many", files)
    earlier = {one["id"] for one in transfer.my_shared_endpoint_list(env.source)}
    guests = {
        transfer.create_shared_endpoint(
            {
                "DATA_TYPE": "shared_endpoint",
                "host_endpoint_id": env.source,
                "host_path": "/many/",
                "display_name": f"many {n}",
            }
        )["id"]
        for n in range(5)
    }
    key = lambda name: lambda items: [one[name] for one in items]
    paths = key("source_path")
    wanted = {
        "endpoint_search": (dict(filter_fulltext="many", filter_scope="shared-by-me"), key("id"), guests),
        "get_shared_endpoint_list": (
            dict(endpoint_id=env.source, max_results=2),
            key("id"),
            earlier | guests,
        ),
        "task_list": (dict(filter="label:many"), key("task_id"), {task}),
        "task_event_list": (dict(task_id=task), key("code"), None),
        "task_successful_transfers": (dict(task_id=task), paths, {f"/many/{name}" for name in files}),
        "task_skipped_errors": (dict(task_id=task), paths, {f"/no-such-file-{n}" for n in range(3)}),
        "endpoint_manager_task_list": (dict(filter_task_id=task), key("task_id"), {task}),
        "endpoint_manager_task_event_list": (dict(task_id=task), key("code"), None),
        "endpoint_manager_task_successful_transfers": (
            dict(task_id=task),
            paths,
            {f"/many/{name}" for name in files},
        ),
        "endpoint_manager_task_skipped_errors": (
            dict(task_id=task),
            paths,
            {f"/no-such-file-{n}" for n in range(3)},
        ),
    }
    assert_equal(set(wanted), set(paginated(TransferClient)))
    for name, (arguments, of, expected) in wanted.items():
        found = of(getattr(transfer.paginated, name)(**arguments).items())
        if expected is None:
            assert_that({"STARTED", "SUCCEEDED"} <= set(found), (name, found))
        else:
            assert_equal((name, sorted(found)), (name, sorted(expected)))
    v2 = TransferClientV2(app=robot_app())
    assert_equal(paginated(TransferClientV2), ["list_stream_access_points"])
    assert_equal([page.data["data"] for page in v2.paginated.list_stream_access_points()], [[]])
    for guest in guests:
        transfer.delete_endpoint(guest)


def paginated(client_class):
    """The names of the SDK's paginated methods."""
    return [
        name for name in dir(client_class) if getattr(getattr(client_class, name), "_has_paginator", False)
    ]


@check
def access_rules_control_a_guest_collection(env):
    transfer, other = client(), TransferClient(app=other_robot_app())
    person = TransferClient(app=person_app(env))
    write_tree(env.here / "guest", TREE)
    guest = transfer.create_shared_endpoint(
        {
            "DATA_TYPE": "shared_endpoint",
            "host_endpoint_id": env.source,
            "host_path": "/guest/",
            "display_name": "Guest",
        }
    )["id"]
    assert_error(404, "EndpointNotFound", lambda: person.get_endpoint(guest))
    rule = transfer.add_endpoint_acl_rule(
        guest,
        {
            "DATA_TYPE": "access",
            "principal_type": "all_authenticated_users",
            "principal": "",
            "path": "/sub/",
            "permissions": "r",
        },
    )["access_id"]
    assert_equal([one["name"] for one in person.operation_ls(guest, "/sub/")], ["deep", "b.bin"])
    transfer.update_endpoint_acl_rule(guest, rule, {"permissions": "rw"})
    assert_equal(transfer.get_endpoint_acl_rule(guest, rule)["permissions"], "rw")
    assert_that(rule in [one["id"] for one in transfer.endpoint_acl_list(guest)], "it is not listed")
    role = transfer.add_endpoint_role(
        guest,
        {
            "DATA_TYPE": "role",
            "principal_type": "identity",
            "principal": OTHER_ROBOT,
            "role": "activity_monitor",
        },
    )["id"]
    assert_equal(transfer.get_endpoint_role(guest, role)["role"], "activity_monitor")
    assert_that(guest in [one["id"] for one in other.endpoint_manager_monitored_endpoints()], "it is not monitored")
    transfer.delete_endpoint_role(guest, role)
    transfer.delete_endpoint_acl_rule(guest, rule)
    assert_error(404, "NotFound", lambda: transfer.get_endpoint_acl_rule(guest, rule))
    transfer.delete_endpoint(guest)


@check
def bookmarks_and_endpoints_are_managed(env):
    transfer = client()
    mark = transfer.create_bookmark({"endpoint_id": env.source, "path": "/sdk/", "name": "sdk"})["id"]
    assert_equal(transfer.update_bookmark(mark, {"name": "renamed"})["name"], "renamed")
    assert_equal([one["name"] for one in transfer.bookmark_list()], ["renamed"])
    assert_equal(transfer.get_bookmark(mark)["endpoint_id"], env.source)
    transfer.delete_bookmark(mark)
    transfer.update_endpoint(env.source, {"DATA_TYPE": "endpoint", "description": "by the SDK"})
    assert_equal(transfer.get_endpoint(env.source)["description"], "by the SDK")
    assert_error(404, "EndpointNotFound", lambda: transfer.get_endpoint(str(uuid.uuid4())))
