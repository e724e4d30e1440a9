"""Due dates in their three kinds (RFC 3339 for the notation, iCalendar for the kinds).

- a date, ``2026-12-01``: due that whole day, wherever its owner is;
- floating, ``2026-12-01T09:00:00``: nine o'clock wherever its owner is;
- an instant, ``2026-12-01T09:00:00+01:00``: that moment everywhere.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic_core import PydanticCustomError

_DATE_PART = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME_PART = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
DUE_PATTERN = f"^{_DATE_PART}(T{_TIME_PART})?$"
_DATE = re.compile(_DATE_PART)
_DATE_TIME = re.compile(f"{_DATE_PART}T{_TIME_PART}")


class DueDate(NamedTuple):
    """A due date: its text as given, its kind, and what it is sorted and filtered by.

    ``at`` is in UTC for an instant; for a date (its midnight) and a floating time it is the local
    time as if that were UTC.
    """

    text: str
    kind: str
    at: datetime


def parse_due_date(text: str) -> DueDate:
    """Parse a due date.

    Raises:
        ValueError: the text is none of the three kinds, or names a day or time that is not.
    """
    if _DATE.fullmatch(text):
        return DueDate(text, "date", datetime.fromisoformat(text).replace(tzinfo=UTC))
    if not _DATE_TIME.fullmatch(text):
        message = "not a date or date-time"
        raise ValueError(message)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return DueDate(text, "floating", moment.replace(tzinfo=UTC))
    try:
        return DueDate(text, "instant", moment.astimezone(UTC))
    except OverflowError as error:
        raise ValueError(str(error)) from error


def check_due_date(text: str) -> str:
    """Return the text unchanged when it is a due date; for pydantic."""
    try:
        parse_due_date(text)
    except ValueError:
        code = "due_date"
        raise PydanticCustomError(
            code,
            "A date (2026-12-01), a local date-time (2026-12-01T09:00:00) or a date-time with "
            "offset (2026-12-01T09:00:00+01:00) is needed",
        ) from None
    return text
