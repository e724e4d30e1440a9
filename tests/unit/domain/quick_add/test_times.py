"""Times of day in quick add."""

import pytest

from taskstead.domain.quick_add.times import find_time, format_time, move_to_part
from tests.unit.domain.quick_add.vectors import make_sentence


def read(text: str, language: str = "en") -> str | None:
    """Return the time of a text and the words after it."""
    sentence = make_sentence(text, language)
    time = find_time(sentence, 0)
    if time is None:
        return None
    return " ".join([format_time(time.minutes), *sentence.keys[time.end :]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:30", "09:30"),
        ("23:59 x", "23:59 x"),
        ("9:30pm", "21:30"),
        ("9:30 pm x", "21:30 x"),
        ("12:30am", "00:30"),
        ("9am", "09:00"),
        ("12 am", "00:00"),
        ("12pm", "12:00"),
        ("5 p.m.", "17:00"),
        ("noon", "12:00"),
        ("at noon", "12:00"),
        ("at 9", "09:00"),
        ("at 0", "00:00"),
        ("at 9:05 x", "09:05 x"),
        ("at 17 x", "17:00 x"),
    ],
)
def test_english_time(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "9", "at", "at x", "24:00", "9:60", "13pm", "0am", "9:30x", "9x", "at 24", "123", "9.30"],
)
def test_other_english_text_is_no_time(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14 uhr", "14:00"),
        ("um 14 uhr", "14:00"),
        ("14:30 uhr x", "14:30 x"),
        ("14.30 uhr", "14:30"),
        ("um 14 uhr 30", "14:30"),
        ("um 14 uhr 75", "14:00 75"),
        ("um 9 am", "09:00 am"),
        ("mittags", "12:00"),
        ("14.30", None),
        ("25 uhr", None),
        ("9am", None),
    ],
)
def test_german_time(text: str, expected: str | None) -> None:
    assert read(text, "de") == expected


@pytest.mark.parametrize(
    ("minutes", "part", "has_half", "moved"),
    [
        (9 * 60, 20 * 60, False, 21 * 60),
        (9 * 60, 20 * 60, True, 9 * 60),
        (9 * 60, 9 * 60, False, 9 * 60),
        (9 * 60, None, False, 9 * 60),
    ],
)
def test_time_is_in_the_half_of_its_part_of_the_day(
    minutes: int, part: int | None, *, has_half: bool, moved: int
) -> None:
    assert move_to_part(minutes, part, has_half=has_half) == moved
