"""Ranges of days in statistics: accepted days, default ranges and the limit of 366 days."""

from datetime import date

import pytest

from taskstead.domain.day_ranges import DayRange, parse_day, resolve_days
from taskstead.errors import ValidationFailedError

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize("text", ["1970-01-01", "2024-02-29", "9998-12-31"])
def test_day_is_parsed(text: str) -> None:
    assert parse_day(text).isoformat() == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "today", "20260101", "2026-W01-1", "2026-1-1", "2026-01-01T00:00", "2026-01-01\n"),
        *("\uff12\uff10\uff12\uff16-01-01", "2026-02-30", "2025-02-29", "1969-12-31", "9999-01-01"),
    ],
)
def test_invalid_or_extreme_day_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|day"):
        parse_day(text)


@pytest.mark.parametrize(
    ("first_day", "last_day", "expected"),
    [
        (None, None, (date(2026, 11, 2), TODAY)),
        (None, "2026-03-01", (date(2026, 1, 31), date(2026, 3, 1))),
        ("2026-11-30", None, (date(2026, 11, 30), TODAY)),
        ("2026-12-01", "2026-12-01", (TODAY, TODAY)),
        # Accepted days end at the first of January 1970.
        (None, "1970-01-02", (date(1970, 1, 1), date(1970, 1, 2))),
        ("2027-12-31", "2028-12-30", (date(2027, 12, 31), date(2028, 12, 30))),
        ("9998-12-31", "9998-12-31", (date(9998, 12, 31), date(9998, 12, 31))),
    ],
)
def test_range_has_default_ends(
    first_day: str | None, last_day: str | None, expected: tuple[date, date]
) -> None:
    assert resolve_days(first_day, last_day, TODAY) == expected


@pytest.mark.parametrize(
    ("first_day", "last_day"),
    [
        ("2026-01-02", "2026-01-01"),
        ("2026-12-02", None),
        ("2025-01-01", "2026-01-02"),
        ("2020-01-01", None),
        ("1970-01-01", "9998-12-31"),
    ],
)
def test_reversed_or_long_range_is_rejected(first_day: str, last_day: str | None) -> None:
    with pytest.raises(ValidationFailedError) as caught:
        resolve_days(first_day, last_day, TODAY)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [
        ("query/from", "range")
    ]


def test_days_include_both_ends_in_order() -> None:
    assert DayRange(date(2024, 2, 28), date(2024, 3, 1)).list_days() == [
        date(2024, 2, 28),
        date(2024, 2, 29),
        date(2024, 3, 1),
    ]
