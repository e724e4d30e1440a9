"""Types of date and time fields. Their values remain text, except for ``Instant``."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from taskstead.domain.day_ranges import parse_day
from taskstead.domain.due_dates import DUE_PATTERN, MAX_DATE_TIME_LENGTH, parse_due_date
from taskstead.domain.time_ranges import is_day_or_moment


def _check_due_date(text: str) -> str:
    try:
        parse_due_date(text)
    except ValueError:
        code = "due_date"
        raise PydanticCustomError(
            code,
            "Input should be a date (2026-12-01), a local date-time (2026-12-01T09:00:00) or a "
            "date-time with offset (2026-12-01T09:00:00+01:00)",
        ) from None
    return text


def _check_day_or_moment(text: str) -> str:
    if not is_day_or_moment(text):
        code = "moment"
        raise PydanticCustomError(
            code,
            "Input should be a date (2026-12-01), today, tomorrow, yesterday, or a date-time "
            "(2026-12-01T09:00:00, 2026-12-01T09:00:00Z)",
        )
    return text


def _check_date(text: str) -> str:
    try:
        parse_day(text)
    except ValueError:
        code = "date"
        raise PydanticCustomError(
            code, "Input should be a date from 1970 to 9998, for example 2026-12-01"
        ) from None
    return text


def _parse_instant(text: object) -> datetime:
    try:
        due = parse_due_date(text) if isinstance(text, str) else None
    except ValueError:
        due = None
    if due is None or due.kind != "instant":
        code = "instant"
        raise PydanticCustomError(
            code, "Input should be a date-time with offset (2026-12-01T09:00:00+01:00)"
        )
    return due.at


DueText = Annotated[
    str,
    Field(max_length=MAX_DATE_TIME_LENGTH, json_schema_extra={"pattern": DUE_PATTERN}),
    AfterValidator(_check_due_date),
]
DayOrMoment = Annotated[
    str, Field(max_length=MAX_DATE_TIME_LENGTH), AfterValidator(_check_day_or_moment)
]
DateText = Annotated[str, Field(max_length=10), AfterValidator(_check_date)]
Instant = Annotated[datetime, BeforeValidator(_parse_instant)]
