"""The time, as an aware UTC datetime. Nothing else reads the system clock for dates."""

from datetime import UTC, datetime


def get_now() -> datetime:
    """Return the present instant as an aware datetime in UTC, to the microsecond."""
    return datetime.now(UTC)


def render_instant(instant: datetime) -> str:
    """Render an aware datetime as RFC 3339 in UTC with microseconds and ``Z``.

    The width is always the same, so that the text sorts as the instants do.
    """
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
