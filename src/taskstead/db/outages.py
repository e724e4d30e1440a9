"""Logs when the database begins to fail requests, and when it has stopped doing so."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from weakref import WeakSet

from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError, TasksteadError
from taskstead.telemetry.statements import Meter

# An outage lasts as long as failures follow one another within that time.
QUIET_SECONDS = 5.0

logger = logging.getLogger("taskstead.database")


class Outages:
    """The outages of one database: one log line at the beginning of each, and one at its end.

    An outage has ended when nothing has failed for a while and the database answers; and where a
    write had failed, when another one has been committed since.

    Args:
        name: of the database, for the log.
        meter: counts the commits.
        check: reads something from the database, and raises what the database fails with.
        quiet_seconds: how long nothing has to fail.
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
        self._noted: WeakSet[TasksteadError] = WeakSet()
        self._count = 0
        self._last_at = 0.0
        # How many commits there were when a write failed last; None if only reads have failed.
        self._commits: int | None = None
        self._watching: asyncio.Task[None] | None = None

    def note_failure(self, error: TasksteadError, *, is_write: bool) -> None:
        """Note that the database has failed a request or other work; each error counts once."""
        if error in self._noted:
            return
        self._noted.add(error)
        self._last_at = time.monotonic()
        self._count += 1
        if is_write:
            self._commits = self._meter.commits
        if self._watching is not None:
            return
        what = "is too busy" if isinstance(error, DatabaseBusyError) else "is not available"
        extra = {"reason": _describe(error), "code": error.code}
        logger.warning("The %s %s.", self._name, what, extra=extra)
        self._watching = asyncio.create_task(self._watch(self._last_at))

    @contextmanager
    def noting(self, *, is_write: bool) -> Generator[None]:
        """Note it when the block fails by the database."""
        try:
            yield
        except (DatabaseBusyError, DatabaseUnavailableError) as error:
            self.note_failure(error, is_write=is_write)
            raise

    async def close(self) -> None:
        """Stop watching."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self, began: float) -> None:
        """Wait for the end of an outage and log it."""
        while not await self._is_over():
            left = self._last_at + self.quiet_seconds - time.monotonic()
            await asyncio.sleep(left if left > 0 else self.quiet_seconds)
        extra = {"duration_seconds": round(self._last_at - began, 3), "failures": self._count}
        self._count, self._commits, self._watching = 0, None, None
        logger.warning("The %s is available again.", self._name, extra=extra)

    async def _is_over(self) -> bool:
        if time.monotonic() < self._last_at + self.quiet_seconds:
            return False
        if self._commits is not None and self._meter.commits == self._commits:
            return False
        before = self._count
        try:
            await self._check()
        except (DatabaseBusyError, DatabaseUnavailableError):
            return False
        return self._count == before


def _describe(error: TasksteadError) -> str:
    """Return the engine's own words, on one line."""
    cause = error.__cause__
    words = error.detail if cause is None else str(cause) or type(cause).__name__
    return " ".join(words.split())
