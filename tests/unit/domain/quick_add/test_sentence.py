"""Numbers in quick add, as digits and as words."""

import pytest

from tests.unit.domain.quick_add.vectors import NOW, make_sentence


def test_today_is_the_day_in_the_time_zone() -> None:
    late = NOW.fromisoformat("2026-11-25T23:30:00+00:00")
    assert str(make_sentence("", now=late).today) == "2026-11-26"


def test_key_behind_the_last_word_is_empty() -> None:
    assert make_sentence("a").get_key(1) == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("three", 3), ("a", 1), ("9999", 9999), ("0", None), ("10000", None), ("x", None)],
)
def test_number_is_digits_or_a_word(text: str, number: int | None) -> None:
    assert make_sentence(text).read_number(0) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [("5", 5), ("5th", 5), ("31st", 31), ("32nd", None), ("0", None), ("5.", None), ("x", None)],
)
def test_day_of_the_month_may_have_a_suffix(text: str, day: int | None) -> None:
    assert make_sentence(text).read_day_number(0) == day


def test_day_of_the_month_may_require_a_suffix() -> None:
    assert make_sentence("5").read_day_number(0, needs_suffix=True) is None
    assert make_sentence("5.", "de").read_day_number(0, needs_suffix=True) == 5


@pytest.mark.parametrize(
    ("text", "ordinal"), [("second", 2), ("2nd", 2), ("last", -1), ("2", None), ("x", None)]
)
def test_ordinal_is_a_word_or_digits(text: str, ordinal: int | None) -> None:
    assert make_sentence(text).read_ordinal(0) == ordinal
