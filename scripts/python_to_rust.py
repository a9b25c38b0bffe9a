"""Runs the Python code in docs/python-to-rust.md, and compares its table with the Python SDK.

usage: python_to_rust.py GLOBUS_EMULATOR [HEADING]

Runs every Python block against an emulator, with the names that the page defines. Every class that the SDK
exports for our services needs a row or a reason; each row's class must be used in its section's Python
block, and its Rust name in the Rust block. `cargo test --doc` runs the Rust blocks. Requires globus-sdk.
"""

import importlib
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
import types
import uuid
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs/python-to-rust.md"
MODULES = """
    globus_sdk
    globus_sdk.authorizers
    globus_sdk.config
    globus_sdk.exc
    globus_sdk.experimental.transfer_v2
    globus_sdk.gare
    globus_sdk.globus_app
    globus_sdk.login_flows
    globus_sdk.paging
    globus_sdk.scopes
    globus_sdk.scopes.consents
    globus_sdk.services.auth
    globus_sdk.services.auth.flow_managers
    globus_sdk.services.auth.identity_map
    globus_sdk.services.groups
    globus_sdk.services.search
    globus_sdk.services.transfer
    globus_sdk.token_storage
    globus_sdk.token_storage.legacy
    globus_sdk.token_storage.validating_token_storage
    globus_sdk.transport
""".split()
# services that this SDK does not support
FOREIGN = re.compile(r"services\.(compute|flows|gcs|timers)\b")
FOREIGN_SCOPES = {"ComputeScopes", "FlowsScopes", "SpecificFlowScopes", "TimersScopes", "NexusScopes"}
CODE = re.compile(r"`([^`]+)`")


def exported():
    """The classes and functions that the installed SDK exports for our services, by name."""
    found = {}
    for module in map(importlib.import_module, MODULES):
        # a module without `__all__` exports what it defines
        own = [name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__]
        for name in getattr(module, "__all__", own):
            thing = getattr(module, name)
            theirs = FOREIGN.search(getattr(thing, "__module__", "")) or name in FOREIGN_SCOPES
            if not theirs and not name.startswith("_"):
                found[name] = thing
    return found


def sections(page):
    """Each heading with the code blocks below it, by language."""
    for section in re.split(r"^### ", page, flags=re.M)[1:]:
        heading, _, text = section.partition("\n")
        yield heading, {
            language: re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.M | re.S)
            for language in ("python", "rust")
        }


def rows(page, title):
    """The cells of the table under a title."""
    text = page.partition(f"## {title}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    for line in text.splitlines()[1:]:
        if line.startswith("| `") or line.startswith("| ["):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def anchor(heading):
    return "#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def faults(page):
    """The faults of the page itself."""
    known, named = exported(), set()
    blocks = {anchor(heading): found for heading, found in sections(page)}
    for where, found in blocks.items():
        for language, written in found.items():
            if len(written) != 1:
                yield f"{where} has {len(written)} {language} blocks instead of one"
    for cell, rust in rows(page, "Equivalents"):
        name, where = re.fullmatch(r"\[`(\w+)`\]\((#[^)]+)\)", cell).groups()
        named.add(name)
        if name not in known:
            yield f"{name} is not in globus-sdk"
        if where not in blocks:
            yield f"{name} refers to {where}, which does not exist"
            continue
        python, ours = ("".join(blocks[where][language]) for language in ("python", "rust"))
        if not re.search(rf"\b{name}\b", python):
            yield f"{name} is not used in the Python of {where}"
        for path in CODE.findall(rust):
            if not re.search(rf"\b{path.rpartition('::')[2]}\b", ours):
                yield f"{path} is not used in the Rust of {where}"
    for cell, reason in rows(page, "Classes without an equivalent"):
        for name in CODE.findall(cell):
            if name in named:
                yield f"{name} has both a row and a reason not to have one"
            if name not in known:
                yield f"{name} does not need a reason: it is not in globus-sdk"
            named.add(name)
    for name in sorted(known.keys() - named):
        yield f"{name} of globus-sdk has neither a row nor a reason"


def approve(url):
    """Plays the user who opens the login page and consents. Returns the code."""
    import requests

    answer = requests.get(url, allow_redirects=False)
    return re.search(r"code=([^&]+)", answer.headers["Location"]).group(1)


def prelude(client_id, secret, folder):
    """The names that the page defines, created anew for each block."""
    import globus_sdk

    app = globus_sdk.ClientApp("lab", client_id=client_id, client_secret=secret)
    return dict(
        client_id=client_id,
        secret=secret,
        native_id="61338d24-54d5-408f-a10d-66c06b59f6d2",
        source=os.environ["EMULATOR_COLLECTION_1"],
        destination=os.environ["EMULATOR_COLLECTION_2"],
        folder=Path(tempfile.mkdtemp(dir=folder)),
        app=app,
        auth=globus_sdk.AuthClient(app=app),
        transfer=globus_sdk.TransferClient(app=app),
        search=globus_sdk.SearchClient(app=app, app_scopes=[globus_sdk.scopes.SearchScopes.all]),
        groups=globus_sdk.GroupsClient(app=app, app_scopes=[globus_sdk.scopes.GroupsScopes.all]),
        approve=approve,
    )


def run(page, emulator, only):
    """Runs the Python blocks in order. Returns how many ran and how many failed."""
    ran = failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        os.environ["HOME"] = temporary
        # with these set, the SDK would not open a browser
        for variable in ("SSH_TTY", "SSH_CONNECTION"):
            os.environ.pop(variable, None)
        for path in ("source/run7", "destination", "folders"):
            (root / path).mkdir(parents=True)
        (root / "source/run7/a.txt").write_text("copper")
        (root / "source/run7/b.txt").write_text("silver")
        client_id, secret, env = str(uuid.uuid4()), "the secret", root / "env.sh"
        serve = [emulator, "serve", "--addr", "127.0.0.1:0", "--auto-consent", "--env-file", str(env),
                 "--collection", str(root / "source"), "--collection", str(root / "destination"),
                 "--client", f"{client_id}:{secret}"]
        server = subprocess.Popen(serve, stdout=subprocess.DEVNULL)
        try:
            while not env.exists():
                if server.poll() is not None:
                    sys.exit(f"the emulator exited with {server.returncode}")
                time.sleep(0.02)
            sourced = f'set -a; . "{env}"; env -0'
            lines = subprocess.run(["bash", "-c", sourced], check=True, capture_output=True, text=True).stdout
            os.environ.update(line.split("=", 1) for line in lines.split("\0") if "=" in line)
            for heading, blocks in sections(page):
                if only and only not in heading:
                    continue
                for block in blocks["python"]:
                    ran += 1
                    # a module, so that classes defined in the block have one
                    module = types.ModuleType("page")
                    sys.modules["page"] = module
                    module.__dict__.update(prelude(client_id, secret, root / "folders"))
                    try:
                        exec(compile(block, heading, "exec"), module.__dict__)
                        print(f"ok: {heading}")
                    except BaseException:
                        failed += 1
                        print(f"FAILED: {heading}\n{traceback.format_exc()}")
        finally:
            server.terminate()
            server.wait()
    return ran, failed


def main(emulator, only=None):
    page = PAGE.read_text()
    wrong = list(faults(page))
    print("\n".join(wrong))
    ran, failed = run(page, emulator, only)
    print(f"{ran} Python blocks ran, {failed} failed; {len(wrong)} faults in the page")
    return bool(wrong or failed or not ran)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
