"""Repeats in quick add, and how far they reach in the text."""

import pytest

from taskstead.domain.quick_add.repeats import find_repeat
from tests.unit.domain.quick_add.vectors import make_sentence


def read(text: str, language: str = "en") -> str | None:
    """Return the rule and the words after the phrase."""
    sentence = make_sentence(text, language)
    phrase = find_repeat(sentence, 0)
    if phrase is None:
        return None
    return " ".join([str(phrase.rule), *sentence.keys[phrase.end :]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every day x", "FREQ=DAILY x"),
        ("every day at 9 at 10", "FREQ=DAILY at 10"),
        ("every morning at 8 evening", "FREQ=DAILY evening"),
        ("every day for 2 times for 3 times", "FREQ=DAILY;COUNT=2 for 3 times"),
        ("every day until friday for 3 times", "FREQ=DAILY;UNTIL=20261127 for 3 times"),
        ("every day starting friday from monday", "FREQ=DAILY from monday"),
        ("every day from completion from completion", "FREQ=DAILY from completion"),
        ("every! day from completion", "FREQ=DAILY from completion"),
        ("every day starting in two hours", "FREQ=DAILY starting in two hours"),
        ("every day until x", "FREQ=DAILY until x"),
        ("every day on monday", "FREQ=DAILY on monday"),
        ("every month on monday", "FREQ=MONTHLY on monday"),
        ("every week on x", "FREQ=WEEKLY on x"),
        ("every mon and x", "FREQ=WEEKLY;BYDAY=MO and x"),
        ("every 2nd may", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=2"),
        ("every 2nd x", "FREQ=MONTHLY;BYMONTHDAY=2 x"),
        ("weekly x", "FREQ=WEEKLY x"),
        ("every", None),
        ("every x", None),
        ("every 2 x", None),
        ("every minute", None),
        ("every 333 quarters", "FREQ=MONTHLY;INTERVAL=999"),
        ("every 334 quarters", None),
        ("every first week", None),
        ("every sixth friday", None),
        ("x", None),
    ],
)
def test_repeat_ends_before_the_next_word(text: str, expected: str | None) -> None:
    assert read(text) == expected


def test_german_ordinal_weekday_counts_weeks_without_a_month() -> None:
    assert read("jeden zweiten dienstag", "de") == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"
    assert read("jeden zweiten dienstag im monat", "de") == "FREQ=MONTHLY;BYDAY=2TU"
    assert read("jeden monat am zweiten dienstag", "de") == "FREQ=MONTHLY;BYDAY=2TU"
    assert read("jeden letzten dienstag", "de") == "FREQ=MONTHLY;BYDAY=-1TU"


@pytest.mark.parametrize(
    ("text", "issue", "start", "end"),
    [
        ("every feb 30", "no_such_day", 1, 3),
        ("every day until feb 30", "no_such_day", 3, 5),
        ("every day from feb 30 until feb 31", "no_such_day", 3, 5),
        ("every day until 2026-11-24", "repeat_never", 0, 4),
    ],
)
def test_unusable_repeat_has_a_warning(text: str, issue: str, start: int, end: int) -> None:
    phrase = find_repeat(make_sentence(text), 0)
    assert phrase is not None
    assert (phrase.issue, phrase.issue_start, phrase.issue_end) == (issue, start, end)


def test_end_includes_the_times_of_its_day() -> None:
    assert read("every day at 9 until dec 24") == "FREQ=DAILY;UNTIL=20261224T235959"
