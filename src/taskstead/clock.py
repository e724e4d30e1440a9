"""The clock: the current time in UTC.

``create_app`` and the commands choose the clock. All other code, except the access log, receives it
as an argument. A function receives ``now`` if it needs the time of its call, and
``clock`` if it needs the time later, for example after it has acquired a lock.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the current time as an aware UTC datetime with microseconds."""


def get_now() -> datetime:
    """Return the current time of the machine; see ``Clock``."""
    return datetime.now(UTC)


def render_instant(instant: datetime) -> str:
    """Render an aware datetime as RFC 3339 in UTC with microseconds and ``Z``.

    The text always has the same length, so it sorts in time order.
    """
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
