"""Test oracle: a plain Python implementation of the task listing."""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Task = dict[str, Any]
OPEN = ("todo", "in_progress")


def filter_tasks(tasks: Iterable[Task], query: dict[str, Any], now: datetime) -> list[Task]:
    """Return the tasks that match every condition of a query.

    ``parent`` is a number or ``none``.
    """
    zone = ZoneInfo(query.get("time_zone", "Etc/UTC"))
    given = list(tasks)
    ids = {str(task["number"]): task["id"] for task in given} | {"none": None}
    if "parent" in query:
        query = {**query, "parent": ids.get(query["parent"], "nobody")}
    return [task for task in given if all(_meets(task, *item, zone, now) for item in query.items())]


def _meets(task: Task, name: str, value: Any, zone: ZoneInfo, now: datetime) -> bool:
    tags = {tag.casefold() for tag in task["tags"]}
    category = task["category"] and task["category"]["name"].casefold()
    simple: dict[str, Callable[[], bool]] = {
        "status": lambda: task["status"] in value,
        "completed": lambda: task["completed"] is value,
        "priority": lambda: task["priority"] in value,
        "priority_min": lambda: task["priority"] >= value,
        "priority_max": lambda: task["priority"] <= value,
        "category": lambda: category in {name.casefold() for name in value},
        "no_category": lambda: (category is None) is value,
        "tag": lambda: {tag.casefold() for tag in value} <= tags,
        "tag_any": lambda: bool({tag.casefold() for tag in value} & tags),
        "no_tag": lambda: (not tags) is value,
        "no_due_date": lambda: (task["due_date"] is None) is value,
        "overdue": lambda: _is_overdue(task, zone, now) is value,
        "parent": lambda: task["parent"] == value,
        "assignee": lambda: (task["assignee"] is None) is (value == "none"),
        "q": lambda: all(_matches_word(task, word) for word in value.split()),
        "deleted": lambda: (
            {"only": True, "exclude": False, "include": None}[value]
            in (None, task["deleted_at"] is not None)
        ),
        "time_zone": lambda: True,
    }
    if name in simple:
        return simple[name]()
    noun, _, side = name.rpartition("_")
    return _is_on_side(task, noun, side, value, zone)


def _matches_word(task: Task, word: str) -> bool:
    """Return whether a word starts any word of the task; for ``-word``, whether it starts none.

    A single Japanese character may match anywhere.
    """
    text = " ".join([task["title"], *task["tags"]])
    found = [
        _fold(part) for part in re.findall(r"[a-zäÄöÖÿ0-9]+|[^\x00-\u024f]", text, re.IGNORECASE)
    ]
    if word.startswith("-"):
        return _fold(word[1:]) not in found
    characters = [word] if word.isascii() else list(word)
    return all(any(part.startswith(_fold(each)) for part in found) for each in characters)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


def _is_on_side(task: Task, noun: str, side: str, value: str, zone: ZoneInfo) -> bool:
    """Return whether a time of the task is before, after or on a day."""
    text = task["due_date"] if noun == "due" else task[f"{noun}_at"]
    if text is None:
        return False
    day = datetime.fromisoformat(value).date()
    moment = datetime.fromisoformat(text)
    on = moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()
    return {"before": on < day, "after": on > day, "on": on == day}[side]


def _is_overdue(task: Task, zone: ZoneInfo, now: datetime) -> bool:
    text = task["due_date"]
    if text is None or task["status"] not in OPEN:
        return False
    moment = datetime.fromisoformat(text)
    if "T" not in text:
        return moment.date() < now.astimezone(zone).date()
    if moment.tzinfo is None:
        return moment < now.astimezone(zone).replace(tzinfo=None)
    return moment < now


def sort_tasks(tasks: Iterable[Task], sort: str) -> list[Task]:
    """Return the tasks in order. Missing values sort last in both directions."""
    keys = [(part.removeprefix("-"), part.startswith("-")) for part in sort.split(",")]

    def compare(one: Task, other: Task) -> int:
        for name, is_descending in [*keys, ("id", False)]:
            a, b = _get_sort_value(one, name), _get_sort_value(other, name)
            if a == b:
                continue
            if a is None or b is None:
                return 1 if a is None else -1
            return (-1 if a < b else 1) * (-1 if is_descending else 1)
        return 0

    return sorted(tasks, key=functools.cmp_to_key(compare))


def _get_sort_value(task: Task, name: str) -> Any:
    value = task[name]
    if value is None:
        return None
    if name == "title":
        # Base letters are compared first. Accents break ties.
        return _fold(value), value.casefold()
    if name == "due_date" or name.endswith("_at"):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if name == "position":
        return value.encode()
    return value


def make_due_dates(now: datetime) -> list[str | None]:
    """Return due dates of every kind around the current time, and None."""
    today = now.date()
    days = [today + timedelta(days=days) for days in (-3, -1, 0, 1, 2)]
    return [
        None,
        *(day.isoformat() for day in days),
        *(f"{day.isoformat()}T00:30:00" for day in days),
        *(f"{day.isoformat()}T23:30:00+02:00" for day in days),
        *(f"{day.isoformat()}T02:00:00-08:00" for day in days),
    ]
