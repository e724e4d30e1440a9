"""Pacing: the steps of many requests run one per turn of the event loop, in a fair order.

A thousand requests that arrive together would otherwise all run in the same turn of the loop, and
everything else would wait for all of them.
"""

import asyncio
from collections.abc import Hashable

from taskstead.fair_queue import FairQueue


class Pacer:
    """Lets one caller go on in each turn of the event loop; the others wait for later turns.

    The next caller is chosen round-robin by key. Without other callers nobody waits.

    Attributes:
        turn: changes with every turn of the loop in which a caller has gone on.
    """

    def __init__(self) -> None:
        self.turn = 0
        self._is_taken = False
        self._waiters: FairQueue[asyncio.Future[None]] = FairQueue()

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return len(self._waiters)

    async def wait(self, key: Hashable = None) -> None:
        """Wait until it is the caller's turn."""
        loop = asyncio.get_running_loop()
        if not self._is_taken:
            self._is_taken = True
            loop.call_soon(self._go_on)
            return
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.push(key, waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            self._waiters.discard(key, waiter)
            raise

    def _go_on(self) -> None:
        """Begin the next turn: wake the next caller, if there is one."""
        self.turn += 1
        while self._waiters:
            waiter = self._waiters.pop()
            if not waiter.done():
                waiter.set_result(None)
                asyncio.get_running_loop().call_soon(self._go_on)
                return
        self._is_taken = False
