"""The current time in UTC. Other modules get the current date and time only from this module."""

from datetime import UTC, datetime


def get_now() -> datetime:
    """Return the current time as an aware UTC datetime with microseconds."""
    return datetime.now(UTC)


def render_instant(instant: datetime) -> str:
    """Render an aware datetime as RFC 3339 in UTC with microseconds and ``Z``.

    The text always has the same length, so it sorts in time order.
    """
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
