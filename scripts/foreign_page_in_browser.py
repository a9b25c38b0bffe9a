"""A page of another origin uses the emulator's services in a real browser, and changes nothing else.

usage: foreign_page_in_browser.py EMULATOR

EMULATOR is the built program. The page is served from another port of 127.0.0.1, which is another origin on
the same site, and from localhost, which is another site. It logs in by PKCE, calls all four services, and then
tries everything that a page can send to the control API. Chromium must be installed; it is used through
Playwright.
"""

import datetime
import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid

from playwright.sync_api import sync_playwright

SCOPES = " ".join(
    ["openid", "profile", "email"]
    + [f"urn:globus:auth:scope:{service}.api.globus.org:all" for service in ("transfer", "search", "groups")]
)

# What a web app does first; the tokens come to `sessionStorage`, by their service.
LOG_IN = """async ({emulator, client, scope}) => {
  const text = bytes => btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const verifier = text(crypto.getRandomValues(new Uint8Array(48)));
  sessionStorage.setItem("verifier", verifier);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  location = emulator + "v2/oauth2/authorize?" + new URLSearchParams({
    client_id: client, scope, response_type: "code", state: "here", redirect_uri: location.origin + "/",
    code_challenge: text(new Uint8Array(digest)), code_challenge_method: "S256" });
}"""
EXCHANGE = """async ({emulator, client}) => {
  const body = new URLSearchParams({ grant_type: "authorization_code", client_id: client,
    code: new URLSearchParams(location.search).get("code"), redirect_uri: location.origin + "/",
    code_verifier: sessionStorage.getItem("verifier") });
  const answer = await (await fetch(emulator + "v2/oauth2/token", { method: "POST", body })).json();
  return Object.fromEntries([answer, ...answer.other_tokens].map(one => [one.resource_server, one.access_token]));
}"""
CALL = """async ({url, method, token, body}) => {
  const answer = await fetch(url, { method, body: body && JSON.stringify(body), headers: {
    Authorization: "Bearer " + token, "Content-Type": "application/json",
    "X-Globus-Client-Info": "product=a-page,version=1" } });
  return [answer.status, await answer.json()];
}"""

# Requests by script, in every mode and type; whether the page may read an answer.
FETCHES = """async ({emulator, targets}) => {
  const readable = [];
  const types = ["text/plain", "application/json", "application/x-www-form-urlencoded", null];
  const attempts = targets.flatMap(([path, body]) => ["POST", "PUT", "PATCH", "DELETE", "GET"].flatMap(method =>
    ["cors", "no-cors"].flatMap(mode => types.map(async type => {
      const init = { method, mode, credentials: "include" };
      if (method !== "GET") init.body = body;
      if (type) init.headers = { "Content-Type": type };
      try {
        const answer = await fetch(emulator + path, init);
        if (answer.type !== "opaque") readable.push(`${method} ${path} ${type}`);
      } catch { /* what should happen */ }
    }))));
  await Promise.all(attempts);
  for (const [path, body] of targets) navigator.sendBeacon(emulator + path, body);
  return [attempts.length, readable];
}"""
# Forms, in frames with and without an origin, straight and by a redirect of the page's own server.
FORMS = """async ({emulator, targets}) => {
  const attempts = targets.flatMap(([path, body]) => [
    ["text/plain", emulator + path],
    ["text/plain", emulator + path, "allow-scripts allow-forms"],
    ["text/plain", "/bounce?to=" + encodeURIComponent(emulator + path)],
    ["application/x-www-form-urlencoded", emulator + path],
  ].map(async ([enctype, action, sandbox]) => {
    const frame = document.createElement("iframe");
    if (sandbox) frame.setAttribute("sandbox", sandbox);
    // a name and a value with `=` between them: still JSON as plain text
    const name = (body.slice(0, -1) + ', "x": "').replace("{, ", "{").replaceAll('"', "&quot;");
    frame.srcdoc = `<form method=post enctype="${enctype}" action="${new URL(action, location)}">` +
      `<input name="${name}" value="&quot;}"></form>` +
      `<script>onload = () => setTimeout(() => document.forms[0].submit())</` + `script>`;
    // the form, and then what came of it; an empty answer would leave the form there
    await new Promise(resolve => {
      frame.onload = () => { frame.onload = resolve; setTimeout(resolve, 5000); };
      document.body.append(frame);
    });
    frame.remove();
  }));
  await Promise.all(attempts);
  return attempts.length;
}"""


NAVIGATE = """url => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: url });
  document.body.append(form);
  form.submit();
}"""


class Site(http.server.BaseHTTPRequestHandler):
    """An empty page, and a redirect that keeps method and body."""

    def answer(self):
        if self.path.startswith("/bounce?to="):
            self.send_response(307)
            self.send_header("Location", urllib.request.unquote(self.path.split("=", 1)[1]))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"<!doctype html><title>A page</title><body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer()

    do_GET = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """The browser leaves when a page does."""


