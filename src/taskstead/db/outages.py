"""Log of database outages: one line when requests begin to fail, and one when they work again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from weakref import WeakSet

from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError, TasksteadError
from taskstead.observability.query_stats import Meter

# Failures that follow one another within this time belong to the same outage.
QUIET_SECONDS = 5.0

logger = logging.getLogger("taskstead.database")


class Outages:
    """Outage log of one database.

    An outage ends when nothing has failed for ``quiet_seconds`` and the database responds to a
    query. If a write failed during the outage, the outage ends only after another write has been
    committed.

    Args:
        name: name of the database in the log.
        meter: provides the number of commits.
        check: runs a query and raises the database's error if it fails.
        quiet_seconds: time without failures after which an outage may end.
    """

    def __init__(
        self,
        name: str,
        meter: Meter,
        check: Callable[[], Awaitable[None]],
        *,
        quiet_seconds: float = QUIET_SECONDS,
    ) -> None:
        self.quiet_seconds = quiet_seconds
        self._name = name
        self._meter = meter
        self._check = check
        self._recorded: WeakSet[TasksteadError] = WeakSet()
        self._count = 0
        self._last_failure_at = 0.0
        # Number of commits at the time of the last failed write; None if only reads have failed.
        self._commits: int | None = None
        self._monitor: asyncio.Task[None] | None = None

    def note_failure(self, error: TasksteadError, *, is_write: bool) -> None:
        """Record that a request or job failed because of the database.

        An error object that is recorded again is not counted again.
        """
        if error in self._recorded:
            return
        self._recorded.add(error)
        self._last_failure_at = time.monotonic()
        self._count += 1
        if is_write:
            self._commits = self._meter.commits
        if self._monitor is not None:
            return
        state = "is too busy" if isinstance(error, DatabaseBusyError) else "is not available"
        extra = {"reason": _describe(error), "code": error.code}
        logger.warning("The %s %s.", self._name, state, extra=extra)
        self._monitor = asyncio.create_task(self._monitor_outage(self._last_failure_at))

    @contextmanager
    def recording_failures(self, *, is_write: bool) -> Generator[None]:
        """Record database errors that the block raises."""
        try:
            yield
        except (DatabaseBusyError, DatabaseUnavailableError) as error:
            self.note_failure(error, is_write=is_write)
            raise

    async def close(self) -> None:
        """Stop monitoring the outage."""
        if self._monitor is not None:
            self._monitor.cancel()
            await asyncio.wait([self._monitor])

    async def _monitor_outage(self, began: float) -> None:
        """Wait for the end of an outage, then log it."""
        while not await self._is_over():
            remaining = self._last_failure_at + self.quiet_seconds - time.monotonic()
            await asyncio.sleep(remaining if remaining > 0 else self.quiet_seconds)
        extra = {
            "duration_seconds": round(self._last_failure_at - began, 3),
            "failures": self._count,
        }
        self._count, self._commits, self._monitor = 0, None, None
        logger.warning("The %s is available again.", self._name, extra=extra)

    async def _is_over(self) -> bool:
        if time.monotonic() < self._last_failure_at + self.quiet_seconds:
            return False
        if self._commits is not None and self._meter.commits == self._commits:
            return False
        previous_count = self._count
        try:
            await self._check()
        except (DatabaseBusyError, DatabaseUnavailableError):
            return False
        return self._count == previous_count


def _describe(error: TasksteadError) -> str:
    """Return the message of the driver's error on one line; ``detail`` if there is no cause."""
    cause = error.__cause__
    message = error.detail if cause is None else str(cause) or type(cause).__name__
    return " ".join(message.split())
