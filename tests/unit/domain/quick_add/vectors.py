"""Test vectors of quick add: texts with the expected result, in ``tests/data``."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from taskstead.domain.quick_add.language import load_language
from taskstead.domain.quick_add.parser import parse_quick_add
from taskstead.domain.quick_add.result import DateOrder, Issue, QuickAdd
from taskstead.domain.quick_add.sentence import Sentence

DATA = Path(__file__).parents[3] / "data"
NOW = datetime.fromisoformat("2026-11-25T10:00:00+01:00")
BERLIN = ZoneInfo("Europe/Berlin")
FIELDS = (
    *("title", "description", "due_date", "category", "tags", "priority", "assignee", "parent"),
    *("reminders", "repeat_rule", "repeat_mode"),
)


def list_vectors(name: str) -> list[Any]:
    """Return the vectors of a file."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def parse(
    text: str, language: str = "en", now: datetime = NOW, date_order: DateOrder | None = None
) -> QuickAdd:
    """Parse a text, by default in English on a Wednesday in Berlin."""
    words = load_language(language)
    return parse_quick_add(text, now=now, time_zone=BERLIN, language=words, date_order=date_order)


def parse_vector(vector: dict[str, Any]) -> dict[str, Any]:
    """Return the result in the notation of the vectors."""
    task = parse_quick_add(
        vector["text"],
        now=datetime.fromisoformat(vector["now"]),
        time_zone=ZoneInfo(vector["time_zone"]),
        language=load_language(vector["language"]),
        date_order=vector.get("date_order"),
    )
    if task.errors:
        return {"errors": list_issues(task.errors)}
    fields = {name: getattr(task, name) for name in FIELDS}
    result = {name: value for name, value in fields.items() if value not in (None, "", [])}
    return result | ({"warnings": list_issues(task.warnings)} if task.warnings else {})


def list_issues(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Return errors or warnings in the notation of the vectors."""
    return [{"code": issue.code, "start": issue.start, "end": issue.end} for issue in issues]


def make_sentence(
    text: str, language: str = "en", now: datetime = NOW, date_order: DateOrder | None = None
) -> Sentence:
    """Return the words of a text, in lower case."""
    keys = [word.removesuffix(",") for word in text.split()]
    return Sentence(keys, load_language(language), now.astimezone(BERLIN), date_order)
