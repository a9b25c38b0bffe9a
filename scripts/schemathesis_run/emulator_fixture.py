"""An emulator with seeded data, and tokens for its users."""

import base64
import json
import shlex
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

import fixtures


class EmulatorFixture:
    """A running emulator whose folders are under `root`."""

    def __init__(self, emulator, root, strict):
        self.root, self.strict = Path(root), strict
        self.record = self.root / "record.json"
        fixtures.write_files(self.root)
        seed, env_file = self.root / "seed.json", self.root / "env.sh"
        seed.write_text(json.dumps(fixtures.seed(self.root)))
        self.log = open(self.root / "emulator.log", "w+")
        self.server = subprocess.Popen(
            [emulator, "serve", "--addr", "127.0.0.1:0", "--auto-consent", "--data", str(self.root / "state"),
             "--seed", str(seed), "--env-file", str(env_file), *(["--strict"] if strict else [])],
            stdout=subprocess.DEVNULL,
            stderr=self.log,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not env_file.exists():
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the emulator did not start: {self.log_text()}")
            time.sleep(0.02)
        exports = [shlex.split(line)[1].split("=", 1) for line in env_file.read_text().splitlines()]
        self.seed_outputs = {name.removeprefix("EMULATOR_"): value for name, value in exports}
        self.seed_outputs |= fixtures.COLLECTIONS | {"ROBOT": fixtures.ROBOT}
        self.base = self.seed_outputs["GLOBUS_SDK_SERVICE_URL_AUTH"].rstrip("/")

    def log_text(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        """Stops it. In strict mode, the exit code tells whether all its responses conformed to the specs."""
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
        return self.server.wait(30)

    def login(self, scope):
        """Logs in as the default person, with a confidential client, and returns the tokens."""
        query = {
            "client_id": fixtures.ROBOT,
            "redirect_uri": fixtures.REDIRECT,
            "scope": scope,
            "state": "lab",
            "response_type": "code",
            "access_type": "offline",
        }
        page = requests.get(f"{self.base}/v2/oauth2/authorize", params=query, allow_redirects=False)
        code = parse_qs(urlsplit(page.headers["Location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": fixtures.REDIRECT}
        answer = requests.post(f"{self.base}/v2/oauth2/token", form, auth=(fixtures.ROBOT, fixtures.SECRET))
        answer.raise_for_status()
        return answer.json()

    def wait_for_tasks(self, bearer):
        """Waits until the seeded tasks are in the states that they are named after."""
        wanted = {"DONE": "SUCCEEDED", "SKIPPED": "SUCCEEDED", "CANCELED": "FAILED"}
        deadline = time.monotonic() + 30
        while True:
            seen = {
                name: requests.get(
                    f"{self.base}/v0.10/task/{self.seed_outputs[name]}", headers={"Authorization": bearer}
                ).json()["status"]
                for name in wanted
            }
            if seen == wanted:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"the tasks are {seen}, not {wanted}")
            time.sleep(0.05)

    def environment(self, service, spec):
        """The environment variables for the hooks."""
        scopes = spec["x-globus-service"]["scopes"].values()
        tokens = self.login(" ".join(scopes))
        if service == "transfer":
            self.wait_for_tasks(f"Bearer {tokens['access_token']}")
        snapshot = requests.post(f"{self.base}/_emulator/snapshots", timeout=30).json()["id"]
        secret = base64.b64encode(f"{fixtures.ROBOT}:{fixtures.SECRET}".encode()).decode()
        fixture = {
            "base": self.base,
            "root": str(self.root),
            "seed_outputs": self.seed_outputs,
            "service": service,
            "strict": self.strict,
            "snapshot": snapshot,
            "basic": f"Basic {secret}",
            "bearer": f"Bearer {tokens['access_token']}",
            "token": tokens["access_token"],
            "record": str(self.record),
        }
        here = str(Path(__file__).parent)
        return {"EMULATOR_FIXTURE": json.dumps(fixture), "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": here}
