"""An emulator with a world in it, and tokens for whoever asks."""

import base64
import json
import shlex
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

import world


class Lab:
    """A running emulator over folders below `root`."""

    def __init__(self, emulator, root, strict):
        self.root, self.strict = Path(root), strict
        self.record = self.root / "record.json"
        world.lay_files(self.root)
        seed, env_file = self.root / "seed.json", self.root / "env.sh"
        seed.write_text(json.dumps(world.seed(self.root)))
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
                raise RuntimeError(f"the emulator does not start: {self.said()}")
            time.sleep(0.02)
        exports = [shlex.split(line)[1].split("=", 1) for line in env_file.read_text().splitlines()]
        self.kept = {name.removeprefix("EMULATOR_"): value for name, value in exports}
        self.kept |= world.COLLECTIONS | {"ROBOT": world.ROBOT}
        self.base = self.kept["GLOBUS_SDK_SERVICE_URL_AUTH"].rstrip("/")

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        """Ends it; in strict mode the exit code says whether all that it answered is in the specs."""
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
        return self.server.wait(30)

    def login(self, scope):
        """The tokens of the person at this machine, for a client with a secret."""
        query = {
            "client_id": world.ROBOT,
            "redirect_uri": world.REDIRECT,
            "scope": scope,
            "state": "lab",
            "response_type": "code",
            "access_type": "offline",
        }
        page = requests.get(f"{self.base}/v2/oauth2/authorize", params=query, allow_redirects=False)
        code = parse_qs(urlsplit(page.headers["Location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": world.REDIRECT}
        answer = requests.post(f"{self.base}/v2/oauth2/token", form, auth=(world.ROBOT, world.SECRET))
        answer.raise_for_status()
        return answer.json()

    def settle(self, bearer):
        """Waits until the tasks of the world are in the states that they are named after."""
        wanted = {"DONE": "SUCCEEDED", "SKIPPED": "SUCCEEDED", "CANCELED": "FAILED"}
        deadline = time.monotonic() + 30
        while True:
            seen = {
                name: requests.get(
                    f"{self.base}/v0.10/task/{self.kept[name]}", headers={"Authorization": bearer}
                ).json()["status"]
                for name in wanted
            }
            if seen == wanted:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"the tasks are {seen}, not {wanted}")
            time.sleep(0.05)

    def environment(self, service, spec):
        """What the hooks have to know."""
        scopes = spec["x-globus-service"]["scopes"].values()
        tokens = self.login(" ".join(scopes))
        if service == "transfer":
            self.settle(f"Bearer {tokens['access_token']}")
        snapshot = requests.post(f"{self.base}/_emulator/snapshots", timeout=30).json()["id"]
        secret = base64.b64encode(f"{world.ROBOT}:{world.SECRET}".encode()).decode()
        lab = {
            "base": self.base,
            "root": str(self.root),
            "kept": self.kept,
            "service": service,
            "strict": self.strict,
            "snapshot": snapshot,
            "basic": f"Basic {secret}",
            "bearer": f"Bearer {tokens['access_token']}",
            "token": tokens["access_token"],
            "record": str(self.record),
        }
        here = str(Path(__file__).parent)
        return {"EMULATOR_LAB": json.dumps(lab), "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": here}
