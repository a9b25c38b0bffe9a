"""Folders to be transferred, and whether they arrived."""

import pathlib
import shutil

from checks import Failure


def grow(root, files):
    """A folder, anew, with these files in it: names to bytes."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def bytes_of(root):
    """What is there: the names of its files to their bytes."""
    root = pathlib.Path(root)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def alike(root, files):
    """On disk there are these files, with these bytes, and no others."""
    found = bytes_of(root)
    if found != files:
        short = lambda tree: {name: f"{len(content)} bytes" for name, content in sorted(tree.items())}
        wrong = sorted(name for name in found.keys() | files.keys() if found.get(name) != files.get(name))
        raise Failure(f"compare {root}", f"{short(found)}\nother than expected: {wrong}", short(files))


# enough to be copied in several pieces, and no byte of it like its neighbour
LARGE = bytes(range(256)) * 8192
TREE = {
    "read me.txt": b"a name with a space\n",
    "empty": b"",
    "large.bin": LARGE,
    "sub/b.bin": b"\x00\xff\n\r",
    "sub/deep/\u00fcmlaut.txt": "gr\u00fc\u00dfe".encode(),
}
