"""Health probes: check whether a service works, with a timeout and at most one check at a time.

The check is a function that the caller passes. ``health.py`` contains the check of a database.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from taskstead.clock import Clock
from taskstead.errors import TasksteadError

# A health endpoint must respond within a second, so a check may take slightly less than that.
WAIT_SECONDS = 0.8
# If a check times out, the service still counts as available if its last check, at most this long
# ago, succeeded.
TRUST_SECONDS = 5.0

logger = logging.getLogger("taskstead.database")


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The result of a check.

    Attributes:
        at: when the check began, or when it timed out.
        reason: the reason why the service is unavailable, as a sentence without confidential data.
            None if the service is available.
        revision: the schema revision, if the service is a database. None if the database has no
            tables or is unavailable.
    """

    at: datetime
    reason: str | None = None
    revision: str | None = None


class Probe:
    """Probe of one service. Callers that arrive while a check is running get its result.

    Args:
        check: the check of the service. It returns the schema revision, or None if the service has
            none. If the service is unavailable, it raises a ``TasksteadError`` whose detail states
            the reason.
        name: the service's name, for messages.
        clock: returns the current time.
        wait_seconds: how long a caller waits for the result.
        trust_seconds: maximum age of the last successful result, which is returned if a check times
            out.
        close: called when the probe is closed.
    """

    def __init__(
        self,
        check: Callable[[], Awaitable[str | None]],
        *,
        name: str,
        clock: Clock,
        wait_seconds: float = WAIT_SECONDS,
        trust_seconds: float = TRUST_SECONDS,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._run_check = check
        self._name = name
        self._clock = clock
        self._close = close
        self.wait_seconds = wait_seconds
        self.trust_seconds = trust_seconds
        self._running: asyncio.Task[ProbeResult] | None = None
        self._last: ProbeResult | None = None

    async def check(self) -> ProbeResult:
        """Return the state of the service within ``wait_seconds``. It does not raise errors."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        running = self._running
        await asyncio.wait([running], timeout=self.wait_seconds)
        if running.done() and not running.cancelled():
            return running.result()
        now = self._clock()
        last = self._last
        if last is not None and last.reason is None:
            age = (now - last.at).total_seconds()
            if 0 <= age < self.trust_seconds:
                return last
        return ProbeResult(now, reason=f"The {self._name} does not respond.")

    async def close(self) -> None:
        """Cancel a check in progress and call ``close``."""
        if self._running is not None and not self._running.done():
            self._running.cancel()
            await asyncio.wait([self._running])
        if self._close is not None:
            await self._close()

    async def _run(self) -> ProbeResult:
        at = self._clock()
        try:
            result = ProbeResult(at, revision=await self._run_check())
        except TasksteadError as error:
            result = ProbeResult(at, reason=error.detail)
        except Exception:
            logger.exception("The health probe of the %s failed.", self._name)
            result = ProbeResult(at, reason=f"The {self._name} responds with an error.")
        self._last = result
        return result
