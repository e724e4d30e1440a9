"""Writes the vectors of the evaluation of filters, which the web app runs too.

``python -m tests.harness.filter_vectors`` writes two files in ``tests/data``.
``filter-tasks.jsonl`` has the rows of a workspace. ``filter-results.jsonl`` has random filters and
the tasks that they find in it according to the oracle. Tests of the API show that the server agrees
with the oracle.
"""

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.resolution import resolve_filter
from taskstead.domain.filters.tree import mentions_trash
from taskstead.ids import make_named_id
from tests.harness.filter_dice import CATEGORIES, TAGS, ZONES, FilterDice, make_lines
from tests.harness.filter_evaluator import Evaluator

DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 6, 15, 10, 30, tzinfo=UTC)
FILTERS = 300
MEMBERS = {
    make_named_id("member ada"): ("Ada Lovelace", "ada@example.com"),
    make_named_id("member grace"): ("Grace Hopper", "grace@example.com"),
}


@cache
def make_vectors() -> dict[str, str]:
    """Return the contents of the files by name."""
    dice = random.Random(11)  # noqa: S311 - not used for secrets
    lines = make_lines(dice, NOW, sorted(MEMBERS))
    completions = {
        line["number"]: [NOW.replace(day=dice.randint(10, 15)).isoformat()]
        for line in lines
        if line["repeat_rule"] is not None and line["status"] == "todo"
    }
    tasks = [_make_task(line) for line in lines]
    results = list(_make_results(dice, tasks, completions))
    rows = [{**line, "completions": completions.get(line["number"], [])} for line in lines]
    workspace = {
        "now": NOW.isoformat(),
        "me": min(MEMBERS),
        "members": [
            {"id": id_, "name": name, "email": email} for id_, (name, email) in MEMBERS.items()
        ],
        "categories": {name: make_named_id(f"category {name}") for name in CATEGORIES},
        "tags": {name: make_named_id(f"tag {name}") for name in TAGS},
    }
    return {
        "filter-tasks.jsonl": _encode([workspace, *rows]),
        "filter-results.jsonl": _encode(results),
    }


def _make_task(line: dict[str, Any]) -> dict[str, Any]:
    """Return a task as the API shows it."""
    name = line["category"]
    category = None if name is None else {"id": make_named_id(f"category {name}"), "name": name}
    return {**line, "category": category}


def _make_results(
    dice: random.Random, tasks: list[dict[str, Any]], completions: dict[int, list[str]]
) -> Iterable[dict[str, Any]]:
    names = [text for id_, texts in MEMBERS.items() for text in (id_, *texts)]
    filters = FilterDice(dice, [*names, "Nobody"])
    evaluators = {
        zone: Evaluator(tasks, NOW, ZoneInfo(zone), min(MEMBERS), MEMBERS, completions)
        for zone in ZONES
    }
    for _ in range(FILTERS):
        text, zone = filters.make_filter(), dice.choice(ZONES)
        node = resolve_filter(parse_filter(text).node, NOW, ZoneInfo(zone))
        found = evaluators[zone].find(node)
        if not mentions_trash(node):
            found &= evaluators[zone].find_live()
        yield {"text": text, "time_zone": zone, "found": sorted(found)}


def _encode(lines: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


if __name__ == "__main__":
    for file_name, content in make_vectors().items():
        (DATA / file_name).write_text(content, encoding="utf-8")
