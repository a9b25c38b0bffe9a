"""The test environment: an emulator with two folders, a robot with a secret, and a person.

The CLI runs as a program with its own home directory, as the robot (client mode) and as the person (user
mode). The SDK runs in this process, which has the variables of the emulator's env file.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from checks import Failure

ROBOT = "c0ffee00-0000-4000-8000-000000000001"
OTHER_ROBOT = "c0ffee00-0000-4000-8000-000000000002"
SECRET = "a secret"
# the person whom `--auto-consent` logs in
PERSON = "user@sandbox.local"
# an unregistered client: the emulator treats any unknown id as a native app
NATIVE_APP = "00000000-0000-4000-8000-000000009a71"


class Environment:
    def __init__(self, emulator, globus):
        self.emulator, self.globus = emulator, globus
        self.commands = 0

    def __enter__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="real-clients-"))
        self.here, self.there = self.root / "here", self.root / "there"
        for name in ("here", "there", "home", "robot", "person"):
            (self.root / name).mkdir()
        for name in list(os.environ):
            if name.startswith(("GLOBUS_", "EMULATOR_")):
                del os.environ[name]
        os.environ.update(HOME=str(self.root / "home"), NO_PROXY="127.0.0.1,localhost")
        try:
            self._serve()
        except BaseException:
            self.__exit__(Failure, None, None)
            raise
        return self

    def _serve(self):
        env_file = self.root / "env.sh"
        self.log = open(self.root / "emulator.log", "w+")
        self.server = subprocess.Popen(
            [
                self.emulator,
                "serve",
                "--addr",
                "127.0.0.1:0",
                "--auto-consent",
                "--strict",
                "--collection",
                str(self.here),
                "--collection",
                str(self.there),
                "--client",
                f"{ROBOT}:{SECRET}",
                "--client",
                f"{OTHER_ROBOT}:{SECRET}",
                "--env-file",
                str(env_file),
            ],
            stdout=subprocess.DEVNULL,
            stderr=self.log,
        )
        deadline = time.monotonic() + 30
        while not env_file.exists():
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise Failure("globus-emulator serve", self._log_text(), "an env file within 30 seconds")
            time.sleep(0.02)
        for line in env_file.read_text().splitlines():
            name, value = shlex.split(line)[1].split("=", 1)
            os.environ[name] = value
        self.base = os.environ["GLOBUS_SDK_SERVICE_URL_AUTH"].rstrip("/")
        self.source = os.environ["EMULATOR_COLLECTION_1"]
        self.destination = os.environ["EMULATOR_COLLECTION_2"]
        self.robot = Cli(self, "robot", client_mode=True)
        self.person = Cli(self, "person", client_mode=False)

    def __exit__(self, kind, error, trace):
        """Stops the emulator. In strict mode, its exit code tells whether all its responses conformed to
        the specs."""
        if hasattr(self, "server") and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(30)
        output = self._log_text()
        shutil.rmtree(self.root)
        if kind is None and self.server.returncode != 0:
            raise Failure("kill -TERM globus-emulator", output, "exit code 0: every response conforms to the specs")

    def _log_text(self):
        self.log.seek(0)
        return self.log.read()

    def control(self, method, path, body):
        """Calls the emulator's control API."""
        request = urllib.request.Request(
            f"{self.base}/_emulator/{path}", json.dumps(body).encode(), method=method
        )
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def authorization_code(self, authorize_url):
        """Opens the authorize page, as a browser would, and returns the code from the redirect."""
        try:
            urllib.request.build_opener(NoRedirect).open(authorize_url)
        except urllib.error.HTTPError as answer:
            query = urllib.parse.urlsplit(answer.headers.get("Location", "")).query
            found = urllib.parse.parse_qs(query).get("code")
            if answer.code == 302 and found:
                return found[0]
            raise Failure(
                f"GET {authorize_url}", f"{answer.code} {answer.headers}", "302 with a code"
            ) from None
        raise Failure(f"GET {authorize_url}", "a page", "302 with a code")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Cli:
    """The `globus` command, with the home directory of one user."""

    def __init__(self, env, home, client_mode):
        self.env = env
        self.environment = dict(os.environ, HOME=str(env.root / home))
        if not client_mode:
            del self.environment["GLOBUS_CLI_CLIENT_ID"], self.environment["GLOBUS_CLI_CLIENT_SECRET"]

    def __call__(self, *arguments, exit_code=0, matches=None, stdin=""):
        """Runs a command and checks its exit code and a pattern in its output. Returns its standard output."""
        self.env.commands += 1
        command = [self.env.globus, *map(str, arguments)]
        done = subprocess.run(
            command,
            env=self.environment,
            input=stdin,
            text=True,
            timeout=120,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._check_result(command, done.returncode, done.stdout + done.stderr, exit_code, matches)
        return done.stdout

    def json(self, *arguments):
        return json.loads(self(*arguments, "-F", "json"))

    def consents(self, *arguments, matches=None):
        """Runs a command that prints a URL and reads the code from there."""
        self.env.commands += 1
        command = [self.env.globus, *map(str, arguments), "--no-local-server"]
        with subprocess.Popen(
            command,
            env=self.environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as running:
            output = ""
            for line in running.stdout:
                output += line
                if line.startswith("http"):
                    print(self.env.authorization_code(line.strip()), file=running.stdin, flush=True)
                    running.stdin.close()
            running.wait(120)
        self._check_result(command, running.returncode, output, 0, matches)

    def _check_result(self, command, code, output, exit_code, matches):
        fits = matches is None or re.search(matches, output, re.MULTILINE)
        if code != exit_code or not fits:
            expected = f"exit code {exit_code}" + (f", and output matching /{matches}/" if matches else "")
            raise Failure(shlex.join(["globus", *command[1:]]), f"exit code {code}\n{output}", expected)
