"""What the emulator costs: how soon it is ready, how much memory it needs, how many connections it
stands, and how fast Search is with 100,000 entries.

    python3 scripts/bench_emulator.py target/release/globus-emulator

It needs nothing but Python. It prints a table, and fails when a figure that we promise is missed.
"""

import asyncio
import base64
import http.client
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

CLIENT = "c0ffee00-0000-4000-8000-000000000001"
COLLECTION = "aaaaaaaa-0000-4000-8000-000000000001"
CONNECTIONS = 1_000
REQUESTS_EACH = 5
ENTRIES = 100_000
BATCH = 10_000
WORDS = "lattice neutron plasma genome glacier beamline quasar enzyme monsoon polymer".split()

rows = []


def row(what: str, promised: str, measured: str, kept: bool) -> None:
    rows.append((what, promised, measured, ("yes" if kept else "NO") if promised else ""))


class Emulator:
    """The program, over one folder of a hundred files; `seconds` is how long it took to be ready."""

    def __init__(self, binary: str, home: Path, *options: str) -> None:
        files = home / "files"
        if not files.exists():
            files.mkdir()
            for number in range(100):
                (files / f"file-{number}").write_text("x")
        env_file = home / "env.sh"
        env_file.unlink(missing_ok=True)
        command = [binary, "serve", "--addr", "127.0.0.1:0", "--client", f"{CLIENT}:secret"]
        command += ["--collection", f"{COLLECTION}={files}", "--env-file", str(env_file), *options]
        began = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not env_file.exists():
            if self.process.poll() is not None or time.perf_counter() - began > 60:
                sys.exit("the emulator does not start")
            time.sleep(0.0005)
        self.seconds = time.perf_counter() - began
        self.port = int(re.search(r"URL_AUTH=\S+:(\d+)/", env_file.read_text())[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def __enter__(self) -> "Emulator":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def memory(self) -> float:
        """Resident memory, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1000

    def ask(self, method: str, path: str, token: str, body: object = None) -> dict:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, headers)
        response = self.connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            sys.exit(f"{method} {path}: {response.status} {answer[:500]}")
        return json.loads(answer)

    def token(self, service: str) -> str:
        scope = f"urn:globus:auth:scope:{service}.api.globus.org:all"
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope})
        basic = base64.b64encode(f"{CLIENT}:secret".encode()).decode()
        headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.connection.request("POST", "/v2/oauth2/token", form, headers)
        return json.loads(self.connection.getresponse().read())["access_token"]


async def crowd(emulator: Emulator, token: str) -> tuple[list[float], list[str]]:
    """All connections are open before the first request, and until the last answer."""
    path = f"/v0.10/operation/endpoint/{COLLECTION}/ls?path=/"
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    times, errors = [], []
    connected = await asyncio.gather(
        *(asyncio.open_connection("127.0.0.1", emulator.port) for _ in range(CONNECTIONS)),
        return_exceptions=True,
    )
    errors += [repr(failed) for failed in connected if isinstance(failed, BaseException)]

    async def listings(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(REQUESTS_EACH):
            began = time.perf_counter()
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
            await reader.readexactly(length)
            times.append(time.perf_counter() - began)
            if not head.startswith(b"HTTP/1.1 200"):
                errors.append(head.decode(errors="replace").splitlines()[0])

    open_ones = [pair for pair in connected if not isinstance(pair, BaseException)]
    done = await asyncio.gather(*(listings(*pair) for pair in open_ones), return_exceptions=True)
    errors += [repr(failed) for failed in done if failed is not None]
    for _, writer in open_ones:
        writer.close()
    return times, errors


def entry(number: int) -> dict:
    words = [WORDS[number % 10], WORDS[number // 10 % 10], f"sample{number}"]
    return {
        "subject": f"https://example.org/{number}",
        "visible_to": ["public"],
        "content": {"title": " ".join(words), "year": 1950 + number % 75, "kind": words[0]},
    }


def search(emulator: Emulator) -> None:
    token = emulator.token("search")
    about = {"display_name": "Bench", "description": "A hundred thousand"}
    index = emulator.ask("POST", "/v1/index", token, about)["id"]
    batches = [
        {"ingest_type": "GMetaList", "ingest_data": {"gmeta": [entry(n) for n in range(at, at + BATCH)]}}
        for at in range(0, ENTRIES, BATCH)
    ]
    began = time.perf_counter()
    tasks = [
        emulator.ask("POST", f"/v1/index/{index}/ingest", token, batch)["task_id"] for batch in batches
    ]
    for task in tasks:
        while (state := emulator.ask("GET", f"/v1/task/{task}", token)["state"]) != "SUCCESS":
            if state == "FAILED":
                sys.exit("an ingest failed")
            time.sleep(0.02)
    seconds = time.perf_counter() - began
    row(f"{ENTRIES:,} entries ingested", "30 s", f"{seconds:.1f} s", seconds < 30)

    years = {"type": "range", "field_name": "year", "values": [{"from": 1960, "to": 1979}]}
    kinds = {"name": "kinds", "type": "terms", "field_name": "kind"}
    queries = {
        "one entry by a word": [{"q": f"sample{n * 977}"} for n in range(50)],
        "a word that 19 % have": [{"q": WORDS[n % 10]} for n in range(30)],
        "two words and a range": [
            {"q": f"{WORDS[n % 10]} {WORDS[(n + 3) % 10]}", "filters": [years]} for n in range(30)
        ],
        "a word and a facet": [{"q": WORDS[n % 10], "facets": [kinds]} for n in range(30)],
    }
    for what, bodies in queries.items():
        times = []
        for body in bodies:
            began = time.perf_counter()
            found = emulator.ask("POST", f"/v1/index/{index}/search", token, body)
            times.append((time.perf_counter() - began) * 1000)
            if not found["total"]:
                sys.exit(f"nothing found by {body}")
        median = statistics.median(times)
        measured = f"{median:.1f} ms, at most {max(times):.1f} ms"
        row(f"query: {what} ({found['total']:,} found)", "20 ms", measured, median < 20)


def main() -> int:
    binary = sys.argv[1]
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < CONNECTIONS + 100:
        sys.exit(f"ulimit -n is {files}: raise it above {CONNECTIONS + 100} for {CONNECTIONS} connections")

    with tempfile.TemporaryDirectory() as home:
        starts = []
        for _ in range(10):
            with Emulator(binary, Path(home)) as emulator:
                starts.append(emulator.seconds * 1000)
        median = statistics.median(starts)
        measured = f"{median:.0f} ms, at most {max(starts):.0f} ms"
        row("program started to ready", "100 ms", measured, median < 100)

        with Emulator(binary, Path(home), "--strict") as emulator:
            strict = f"{emulator.seconds * 1000:.0f} ms"
            row("the same with --strict (reads the specs)", "", strict, True)
        with Emulator(binary, Path(home)) as emulator:
            emulator.token("transfer")
            time.sleep(1)
            idle = emulator.memory()
            row("memory when idle", "40 MB", f"{idle:.0f} MB", idle < 40)
            times, errors = asyncio.run(crowd(emulator, emulator.token("transfer")))
            print(*errors[:5], sep="\n", file=sys.stderr)
            total = CONNECTIONS * REQUESTS_EACH
            measured = f"{len(errors)} errors in {total:,} listings, the slowest {max(times):.1f} s"
            kept = not errors and len(times) == total
            row(f"{CONNECTIONS:,} connections at a time", "no error", measured, kept)
            row("memory after them", "", f"{emulator.memory():.0f} MB", True)
        with Emulator(binary, Path(home), "--data", f"{home}/data") as emulator:
            search(emulator)
            row("memory after Search", "", f"{emulator.memory():.0f} MB", True)

    print("| what | promised | measured | kept |\n| --- | --- | --- | --- |")
    for cells in rows:
        print("| " + " | ".join(cells) + " |")
    return 0 if all(kept != "NO" for *_, kept in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
