"""Repeating tasks in todo.txt.

| in the file | in Taskstead |
|---|---|
| ``rec:+2w`` | every two weeks from the due date, mode ``schedule`` |
| ``rec:2w`` | two weeks after the completion, mode ``completion`` |
| ``rec:1b`` | every day from Monday to Friday |
| ``rrule:FREQ=…`` | any other rule (RFC 5545), mode ``schedule`` |
| ``repeat:each``, ``repeat:completion`` | another mode of ``rec:+…`` and ``rrule:`` |

``rec:`` is a convention of several programs. Its units are d, b (business days), w, m and y.
``rrule:`` and ``repeat:`` are Taskstead's own. Without a due date, these words are plain text.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from taskstead.domain.due_dates import add_offset
from taskstead.domain.quick_add.repeat_rules import RepeatRule, format_rule, keep_day_of_month
from taskstead.domain.recurrence.rules import MAX_RULE_LENGTH, RuleError
from taskstead.domain.recurrence.validation import check_rule
from taskstead.tables.tasks import LabelledTaskRow

_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
_REC = re.compile(rf"rec:(\+?)([1-9][0-9]{{0,3}})(b|{'|'.join(_UNITS)})")
_RRULE = "rrule:"
_MODES = {"repeat:each": "each", "repeat:completion": "completion"}
_BUSINESS_DAYS = RepeatRule("week", weekdays=(0, 1, 2, 3, 4))
_INTERVAL = re.compile("INTERVAL=([0-9]+)")
_COUNT = re.compile("(?<=COUNT=)[0-9]+", re.IGNORECASE)


def parse_repeat(words: Sequence[str], due_date: str | None) -> tuple[list[str], dict[str, Any]]:
    """Return the other words, and the values of ``repeat_rule`` and ``repeat_mode``.

    Only the first rule is read. A rule that is not understood, or that does not fit the due date,
    stays in the words.

    Args:
        words: the words of a line.
        due_date: the due date in the line, if any.
    """
    rest = list(words)
    if due_date is None:
        return rest, {}
    for index, word in enumerate(words):
        values = _parse_rule_word(word, due_date)
        if values:
            del rest[index]
            break
    else:
        return rest, {}
    if values["repeat_mode"] == "schedule":
        mode_word = next((word for word in rest if word in _MODES), None)
        if mode_word is not None:
            rest.remove(mode_word)
            values["repeat_mode"] = _MODES[mode_word]
    return rest, values


def _parse_rule_word(word: str, due_date: str) -> dict[str, Any]:
    """Return the rule and mode of a word; an empty mapping for any other word."""
    rule: str | None
    mode = "schedule"
    match = _REC.fullmatch(word)
    if match:
        mode = "schedule" if match[1] else "completion"
        rule = _make_rule(int(match[2]), match[3], mode, due_date)
    elif word.startswith(_RRULE):
        rule = word.removeprefix(_RRULE)
    else:
        return {}
    return {"repeat_rule": rule, "repeat_mode": mode} if _is_valid(rule, due_date) else {}


def _is_valid(rule: str | None, due_date: str) -> bool:
    if rule is None or len(rule) > MAX_RULE_LENGTH:
        return False
    try:
        check_rule(rule, due_date, None)
    except RuleError:
        return False
    return True


def _make_rule(interval: int, unit: str, mode: str, due_date: str) -> str | None:
    """Return the rule of ``rec:``; None if no rule means the same.

    A rule that counts from the due date keeps the day of the month where a month is long enough.
    One that counts from the completion does so anyway.
    """
    if unit == "b":
        return format_rule(_BUSINESS_DAYS) if interval == 1 else None
    rule = RepeatRule(_UNITS[unit], interval)
    if mode != "completion":
        rule = keep_day_of_month(rule, date.fromisoformat(due_date[:10]))
    return format_rule(rule)


def list_repeat_words(row: LabelledTaskRow) -> list[str]:
    """Return the words that represent the rule and mode of a task; none if it does not repeat.

    The series begins again at the due date when the words are read, so COUNT is reduced by the
    number of occurrences that are over.
    """
    rule, mode = row["repeat_rule"], row["repeat_mode"]
    if rule is None or mode is None or row["due_date"] is None:
        return []
    due_date = add_offset(row["due_date"], row["due_time_zone"])
    gone = row["repeat_gone"] or 0
    rule = _COUNT.sub(lambda match: str(max(int(match[0]) - gone, 1)), rule)
    unit = _find_unit(rule, mode, due_date)
    if unit is None:
        word, usual = f"{_RRULE}{rule}", "schedule"
        if not _is_valid(rule, due_date):
            # The due date was moved behind the end of the rule. The word would be read as text.
            return []
    else:
        is_from_completion = mode == "completion"
        sign = "" if is_from_completion else "+"
        word = f"rec:{sign}{_get_interval(rule)}{unit}"
        usual = "completion" if is_from_completion else "schedule"
    return [word] if mode == usual else [word, f"repeat:{mode}"]


def _find_unit(rule: str, mode: str, due_date: str) -> str | None:
    """Return the unit with which ``rec:`` represents a rule exactly; None if there is none."""
    interval = _get_interval(rule)
    for unit in ("b", *_UNITS):
        if _make_rule(interval, unit, mode, due_date) == rule:
            return unit
    return None


def _get_interval(rule: str) -> int:
    match = _INTERVAL.search(rule)
    return int(match[1]) if match else 1
