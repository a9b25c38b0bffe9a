"""Checks the links in the documentation, offline, and the completeness of the guide.

usage: links.py [FOLDER]
       links.py --prove

In every Markdown file of the repository and in every rustdoc comment, the target of a relative link or an
image must exist and have the heading of its `#anchor`, with GitHub's anchor rules. An external URL must be
https and well-formed; it is not requested.

The guide: docs/SUMMARY.md must list each page of docs/ exactly once, and each page with Rust code must be
compiled by the tests, through some `include_str!`.

`--prove` tests this script on a folder in which each of these rules is broken.
"""

import os
import re
import string
import sys
import tempfile
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

SKIPPED = {"target", "node_modules", ".git"}
# [text](target "title"), ![alt](target); the text may contain code and one level of brackets
INLINE = re.compile(r"\]\(\s*(<[^<>]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)")
DEFINITION = re.compile(r"^ {0,3}\[([^\]^][^\]]*)\]:\s*(\S+)", re.M)
REFERENCE = re.compile(r"\[([^\[\]]+)\]\[([^\[\]]*)\]")
AUTOLINK = re.compile(r"<(https?:[^\s<>]*)>")
ATTRIBUTE = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)=\"([^\"]*)\"")
OWN_ANCHOR = re.compile(r"<a\b[^>]*?\b(?:id|name)=\"([^\"]*)\"")
FENCE = re.compile(r"^ {0,3}(```+|~~~+)([^`\n]*)\n.*?^ {0,3}\1[`~]*[ \t]*$", re.M | re.S)
CODE = re.compile(r"(`+)(?:.|\n(?!\n))*?\1")
INCLUDED = re.compile(r"include_str!\(\"([^\"]+\.md)\"\)")
# rustdoc checks intra-doc links to Rust items; this checks links to files
FILE = re.compile(r"^(\.{1,2}/|[\w./-]+\.(md|rs|toml|yaml|json|svg|png)(#|$)|https?:)")
HOST = re.compile(r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$", re.I)


def blank(match):
    """The same number of empty lines."""
    return "\n" * match[0].count("\n")


def without_code(text):
    """The text without code, keeping line numbers."""
    text = FENCE.sub(blank, text)
    text = re.sub(r"<!--.*?-->", blank, text, flags=re.S)
    return CODE.sub(lambda code: "`" + blank(code) + "`", text)


def anchors(text):
    """The anchors of a text."""
    text = FENCE.sub(blank, text)
    found, used = set(OWN_ANCHOR.findall(text)), {}
    for line in text.splitlines():
        heading = re.match(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$", line)
        if not heading:
            continue
        # links and markup count as their text
        title = re.sub(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])", r"\1", heading[1])
        title = unescape(re.sub(r"<[^>]+>", "", title))
        anchor = "".join(c for c in title.strip().lower() if c.isalnum() or c in " -_").replace(" ", "-")
        again = used.get(anchor, 0)
        used[anchor] = again + 1
        found.add(f"{anchor}-{again}" if again else anchor)
    return found


def targets(text):
    """Each link of a text, with its line number."""
    text = without_code(text)
    line = lambda at: text.count("\n", 0, at) + 1
    for pattern in (INLINE, AUTOLINK, ATTRIBUTE):
        for link in pattern.finditer(text):
            yield line(link.start()), unescape(link[1].strip("<>"))
    defined = {}
    for definition in DEFINITION.finditer(text):
        defined[definition[1].lower()] = True
        yield line(definition.start()), definition[2].strip("<>")
    for use in REFERENCE.finditer(text):
        if (use[2] or use[1]).lower() not in defined:
            yield line(use.start()), None


def url_fault(target):
    """What is wrong with an external URL, if anything."""
    try:
        address = urlsplit(target)
        host, _ = address.hostname or "", address.port
    except ValueError as error:
        return str(error)
    if address.scheme == "mailto":
        return None
    if host in ("localhost", "127.0.0.1"):
        return "refers to localhost"
    if address.scheme != "https":
        return f"is {address.scheme}, not https"
    if not HOST.match(host):
        return f"has an invalid host: {host!r}"
    wrong = set(target) - set(string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%")
    return f"has unencoded characters: {sorted(wrong)}" if wrong else None


class Links:
    def __init__(self, root):
        self.root = Path(root).resolve()
        self.faults, self.checked, self.known = [], 0, {}
        self.files = sorted(self.walk())

    def walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f not in SKIPPED and not Path(folder, f).is_symlink()]
            for name in names:
                if name.endswith((".md", ".rs")):
                    yield Path(folder, name)

    def name(self, path):
        return path.relative_to(self.root).as_posix()

    def fault(self, path, line, why):
        self.faults.append(f"{self.name(path)}:{line}: {why}")

    def anchors(self, path):
        if path not in self.known:
            self.known[path] = anchors(path.read_text())
        return self.known[path]

    def follow(self, path, line, target):
        """Checks one link of a file."""
        self.checked += 1
        if target is None:
            return self.fault(path, line, "a reference is not defined in the file")
        if not target:
            return self.fault(path, line, "a link has no target")
        if re.match(r"[a-z][a-z0-9+.-]*:", target, re.I):
            why = url_fault(target)
            return self.fault(path, line, f"{target} {why}") if why else None
        place, _, anchor = target.partition("#")
        if place.startswith("/"):
            return self.fault(path, line, f"{target} starts at the root; make it relative")
        leads = Path(os.path.normpath(path.parent / unquote(place))) if place else path
        if not leads.is_relative_to(self.root):
            return self.fault(path, line, f"{target} leaves the repository")
        if not leads.exists():
            return self.fault(path, line, f"{target}: {self.name(leads)} does not exist")
        if anchor and leads.suffix == ".md":
            if unquote(anchor) not in self.anchors(leads):
                self.fault(path, line, f"{target}: {self.name(leads)} has no heading for #{anchor}")
        elif anchor:
            lines = re.fullmatch(r"L(\d+)(?:-L(\d+))?", anchor)
            last = max(map(int, filter(None, lines.groups()))) if lines else None
            if leads.is_dir() or last is None or last > len(leads.read_text().splitlines()):
                self.fault(path, line, f"{target}: {self.name(leads)} has no such line")

    def markdown(self):
        for path in self.files:
            if path.suffix == ".md":
                for line, target in targets(path.read_text()):
                    self.follow(path, line, target)

    def rustdoc(self):
        for path in self.files:
            if path.suffix != ".rs":
                continue
            # only the comments, keeping line numbers
            text = "\n".join(
                comment[1] if (comment := re.match(r"\s*//[/!] ?(.*)", line)) else ""
                for line in path.read_text().splitlines()
            )
            for line, target in targets(text):
                if target and FILE.match(target):
                    self.follow(path, line, target)

    def guide(self):
        docs = self.root / "docs"
        summary = docs / "SUMMARY.md"
        if not summary.exists():
            return self.faults.append("docs/SUMMARY.md is missing")
        listed = [target.partition("#")[0] for _, target in targets(summary.read_text()) if target]
        for page in sorted(docs.glob("*.md")):
            times = listed.count(page.name)
            if page != summary and times != 1:
                self.fault(summary, 1, f"lists {page.name} {times} times; list every page once")
        included = {
            Path(os.path.normpath(path.parent / name))
            for path in self.files
            if path.suffix == ".rs"
            for name in INCLUDED.findall(path.read_text())
        }
        for path in self.files:
            if path.suffix != ".md":
                continue
            text = path.read_text()
            for block in FENCE.finditer(text):
                words = re.split(r"[,\s]+", block[2].strip())
                line = text.count("\n", 0, block.start()) + 1
                if words[0] == "rust" and path not in included:
                    self.fault(path, line, "Rust code that no test compiles; include the page in src/guide.rs")
                if words[0] == "rust" and "ignore" in words:
                    self.fault(path, line, "Rust code that no test compiles; remove `ignore`")


def check(root):
    links = Links(root)
    links.markdown()
    links.rustdoc()
    links.guide()
    return links


# Each file, and the faults to find in it.
BROKEN = {
    "README.md": (
        "# One `two`, *three*!\n## Twice\n## Twice\n[ok](docs/a.md#b--c_d) [ok](#one-two-three) [ok](#twice-1)\n"
        "[x](docs/none.md)\n[x](#twice-2)\n[x](docs/a.md#none)\n![x](none.png)\n[x](/docs/a.md)\n[x](../..)\n"
        "[x](http://example.org)\n[x](https://example)\n[x](https://example.org/a|b)\n[x][none]\n[ok][yes]\n"
        "[yes]: docs/a.md\n[no]: docs/none.md\n<img src=\"none.svg\">\n`[code](none)`\n[x]()\n"
        "```text\n[code](none)\n```\n[x](src/lib.rs#L99)\n```rust\nfn main() {}\n```\n",
        ["docs/none.md: docs", "#twice-2:", "a.md#none:", "none.png:", "starts at", "leaves the", "not https",
         "invalid host", "unencoded", "not defined", "docs/none.md: docs", "none.svg", "has no target",
         "no such line", "no test compiles"],
    ),
    "docs/SUMMARY.md": ("[A](a.md) [A](a.md)\n", ["lists a.md 2 times", "lists orphan.md 0 times"]),
    "docs/a.md": ("# B & C_d\n```rust,ignore\nfn main() {}\n```\n", ["remove `ignore`"]),
    "docs/orphan.md": ("# Nobody leads here\n", []),
    "src/lib.rs": (
        "/// [ok](Self::x), [x](../docs/none.md)\n#[doc = include_str!(\"../docs/a.md\")]\nstruct A;\n",
        ["docs/none.md: docs"],
    ),
}


def prove():
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, _) in BROKEN.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        faults = check(folder).faults
        for name, (_, wanted) in BROKEN.items():
            for words in wanted:
                found = [f for f in faults if f.startswith(f"{name}:") and words in f]
                if not found:
                    sys.exit(f"not found: {name}: {words}\n" + "\n".join(faults))
                faults.remove(found[0])
        if faults:
            sys.exit("reported, but correct:\n" + "\n".join(faults))
    print(f"found all {sum(len(wanted) for _, wanted in BROKEN.values())} faults")


def main():
    if sys.argv[1:] == ["--prove"]:
        return prove()
    links = check(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent)
    print("\n".join(links.faults), end="\n" if links.faults else "")
    if links.faults:
        sys.exit(f"wrong: {len(links.faults)}")
    pages = sum(path.suffix == ".md" for path in links.files)
    print(f"{links.checked} links in {pages} pages and in the rustdoc of {len(links.files) - pages} files")


main()
