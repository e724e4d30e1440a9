"""A clock that a test sets."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class ManualClock:
    """A clock that stands still until the test moves it. Pass it to `create_app(clock=…)`.

    Attributes:
        now: the current time. By default it is in the middle of a day, an hour and a minute.
    """

    now: datetime = datetime(2026, 6, 15, 12, 30, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the current time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move the clock forward, or back if ``seconds`` is negative."""
        self.now += timedelta(seconds=seconds)
