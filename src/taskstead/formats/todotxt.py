"""Tasks as todo.txt (github.com/todotxt/todo.txt): one task per line, in UTF-8.

| in the file | in Taskstead |
|---|---|
| ``x`` at the start | status done, with the date of completion if present |
| ``(A)`` to ``(D)``, or ``pri:A`` to ``pri:D`` | priority 1 to 4; the default is 3 |
| ``(E)`` to ``(Z)``, or ``pri:E`` to ``pri:Z`` | priority 5 |
| the date before the text | date of creation |
| the first ``+project`` | category |
| further ``+projects``, every ``@context`` | tags |
| ``due:2026-12-01`` | due date |
| ``rec:``, ``rrule:``, ``repeat:`` | rule and mode of a repeating task; see ``todotxt_repeat.py`` |
| ``status:in_progress``, ``status:cancelled`` | status (the format allows such pairs) |

The remaining words, including other ``key:value`` pairs, are the title. Days are in the time zone
of the user. The format cannot represent descriptions, parents, assignees and ids.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from taskstead.domain.due_dates import add_offset, parse_due_date
from taskstead.formats.task_record import BadRecordError, check_record, decode_record
from taskstead.formats.todotxt_repeat import list_repeat_words, parse_repeat
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.tables.tasks import LabelledTaskRow

_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PRIORITY_MARK = re.compile(r"\(([A-Z])\)")
_PRIORITY_PAIR = re.compile("pri:([A-Z])")
_LOWEST_PRIORITY = 5
_DEFAULT_PRIORITY = 3
_DONE_MARK = "x"
# A completed task may have a completion date and a creation date. Other tasks have only the latter.
_MAX_DATES_OF_DONE = 2


def parse_todo_line(raw: bytes, zone: ZoneInfo) -> ImportTask:
    """Parse a line and return the task. The priority may be before, between or after the dates.

    Args:
        raw: the line.
        zone: the time zone of the dates in the line.

    Raises:
        BadRecordError: the line is not UTF-8, or one of its values is invalid.
    """
    words = decode_record(raw).split()
    values: dict[str, Any] = {}
    days: list[str] = []
    start = 0
    if len(words) > 1 and words[0] == _DONE_MARK:
        values["status"] = "done"
        start = 1
    for word in words[start:]:
        marker = _PRIORITY_MARK.fullmatch(word)
        if marker and "priority" not in values:
            values["priority"] = _parse_priority(marker[1])
        elif _DATE.fullmatch(word) and len(days) < (_MAX_DATES_OF_DONE if start else 1):
            days.append(word)
        else:
            break
    rest = words[start + len(days) + ("priority" in values) :]
    if values.get("status") == "done":
        # Completion cannot precede creation, so the later date is the completion.
        days.sort(reverse=True)
        values |= _parse_day("completed_at", days.pop(0) if days else None, zone)
    values |= _parse_day("created_at", days.pop() if days else None, zone)
    title, values = _parse_words(rest, values)
    # If the line has no words for the title, the title consists of the markers.
    values["title"] = " ".join(title or rest or words)
    if values.get("status") == "cancelled":
        values.pop("completed_at", None)
    return check_record(values)


def _parse_priority(letter: str) -> int:
    return min(ord(letter) - ord("A") + 1, _LOWEST_PRIORITY)


def _parse_day(name: str, day: str | None, zone: ZoneInfo) -> dict[str, str]:
    if day is None:
        return {}
    try:
        midnight = datetime.combine(datetime.fromisoformat(day), time(), zone)
        return {name: midnight.astimezone(UTC).isoformat()}
    except (ValueError, OverflowError):
        raise BadRecordError(f"{day} is not a valid date", "date", f"/{name}") from None


def _parse_words(
    words: Sequence[str], known: Mapping[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    """Return the words of the title, and the values of all fields.

    Args:
        words: the words after the dates: title, projects, contexts and pairs.
        known: the values before these words. Pairs with the same fields belong to the title.
    """
    due_date = next((word[4:] for word in words if _is_due_pair(word)), None)
    words, repeat = parse_repeat(words, due_date)
    values = {**known, **repeat}
    title_words = []
    tags: list[str] = []
    for word in words:
        marker, name = word[:1], word[1:]
        priority = _PRIORITY_PAIR.fullmatch(word)
        if marker == "+" and name:
            if "category" in values:
                tags.append(name)
            else:
                values["category"] = name
        elif marker == "@" and name:
            tags.append(name)
        elif priority and "priority" not in values:
            values["priority"] = _parse_priority(priority[1])
        elif "due_date" not in values and _is_due_pair(word):
            values["due_date"] = word[4:]
        elif word == "status:cancelled" or (
            word == "status:in_progress" and "status" not in values
        ):
            values["status"] = word.removeprefix("status:")
        else:
            title_words.append(word)
    if tags:
        values["tags"] = tags
    return title_words, values


def _is_due_pair(word: str) -> bool:
    if not word.startswith("due:"):
        return False
    try:
        parse_due_date(word[4:])
    except ValueError:
        return False
    return True


def encode_todo_lines(rows: Iterable[LabelledTaskRow], zone: ZoneInfo) -> bytes:
    """Encode tasks, rows of ``queries.tasks.tasks``, as lines.

    Args:
        rows: the tasks.
        zone: the time zone of the dates of creation and completion.
    """
    return "".join(f"{_render_line(row, zone)}\n" for row in rows).encode()


def _render_line(row: LabelledTaskRow, zone: ZoneInfo) -> str:
    title = row["title"].split()
    letter = chr(ord("A") + row["priority"] - 1)
    # If the title begins with, for example, "(A)", write the priority before it. The import would
    # otherwise read "(A)" as the priority.
    is_ambiguous = _PRIORITY_MARK.fullmatch(title[0]) is not None
    is_usual = row["priority"] == _DEFAULT_PRIORITY
    is_closed = row["status"] in ("done", "cancelled")
    words = []
    if is_closed:
        words += [_DONE_MARK, _render_day(row["completed_at"] or row["updated_at"], zone)]
    if is_ambiguous or not (is_usual or is_closed):
        words.append(f"({letter})")
    words += [_render_day(row["created_at"], zone), *title]
    if row["category_name"] is not None:
        words.append("+" + _join_words(row["category_name"]))
    words += ["@" + _join_words(tag) for tag in row["tags"]]
    if row["due_date"] is not None:
        words.append("due:" + add_offset(row["due_date"], row["due_time_zone"]))
    words += list_repeat_words(row)
    if is_closed and not is_ambiguous and not is_usual:
        words.append(f"pri:{letter}")
    if row["status"] in ("in_progress", "cancelled"):
        words.append(f"status:{row['status']}")
    return " ".join(words)


def _render_day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()


def _join_words(name: str) -> str:
    """Return a name as one word, because names cannot contain spaces in this format."""
    return "_".join(name.split())
