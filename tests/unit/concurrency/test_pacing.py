"""Pacing: a few callers continue in each iteration of the event loop, in a fair order."""

import asyncio
from collections import Counter

from taskstead.concurrency.pacing import Pacer


class Waiters:
    """Records which caller continues, and in which iteration of the event loop."""

    def __init__(self, queued: int = 1, *, limit: int | None = None) -> None:
        self.pacer = Pacer(queued, queued if limit is None else limit)
        self.order: list[str] = []
        self.iterations: list[int] = []
        self._iteration = 0
        self._counter = asyncio.create_task(self._count())

    async def _count(self) -> None:
        while True:
            self._iteration += 1
            await asyncio.sleep(0)

    async def continue_in_turn(self, name: str) -> None:
        """Wait for the pacer. The first letter of the name is the key."""
        await self.pacer.wait(name[0])
        self.order.append(name)
        self.iterations.append(self._iteration)

    def start(self, *names: str) -> list[asyncio.Task[None]]:
        """Start callers in this order."""
        return [asyncio.create_task(self.continue_in_turn(name)) for name in names]

    async def stop(self) -> None:
        """Stop counting."""
        self._counter.cancel()
        await asyncio.wait([self._counter])


async def test_each_caller_continues_in_its_own_iteration() -> None:
    callers = Waiters()
    await asyncio.gather(*callers.start(*(f"a{number}" for number in range(50))))
    assert callers.order == [f"a{number}" for number in range(50)]
    assert len(set(callers.iterations)) == 50
    assert callers.pacer.waiting == 0
    await callers.stop()


async def test_several_callers_share_an_iteration() -> None:
    callers = Waiters(4)
    await asyncio.gather(*callers.start(*(f"a{number}" for number in range(50))))
    assert callers.order == [f"a{number}" for number in range(50)]
    assert max(Counter(callers.iterations).values()) == 4
    await callers.stop()


async def test_caller_of_another_key_waits_for_one_of_the_burst() -> None:
    callers = Waiters()
    tasks = callers.start(*(f"a{number}" for number in range(50)))
    await asyncio.sleep(0)
    tasks += callers.start("b")
    await asyncio.gather(*tasks)
    assert callers.order.index("b") <= 3
    await callers.stop()


async def test_new_key_does_not_wait_behind_a_queue() -> None:
    callers = Waiters(2, limit=4)
    tasks = callers.start(*(f"a{number}" for number in range(50)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert callers.pacer.waiting > 40
    begun = len(callers.order)
    tasks += callers.start("b", "a50")
    await asyncio.sleep(0)
    assert callers.order.index("b") <= begun + 2
    await asyncio.gather(*tasks)
    assert [name for name in callers.order if name != "b"] == [f"a{number}" for number in range(51)]
    assert max(Counter(callers.iterations).values()) <= 4
    await callers.stop()


async def test_single_caller_does_not_wait() -> None:
    callers = Waiters()
    waiting = callers.pacer.wait("a")
    try:
        waiting.send(None)
    except StopIteration:
        pass
    else:
        raise AssertionError("The caller was suspended.")
    await callers.stop()


async def test_cancelled_caller_does_not_delay_others() -> None:
    callers = Waiters()
    tasks = callers.start(*(f"a{number}" for number in range(10)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for task in tasks[3:7]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert callers.order == ["a0", "a1", "a2", "a7", "a8", "a9"]
    assert callers.pacer.waiting == 0
    await callers.stop()
