"""Tests the example portal in a real browser: two concurrent logins, a logout, and a forged callback.

usage: portal_in_browser.py PORTAL [SCREENSHOT]

PORTAL is the built example. Requires Chromium, which Playwright controls.
"""

import re
import shutil
import subprocess
import sys

from playwright.sync_api import expect, sync_playwright


def log_in(page, address, username):
    """Logs in from the portal's first page, through Globus Auth's consent page and back."""
    page.goto(address)
    page.get_by_role("link", name="Log in with Globus").click()
    page.get_by_label("Continue as").select_option(label=username)
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Your collections")).to_be_visible()
    expect(page.get_by_text(username)).to_be_visible()


def check(browser, address, screenshot):
    # two people, each in a separate browser context
    context = browser.new_context(viewport={"width": 800, "height": 500})
    ada, grace = context.new_page(), browser.new_context().new_page()
    log_in(ada, address, "ada@sandbox.local")
    log_in(grace, address, "grace@sandbox.local")

    ada.reload()
    expect(ada.get_by_role("listitem")).to_have_count(2)
    expect(ada.get_by_text("Lab collection")).to_be_visible()
    expect(grace.get_by_text("You have no collections yet")).to_be_visible()
    if screenshot:
        ada.screenshot(path=screenshot)

    # the session cookie is not visible to scripts
    if ada.evaluate("document.cookie") != "":
        sys.exit("the session cookie can be read by scripts")

    # a forged callback link does not log anyone in
    forged = browser.new_context().new_page()
    forged.goto(f"{address}callback?code=stolen&state=guessed")
    expect(forged.get_by_role("alert")).to_contain_text("not begun here")

    # a user who denies consent gets an error and can try again
    forged.get_by_role("link", name="Log in again").click()
    forged.get_by_role("button", name="Deny").click()
    expect(forged.get_by_role("alert")).to_contain_text("access_denied")

    ada.get_by_role("button", name="Log out").click()
    expect(ada.get_by_role("link", name="Log in with Globus")).to_be_visible()
    grace.reload()
    expect(grace.get_by_text("grace@sandbox.local")).to_be_visible()


def main():
    portal, screenshot = sys.argv[1], (sys.argv[2:] or [None])[0]
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    server = subprocess.Popen([portal, "--emulator"], stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        address = re.search(r"http://\S+", line).group()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox"]
            )
            check(browser, address, screenshot)
            browser.close()
    finally:
        server.kill()
    print("the portal works in a browser: two logins, one logout, one rejected forgery")


main()
