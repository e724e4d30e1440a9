"""Cache of category and tag names for completion, which must work without the network.

Commands add the names that they see in tasks, the latest first.
"""

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from taskstead.client.files import replace_file
from taskstead.client.profiles import find_folder

MAX_NAMES = 500
CATEGORIES, TAGS = "categories", "tags"


def find_cache_file(environ: Mapping[str, str]) -> Path:
    """Return the path of the cache."""
    return find_folder(environ, "XDG_CACHE_HOME", ".cache") / "names.json"


def read_names(path: Path) -> dict[str, list[str]]:
    """Return the names by kind; empty if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {kind: [str(name) for name in content[kind]] for kind in (CATEGORIES, TAGS)}
    except (OSError, ValueError, KeyError, TypeError):
        return {CATEGORIES: [], TAGS: []}


def collect_names(tasks: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the names of the categories and tags of tasks, each once."""
    categories: dict[str, None] = {}
    tags: dict[str, None] = {}
    for task in tasks:
        category = task.get("category")
        if isinstance(category, Mapping) and category.get("name"):
            categories[str(category["name"])] = None
        tags.update(dict.fromkeys(map(str, task.get("tags") or ())))
    return {CATEGORIES: list(categories), TAGS: list(tags)}


def add_names(path: Path, names: Mapping[str, list[str]]) -> None:
    """Add names to the cache. Errors are ignored, because completion is only a help."""
    known = read_names(path)
    merged = {
        kind: list(dict.fromkeys([*names.get(kind, []), *known[kind]]))[:MAX_NAMES]
        for kind in (CATEGORIES, TAGS)
    }
    if all(set(merged[kind]) == set(known[kind]) for kind in merged):
        return
    with contextlib.suppress(OSError):
        replace_file(path, json.dumps(merged, ensure_ascii=False))


def complete(path: Path, kind: str, beginning: str) -> list[str]:
    """Return the known names that begin with a text. A name with control characters is left out."""
    return [
        name for name in read_names(path)[kind] if name.startswith(beginning) and name.isprintable()
    ]
