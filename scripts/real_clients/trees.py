"""Creates directory trees to transfer and compares the results."""

import pathlib
import shutil

from checks import Failure


def write_tree(root, files):
    """Recreates a folder with these files: names to bytes."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def read_tree(root):
    """Reads all files of a folder: names to bytes."""
    root = pathlib.Path(root)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def assert_files(root, files):
    """Checks that a folder has exactly these files, with these bytes."""
    found = read_tree(root)
    if found != files:
        short = lambda tree: {name: f"{len(content)} bytes" for name, content in sorted(tree.items())}
        wrong = sorted(name for name in found.keys() | files.keys() if found.get(name) != files.get(name))
        raise Failure(f"compare {root}", f"{short(found)}\ndifferent: {wrong}", short(files))


# large enough to be copied in several blocks, with no two equal adjacent bytes
LARGE = bytes(range(256)) * 8192
TREE = {
    "read me.txt": b"a name with a space\n",
    "empty": b"",
    "large.bin": LARGE,
    "sub/b.bin": b"\x00\xff\n\r",
    "sub/deep/\u00fcmlaut.txt": "gr\u00fc\u00dfe".encode(),
}
