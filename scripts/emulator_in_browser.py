"""Tests the emulator's page in a real browser: phone and desktop sizes, keyboard, and live updates.

usage: emulator_in_browser.py EMULATOR [SCREENSHOT]

EMULATOR is the built program. Requires Chromium, which Playwright controls.
"""

import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

from playwright.sync_api import expect, sync_playwright

CLIENT, SECRET = str(uuid.uuid4()), "a-secret"
TRANSFER = "urn:globus:auth:scope:transfer.api.globus.org:all"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1200, "height": 900}


def ask(url, authorization, body=None, form=False):
    if body is not None and not form:
        body = json.dumps(body).encode()
    request = urllib.request.Request(url, body, {"Authorization": authorization})
    if not form:
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def submit(address, collections):
    """Submits a transfer of four files."""
    basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    grant = f"grant_type=client_credentials&scope={TRANSFER}".encode()
    token = ask(f"{address}v2/oauth2/token", basic, grant, form=True)["access_token"]
    bearer = f"Bearer {token}"
    document = {
        "DATA_TYPE": "transfer",
        "label": "four files",
        "submission_id": ask(f"{address}v0.10/submission_id", bearer)["value"],
        "source_endpoint": collections[0],
        "destination_endpoint": collections[1],
        "DATA": [
            {
                "DATA_TYPE": "transfer_item",
                "source_path": "/",
                "destination_path": "/in/",
                "recursive": True,
            }
        ],
    }
    ask(f"{address}v0.10/transfer", bearer, document)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def check(browser, address, collections, screenshot):
    phone = browser.new_page(viewport=PHONE)
    phone.goto(address)
    expect(phone.get_by_text("No tasks yet")).to_be_visible()
    assert fits(phone), "the page is wider than a phone"

    desktop = browser.new_page(viewport=DESKTOP)
    desktop.goto(address)
    submit(address, collections)
    # without reloading the page: the section updates itself
    expect(desktop.get_by_role("cell", name="SUCCEEDED")).to_be_visible()
    expect(phone.get_by_role("cell", name="SUCCEEDED")).to_be_visible()
    expect(desktop.get_by_text("4 of 4 files")).to_be_visible()
    expect(desktop.get_by_text("POST /v0.10/transfer", exact=True)).to_be_visible()
    assert fits(desktop) and fits(phone), "a table is wider than the page"

    # the page shows why a request failed
    try:
        ask(f"{address}v0.10/task_list", "Bearer nonsense")
        sys.exit("a wrong token was accepted")
    except urllib.error.HTTPError:
        expect(desktop.locator("#requests").get_by_text("AuthenticationFailed")).to_be_visible()

    # every scrollable table can be reached with the keyboard
    reached = set()
    for _ in range(10):
        desktop.keyboard.press("Tab")
        reached.add(desktop.evaluate("document.activeElement.ariaLabel"))
    assert {"Collections", "Transfer tasks", "Recent requests"} <= reached, reached
    if screenshot:
        desktop.screenshot(path=screenshot)


def main():
    emulator, screenshot = sys.argv[1], (sys.argv[2:] or [None])[0]
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "instrument").mkdir()
        (folder / "archive").mkdir()
        for number in range(4):
            (folder / "instrument" / f"run{number}.dat").write_bytes(b"x" * 100_000)
        environment = folder / "env.sh"
        options = ["--addr", "127.0.0.1:0", "--client", f"{CLIENT}:{SECRET}"]
        options += ["--collection", folder / "instrument", "--collection", folder / "archive"]
        options += ["--env-file", environment]
        server = subprocess.Popen([emulator, "serve", *options], stdout=subprocess.DEVNULL)
        try:
            while not environment.exists():
                time.sleep(0.01)
            lines = environment.read_text().replace("export ", "").split()
            values = dict(line.split("=", 1) for line in lines)
            address = values["GLOBUS_SDK_SERVICE_URL_TRANSFER"]
            collections = [values["EMULATOR_COLLECTION_1"], values["EMULATOR_COLLECTION_2"]]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox"]
                )
                check(browser, address, collections, screenshot)
                browser.close()
        finally:
            server.kill()
    print("the emulator's page works in a browser: phone, desktop, keyboard, live updates")


main()
