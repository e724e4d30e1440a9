"""Semaphores with a fair queue: they limit connections, writers and long reads."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager
from time import perf_counter

from taskstead.concurrency.fair_queue import FairQueue
from taskstead.db.acquire_timeout import AcquireTimeout
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError
from taskstead.observability.query_stats import Meter
from taskstead.observability.request_record import get_share


class Lane:
    """A semaphore with ``size`` slots. Its queue is round-robin by workspace.

    Attributes:
        size: the number of slots.
        in_use: the number of slots that are held.
        acquire_timeout: the time limits of the queue. A holder of a slot calls its
            ``note_progress`` after each success, to show that the queue makes progress.
    """

    def __init__(self, size: int, *, acquire_timeout: AcquireTimeout, meter: Meter) -> None:
        self.size = size
        self.in_use = 0
        self.acquire_timeout = acquire_timeout
        self._meter = meter
        self._waiters: FairQueue[asyncio.Future[None]] = FairQueue()

    @property
    def waiting(self) -> int:
        """The number of callers that wait for a slot."""
        return self._waiters.length

    async def acquire(self, key: Hashable = None) -> None:
        """Acquire a slot. The caller must return it with :meth:`release`.

        Args:
            key: the key in the fair queue. Default: the workspace of the current request.

        Raises:
            DatabaseBusyError: the acquire timeout has expired.
        """
        if self.in_use < self.size and not self._waiters.length:
            self.in_use += 1
            return
        began = perf_counter()
        key = get_share() if key is None else key
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.push(key, place)
        try:
            async with self.acquire_timeout.limiting():
                await place
        except BaseException:
            if place.done() and not place.cancelled():
                self.release()
            else:
                self._waiters.discard(key, place)
            raise
        finally:
            self._meter.note_wait(began)

    def release(self) -> None:
        """Pass the slot to the next waiter; ``in_use`` is then unchanged. Otherwise free it."""
        while self._waiters.length:
            place = self._waiters.pop()
            if not place.done():
                place.set_result(None)
                return
        self._free()

    def _free(self) -> None:
        """Free a slot that has no waiter."""
        self.in_use -= 1

    @asynccontextmanager
    async def holding(self) -> AsyncGenerator[None]:
        """Hold a slot for the duration of the block.

        Raises:
            DatabaseBusyError: see :meth:`acquire`.
        """
        await self.acquire()
        try:
            yield
        except (DatabaseBusyError, DatabaseUnavailableError):
            raise
        except Exception:
            self.acquire_timeout.note_progress()
            raise
        else:
            self.acquire_timeout.note_progress()
        finally:
            self.release()


class Lanes:
    """Separate semaphores for keys, such as workspaces. They exist only while they are in use."""

    def __init__(self, make: Callable[[], Lane]) -> None:
        self._make = make
        self._lanes: dict[Hashable, Lane] = {}

    @property
    def waiting(self) -> int:
        """The number of waiters in all lanes."""
        return sum(lane.waiting for lane in self._lanes.values())

    @asynccontextmanager
    async def holding(self, key: Hashable) -> AsyncGenerator[None]:
        """Hold a slot of the semaphore of a key for the duration of the block.

        Raises:
            DatabaseBusyError: see ``Lane.acquire``.
        """
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = self._make()
        try:
            async with lane.holding():
                yield
        finally:
            if not lane.in_use and not lane.waiting:
                self._lanes.pop(key, None)