def control(emulator, path, method="GET", body=None):
    """What a program, and no page, is answered."""
    data = body if body is None else json.dumps(body).encode()
    request = urllib.request.Request(emulator + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


def targets(collection, snapshot):
    """All that changes something: where, with a body that does so, and by which method."""
    return [
        ["_emulator/clock", '{"advance_seconds": 86400}', "POST"],
        ["_emulator/tokens", '{"action": "revoke"}', "POST"],
        ["_emulator/faults", '{"rules": [{"fault": {"kind": "status", "status": 500}}]}', "POST"],
        ["_emulator/faults", "{}", "DELETE"],
        ["_emulator/requests", "{}", "DELETE"],
        ["_emulator/snapshots", "{}", "POST"],
        [f"_emulator/snapshots/{snapshot}/restore", "{}", "POST"],
        [f"_emulator/snapshots/{snapshot}", "{}", "DELETE"],
        [f"_emulator/collections/{collection}/requirements", '{"mfa": true}', "PUT"],
        ["_emulator/reset", "{}", "POST"],
    ]


def state(emulator, collection):
    now = datetime.datetime.fromisoformat(control(emulator, "_emulator/clock")["now"][:19] + "+00:00")
    return {
        "hours ahead": round((now - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 3600),
        "faults": control(emulator, "_emulator/faults"),
        "snapshots": control(emulator, "_emulator/snapshots"),
        "requirements": control(emulator, f"_emulator/collections/{collection}/requirements"),
    }


def use_services(page, emulator, client, collection):
    """Logs in and calls each service, with documents and with errors to read. Gives the tokens."""
    page.evaluate(LOG_IN, {"emulator": emulator, "client": client, "scope": SCOPES})
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url("**/?*code=*")
    tokens = page.evaluate(EXCHANGE, {"emulator": emulator, "client": client})

    def call(service, path, body=None, token=None):
        method = "GET" if body is None else "POST"
        token = token or tokens[service]
        return page.evaluate(CALL, {"url": emulator + path, "method": method, "token": token, "body": body})

    transfer, folder = "transfer.api.globus.org", f"/{uuid.uuid4()}/"
    files = f"v0.10/operation/endpoint/{collection}"
    document = {"DATA_TYPE": "mkdir", "path": folder}
    calls = [
        (call(transfer, f"{files}/mkdir", document), 202, "code", "DirectoryCreated"),
        (call(transfer, f"{files}/ls?path={folder}"), 200, "DATA_TYPE", "file_list"),
        (call(transfer, f"{files}/ls?path=/nowhere/"), 404, "code", "ClientError.NotFound"),
        (call(transfer, "v0.10/task_list", token="ended"), 401, "message", "Token is not active"),
        (call("search.api.globus.org", "v1/index", {"display_name": "A", "description": "B"}), 200, "status", "open"),
        (call("search.api.globus.org", f"v1/index/{uuid.uuid4()}"), 404, "code", "NotFound.NoSuchIndex"),
        (call("groups.api.globus.org", "v2/groups", {"name": "Readers"}), 201, "name", "Readers"),
        (call("groups.api.globus.org", f"v2/groups/{uuid.uuid4()}"), 404, "code", "GROUP_NOT_FOUND"),
        (call("auth.globus.org", "v2/oauth2/userinfo"), 200, "name", None),
        (call("auth.globus.org", "v2/oauth2/userinfo", token="ended"), 401, "error", "unauthorized"),
    ]
    for (status, answer), expected, member, value in calls:
        assert status == expected and member in answer, (expected, status, answer)
        assert value is None or answer[member] == value, (value, answer)
    return lambda: call(transfer, "v0.10/task_list")[0]


def check(browser, emulator, origin, collection):
    page = browser.new_context().new_page()
    page.goto(origin)
    list_tasks = use_services(page, emulator, str(uuid.uuid4()), collection)

    snapshot = control(emulator, "_emulator/snapshots", "POST", {})["id"]
    before, recorded = state(emulator, collection), len(control(emulator, "_emulator/requests"))
    aims = targets(collection, snapshot)
    sent, readable = page.evaluate(FETCHES, {"emulator": emulator, "targets": aims})
    assert not readable, f"a page of {origin} reads {readable}"
    sent += page.evaluate(FORMS, {"emulator": emulator, "targets": aims})
    after = state(emulator, collection)
    assert after == before, (before, after)
    # a whole page, which the person would see
    with page.expect_navigation(timeout=5000):
        page.evaluate(NAVIGATE, emulator + "_emulator/reset")
    page.goto(origin)
    assert len(control(emulator, "_emulator/requests")) >= recorded, "the record was forgotten"
    assert list_tasks() == 200, "the tokens were revoked"
    page.context.close()
    # the same from a program does what it says
    for path, body, method in aims:
        control(emulator, path, method, json.loads(body))
    return sent + 1


def main():
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    site = Server(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "data").mkdir()
        environment = folder / "env.sh"
        options = ["--addr", "127.0.0.1:0", "--collection", folder / "data", "--env-file", environment]
        server = subprocess.Popen([sys.argv[1], "serve", *options], stdout=subprocess.DEVNULL)
        try:
            while not environment.exists():
                time.sleep(0.01)
            lines = environment.read_text().replace("export ", "").split()
            values = dict(line.split("=", 1) for line in lines)
            emulator, collection = values["EMULATOR_URL"] + "/", values["EMULATOR_COLLECTION_1"]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                hosts = ["127.0.0.1", "localhost"]
                sent = [check(browser, emulator, f"http://{host}:{site.server_port}/", collection) for host in hosts]
                browser.close()
        finally:
            server.kill()
    print(f"pages of other origins use the services; {sum(sent)} requests of theirs changed nothing else")


main()
