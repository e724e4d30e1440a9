"""A bounded number of places with a fair queue: connections of a pool, or a share of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager
from time import perf_counter

from taskstead.db.patience import AcquireTimeout
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError
from taskstead.fair_queue import FairQueue
from taskstead.telemetry.requests import get_share
from taskstead.telemetry.statements import Meter


class Lane:
    """Hands out up to ``size`` places. Those who wait are served round-robin by workspace.

    Attributes:
        size: how many places there are.
        in_use: places handed out now.
        patience: bounds the wait. Users of the places report progress to it.
    """

    def __init__(self, size: int, *, patience: AcquireTimeout, meter: Meter) -> None:
        self.size = size
        self.in_use = 0
        self.patience = patience
        self._meter = meter
        self._waiters: FairQueue[asyncio.Future[None]] = FairQueue()

    @property
    def waiting(self) -> int:
        """How many wait for a place now."""
        return len(self._waiters)

    async def acquire(self, key: Hashable = None) -> None:
        """Take a place; give it back with :meth:`release`.

        Args:
            key: whose fair share it is; left out, that of the request under way.

        Raises:
            DatabaseBusyError: none became free within the bounded wait.
        """
        if self.in_use < self.size and not self._waiters:
            self.in_use += 1
            return
        began = perf_counter()
        key = get_share() if key is None else key
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.push(key, place)
        try:
            async with self.patience.bounding():
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
        """Give a place back: to the next who waits, whom ``in_use`` counts already."""
        while self._waiters:
            place = self._waiters.pop()
            if not place.done():
                place.set_result(None)
                return
        self._free()

    def _free(self) -> None:
        """Free a place that nobody waits for."""
        self.in_use -= 1

    @asynccontextmanager
    async def holding(self) -> AsyncGenerator[None]:
        """Hold a place for the length of the block.

        Raises:
            DatabaseBusyError: as for :meth:`acquire`.
        """
        await self.acquire()
        try:
            yield
        except (DatabaseBusyError, DatabaseUnavailableError):
            raise
        except Exception:
            self.patience.note_move()
            raise
        else:
            self.patience.note_move()
        finally:
            self.release()


class Lanes:
    """A lane for each key that somebody uses."""

    def __init__(self, make: Callable[[], Lane]) -> None:
        self._make = make
        self._lanes: dict[Hashable, Lane] = {}

    @property
    def waiting(self) -> int:
        """How many wait for a place now, in all lanes."""
        return sum(lane.waiting for lane in self._lanes.values())

    @asynccontextmanager
    async def holding(self, key: Hashable) -> AsyncGenerator[None]:
        """Hold a place in the lane of a key for the length of the block.

        Raises:
            DatabaseBusyError: as for ``Lane.acquire``.
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
