"""Pacing: a few principals go on in each turn of the event loop, in a fair order."""

import asyncio
from collections import Counter

from taskstead.pacing import Pacer


class Callers:
    """Notes who goes on, and in which turn of the loop."""

    def __init__(self, callers_in_a_turn: int = 1) -> None:
        self.pacer = Pacer(callers_in_a_turn)
        self.order: list[str] = []
        self.turns: list[int] = []
        self._loop_turn = 0
        self._counter = asyncio.create_task(self._count())

    async def _count(self) -> None:
        while True:
            self._loop_turn += 1
            await asyncio.sleep(0)

    async def call(self, name: str) -> None:
        """Wait for a turn; the first letter of the name is the key."""
        await self.pacer.wait(name[0])
        self.order.append(name)
        self.turns.append(self._loop_turn)

    def start(self, *names: str) -> list[asyncio.Task[None]]:
        """Have principals come in this order."""
        return [asyncio.create_task(self.call(name)) for name in names]

    async def stop(self) -> None:
        """Stop counting."""
        self._counter.cancel()
        await asyncio.wait([self._counter])


async def test_each_caller_has_a_turn_of_the_loop_to_itself() -> None:
    principals = Callers()
    await asyncio.gather(*principals.start(*(f"a{number}" for number in range(50))))
    assert principals.order == [f"a{number}" for number in range(50)]
    assert len(set(principals.turns)) == 50
    assert principals.pacer.waiting == 0
    await principals.stop()


async def test_several_callers_share_a_turn_of_the_loop() -> None:
    principals = Callers(4)
    await asyncio.gather(*principals.start(*(f"a{number}" for number in range(50))))
    assert principals.order == [f"a{number}" for number in range(50)]
    assert max(Counter(principals.turns).values()) == 4
    await principals.stop()


async def test_a_caller_of_another_key_waits_for_one_of_the_burst() -> None:
    principals = Callers()
    tasks = principals.start(*(f"a{number}" for number in range(50)))
    await asyncio.sleep(0)
    tasks += principals.start("b")
    await asyncio.gather(*tasks)
    assert principals.order.index("b") <= 3
    await principals.stop()


async def test_a_caller_alone_does_not_wait() -> None:
    principals = Callers()
    waiting = principals.pacer.wait("a")
    try:
        waiting.send(None)
    except StopIteration:
        pass
    else:
        raise AssertionError("The principal has been suspended.")
    await principals.stop()


async def test_a_cancelled_caller_holds_up_nobody() -> None:
    principals = Callers()
    tasks = principals.start(*(f"a{number}" for number in range(10)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for task in tasks[3:7]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert principals.order == ["a0", "a1", "a2", "a7", "a8", "a9"]
    assert principals.pacer.waiting == 0
    await principals.stop()
