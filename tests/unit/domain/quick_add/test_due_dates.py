"""Due dates in quick add: dates and times together."""

from datetime import datetime

import pytest

from taskstead.domain.quick_add.due_dates import find_due_date, is_over
from tests.unit.domain.quick_add.vectors import make_sentence


def read(text: str) -> str | None:
    """Return the date, the minutes and the words after the phrase."""
    sentence = make_sentence(text)
    phrase = find_due_date(sentence, 0)
    if phrase is None:
        return None
    rest = sentence.keys[phrase.end :]
    return " ".join([str(phrase.day), str(phrase.minutes), *rest])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("friday x", "2026-11-27 None x"),
        ("on friday at 9 x", "2026-11-27 540 x"),
        ("due by friday 9am", "2026-11-27 540"),
        ("friday morning", "2026-11-27 540"),
        ("friday evening at 8", "2026-11-27 1200"),
        ("friday afternoon 14:30", "2026-11-27 870"),
        ("tonight", "2026-11-25 1200"),
        ("tonight at 9", "2026-11-25 1260"),
        ("9 pm tonight", "2026-11-25 1260"),
        ("at 9 on friday", "2026-11-27 540"),
        ("at 9", "2026-11-26 540"),
        ("by 17:00", "2026-11-25 1020"),
        ("in two hours at 9", "2026-11-25 720 at 9"),
        ("9am in two hours", "2026-11-26 540 in two hours"),
        ("feb 30 at 9", "None None"),
        ("at 9 on feb 30", "None None"),
        ("on", None),
        ("x", None),
    ],
)
def test_date_and_time(text: str, expected: str | None) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "start", "end"), [("on feb 30 at 9", 1, 3), ("at 9 feb 30", 2, 4)]
)
def test_warning_is_about_the_missing_day(text: str, start: int, end: int) -> None:
    phrase = find_due_date(make_sentence(text), 0)
    assert phrase is not None
    assert (phrase.issue, phrase.issue_start, phrase.issue_end) == ("no_such_day", start, end)


@pytest.mark.parametrize(
    ("now", "has_passed"), [("10:00:00", False), ("10:00:01", True), ("10:01:00", True)]
)
def test_time_is_over_after_its_first_second(now: str, *, has_passed: bool) -> None:
    sentence = make_sentence("", now=datetime.fromisoformat(f"2026-11-25T{now}+01:00"))
    assert is_over(sentence, 10 * 60) is has_passed
