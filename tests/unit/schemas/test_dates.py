"""Types of date and time fields: accepted notations, limits and error codes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from taskstead.schemas.dates import DateText, DayOrMoment, DueText, Instant

WHOLE = "2026-12-01T10:00:00"
FRACTIONS = [".1", ".123456789", "." + "123456789" * 5]


def validate(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


def find_error(kind: Any, value: object) -> str:
    """Return the code of the error of an invalid value."""
    with pytest.raises(ValidationError) as caught:
        validate(kind, value)
    return caught.value.errors()[0]["type"]


@pytest.mark.parametrize("offset", ["", "Z", "+01:00"])
@pytest.mark.parametrize("fraction", FRACTIONS)
def test_text_with_many_fractional_digits_is_kept(fraction: str, offset: str) -> None:
    text = WHOLE + fraction + offset
    assert validate(DueText, text) == validate(DayOrMoment, text) == text


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_instant_is_cut_to_microseconds(fraction: str) -> None:
    microsecond = int(fraction[1:7].ljust(6, "0"))
    expected = datetime(2026, 12, 1, 9, 0, 0, microsecond, tzinfo=UTC)
    assert validate(Instant, f"{WHOLE}{fraction}+01:00") == expected


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        (DueText, "tomorrow", "due_date"),
        (DueText, f"{WHOLE}.Z", "due_date"),
        (DueText, f"{WHOLE}.1.2Z", "due_date"),
        (DueText, f"{WHOLE}." + "1" * 81, "string_too_long"),
        (DayOrMoment, "now", "moment"),
        (DayOrMoment, "2026-02-30", "moment"),
        (DateText, "today", "date"),
        (DateText, "1969-12-31", "date"),
        (DateText, "2026-02-30", "date"),
        (DateText, f"{WHOLE}Z", "string_too_long"),
        (Instant, WHOLE, "instant"),
        (Instant, "2026-12-01", "instant"),
        (Instant, 1, "instant"),
    ],
)
def test_invalid_value_is_rejected(kind: Any, value: object, code: str) -> None:
    assert find_error(kind, value) == code
