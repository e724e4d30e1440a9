"""Health probes: check whether a service works, with a timeout and at most one check at a time.

The caller passes the check itself. For a database, it is in ``health.py``.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from taskstead.clock import get_now
from taskstead.errors import TasksteadError

# A health endpoint must respond within a second, so the check has slightly less.
WAIT_SECONDS = 0.8
# A service whose last check succeeded within this time, and is only late now, counts as available.
TRUST_SECONDS = 5.0

logger = logging.getLogger("taskstead.database")


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The result of a check.

    Attributes:
        at: when the check began.
        reason: why it is unavailable, as a sentence without confidential data; None if it works.
        revision: the schema revision of a database; None if it has no tables or is unavailable.
    """

    at: datetime
    reason: str | None = None
    revision: str | None = None


class Probe:
    """Probe of one service. Callers during a check share its result.

    Args:
        ask: checks the service. It returns the schema revision, or None if the service has none.
            It raises a ``TasksteadError`` whose detail states why the service is unavailable.
        name: the service's name, for messages.
        wait_seconds: how long a caller waits for the result.
        trust_seconds: how long the last successful result is returned when a check takes too long.
        close: called when the probe is closed.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[str | None]],
        *,
        name: str,
        wait_seconds: float = WAIT_SECONDS,
        trust_seconds: float = TRUST_SECONDS,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._ask = ask
        self._name = name
        self._close = close
        self.wait_seconds = wait_seconds
        self.trust_seconds = trust_seconds
        self._asking: asyncio.Task[ProbeResult] | None = None
        self._last: ProbeResult | None = None

    async def check(self) -> ProbeResult:
        """Return the state of the service within ``wait_seconds``. Never raises."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._run())
        asking = self._asking
        await asyncio.wait([asking], timeout=self.wait_seconds)
        if asking.done() and not asking.cancelled():
            return asking.result()
        now = get_now()
        last = self._last
        if last is not None and last.reason is None:
            age = (now - last.at).total_seconds()
            if 0 <= age < self.trust_seconds:
                return last
        return ProbeResult(now, reason=f"The {self._name} does not answer.")

    async def close(self) -> None:
        """Cancel a check in progress and close the connection of the service."""
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait([self._asking])
        if self._close is not None:
            await self._close()

    async def _run(self) -> ProbeResult:
        at = get_now()
        try:
            result = ProbeResult(at, revision=await self._ask())
        except TasksteadError as error:
            result = ProbeResult(at, reason=error.detail)
        except Exception:
            logger.exception("The health probe of the %s failed.", self._name)
            result = ProbeResult(at, reason=f"The {self._name} answers with an error.")
        self._last = result
        return result
