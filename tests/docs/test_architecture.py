"""The tree in the architecture page shows the packages that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "taskstead"
PAGE = ROOT / "docs" / "explanation" / "architecture.md"
TREE = re.compile(r"^src/taskstead/\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_tree() -> dict[str, str]:
    """Return the text after each package or module of the tree, by path from the package.

    A line has one or more names, and then a description. Children are indented by four spaces.
    """
    found = TREE.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    tree = {}
    parent = ""
    for line in found[1].splitlines():
        words = line.split()
        names = [word for word in words if word.endswith(("/", ".py"))]
        is_child = line.startswith("    ")
        for name in names:
            tree[f"{parent}{name}" if is_child else name] = line.partition(names[-1])[2]
        if not is_child:
            parent = names[-1]
    return tree


def list_packages(folder: Path) -> set[str]:
    """Return the names of the packages in a folder, with a slash."""
    return {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}


def test_tree_has_all_layers() -> None:
    modules = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}
    layers = {path for path in read_tree() if path.find("/") in (-1, len(path) - 1)}
    assert layers == list_packages(PACKAGE) | modules


def test_tree_has_all_packages_of_listed_layers() -> None:
    tree = read_tree()
    for layer in ("cli/", "db/", "faces/", "http/"):
        children = {path.removeprefix(layer) for path in tree if path.startswith(layer)} - {""}
        assert children == list_packages(PACKAGE / layer), layer


def test_tree_names_all_areas() -> None:
    """A layer that is divided into areas lists their packages after a colon."""
    tree = read_tree()
    layers = [path for path, text in tree.items() if ":" in text and path.endswith("/")]
    for layer in layers:
        areas = set(re.findall(r"\w+", tree[layer].rpartition(":")[2]))
        assert areas == {name.rstrip("/") for name in list_packages(PACKAGE / layer)}, layer
    assert {"services/", "queries/", "schemas/", "faces/api/"} <= set(layers)
