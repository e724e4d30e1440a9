"""Waking the worker of this process at once when there is something for it to do."""

import asyncio
import contextlib


class JobSignal:
    """A bell: whoever has enqueued a job rings it, after the commit; the worker waits for it."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    @property
    def is_rung(self) -> bool:
        """Whether it has rung and nobody has waited since."""
        return self._rung.is_set()

    def ring(self) -> None:
        """End the wait that is on, or else the next one at once."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait until it rings, or for so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()
