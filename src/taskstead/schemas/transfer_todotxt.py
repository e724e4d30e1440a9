"""Reading todo.txt (github.com/todotxt/todo.txt): a task a line, in UTF-8.

| there | here |
|---|---|
| ``x `` at the start | status done, with the date of completion where there is one |
| ``(A)`` … ``(D)``, ``(E)`` … ``(Z)``; ``pri:A`` | priority 1 … 4, 5; without any 3 |
| the date before the text | created on |
| the first ``+project`` | category |
| further ``+projects``, every ``@context`` | tags |
| ``due:2026-12-01`` | due date |

What is left is the title, other ``key:value`` pairs too. A day begins in the zone of whoever reads.
"""

import re
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from taskstead.schemas.due import parse_due_date
from taskstead.schemas.transfer import BadRecordError, ImportTask, check_record, decode_record

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MARK = r"(?:\((?P<priority>[A-Z])\) )?"
_OPEN = re.compile(rf"{_MARK}(?:(?P<created>{_DATE}) )?")
_DONE = re.compile(rf"x {_MARK}(?:(?P<completed>{_DATE}) (?:(?P<created>{_DATE}) )?)?")
_PRIORITY = re.compile("pri:([A-Z])")
_LOWEST = 5


def parse_todo_line(raw: bytes, zone: ZoneInfo) -> ImportTask:
    """Return the task of a line.

    Args:
        raw: the line.
        zone: where its days begin.

    Raises:
        BadRecordError: it is not UTF-8, or one of its values is not allowed.
    """
    text = decode_record(raw).strip()
    values: dict[str, Any] = {}
    head = _DONE.match(text)
    if head is not None:
        values = {"status": "done", **_read_day("completed_at", head["completed"], zone)}
    else:
        head = _OPEN.match(text)
    if head is not None:
        values |= _read_day("created_at", head["created"], zone)
        if head["priority"]:
            values["priority"] = _read_priority(head["priority"])
        text = text[head.end() :].strip()
    words = _take_words(text.split(), values)
    # A line of nothing but marks is a task all the same.
    values["title"] = " ".join(words) or text
    return check_record(values)


def _read_priority(letter: str) -> int:
    return min(ord(letter) - ord("A") + 1, _LOWEST)


def _read_day(name: str, day: str | None, zone: ZoneInfo) -> dict[str, str]:
    if day is None:
        return {}
    try:
        midnight = datetime.combine(datetime.fromisoformat(day), time(), zone)
        return {name: midnight.astimezone(UTC).isoformat()}
    except (ValueError, OverflowError):
        message = f"{day} is not a day of the calendar"
        raise BadRecordError(message, "date", f"/{name}") from None


def _take_words(words: list[str], values: dict[str, Any]) -> list[str]:
    """Put what is meant for programs into the values; return the other words."""
    kept = []
    tags: list[str] = []
    for word in words:
        mark, name = word[:1], word[1:]
        priority = _PRIORITY.fullmatch(word)
        if mark == "+" and name:
            if "category" in values:
                tags.append(name)
            else:
                values["category"] = name
        elif mark == "@" and name:
            tags.append(name)
        elif priority and "priority" not in values:
            values["priority"] = _read_priority(priority[1])
        elif word.startswith("due:") and "due_date" not in values and _is_due(word[4:]):
            values["due_date"] = word[4:]
        else:
            kept.append(word)
    if tags:
        values["tags"] = tags
    return kept


def _is_due(text: str) -> bool:
    try:
        parse_due_date(text)
    except ValueError:
        return False
    return True
