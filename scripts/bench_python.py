"""Measures the Python SDK for `just bench-python`: CASE SIZE URL. Prints the cost as JSON.

The same work as in crates/globus-bench, written as a user of the Python SDK would.
"""

import json
import os
import sys
import time

case, size, url = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.environ["GLOBUS_SDK_SERVICE_URL_TRANSFER"] = url
os.environ["GLOBUS_SDK_SERVICE_URL_AUTH"] = url

import globus_sdk  # noqa: E402  reads these variables

ID = "6c54cade-bde5-45c1-bdea-f4bd71dba2cc"
authorizer = globus_sdk.AccessTokenAuthorizer("a-token")
transfer = globus_sdk.TransferClient(authorizer=authorizer)
auth = globus_sdk.AuthClient(authorizer=authorizer)


def get_task(calls):
    for _ in range(calls):
        assert transfer.get_task(ID)["files"] == 186
    return calls


def task_list(wanted):
    pages = transfer.paginated.endpoint_manager_task_list(query_params={"size": wanted})
    return sum(1 for task in pages.items() if task["files"] == 186)


def operation_ls(entries):
    listing = transfer.operation_ls(ID, path=f"/large/{entries}/")
    return sum(1 for entry in listing if entry["type"] == "file")


def operation_ls_extra(entries):
    listing = transfer.operation_ls(ID, path=f"/novel/{entries}/")
    return sum(1 for entry in listing if entry["novelty"] == 17)


def walk(folders):
    # sequentially, as in the SDK's recipe for recursive listings
    waiting, seen = [f"/slow/{folders}/"], 0
    while waiting:
        path = waiting.pop()
        for entry in transfer.operation_ls(ID, path=path):
            if entry["type"] == "dir" and not entry["link_target"]:
                waiting.append(f"{path}{entry['name']}/")
            seen += 1
    return seen


def submit_transfer(items):
    data = globus_sdk.TransferData(ID, ID)
    for n in range(items):
        data.add_item(
            f"/project/data/run7/part{n}/file{n}.dat",
            f"/archive/in/run7/part{n}/file{n}.dat",
        )
    assert transfer.submit_transfer(data)["code"] == "Accepted"
    return len(data["DATA"])


def identity_map(count):
    ids = [f"470d39c4-b65c-4f25-9ef2-{n:012x}" for n in range(count)]
    known = globus_sdk.IdentityMap(auth, ids)
    return sum(1 for one in ids if known[one]["username"])


def peak():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM:")).split()[1])


expected = size - 1 + size * 10 if case == "walk" else size
get_task(10)
before, wall, cpu = peak(), time.perf_counter(), time.process_time()
done = globals()[case](size)
cost = {
    "wall": time.perf_counter() - wall,
    "cpu": time.process_time() - cpu,
    "peak": peak(),
    "before": before,
}
assert done == expected, f"{done} of {expected}"
print(json.dumps(cost))
