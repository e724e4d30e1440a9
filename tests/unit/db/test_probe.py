"""Health probes: bounded wait, one check at a time, and a reason for each failure."""

import asyncio
import math
from typing import Any

from taskstead.db.probe import Probe, ProbeResult
from taskstead.errors import DatabaseUnavailableError
from tests.harness.clock import ManualClock

LONG_SECONDS = 600.0
TRUST_SECONDS = 5.0


class Service:
    """A service that answers when the test lets it."""

    def __init__(self) -> None:
        self.asked = 0
        self.answering = asyncio.Event()
        self.error: Exception | None = None

    async def ask(self) -> str | None:
        """Answer, or raise the given error."""
        self.asked += 1
        await self.answering.wait()
        if self.error is not None:
            raise self.error
        return "0001"


def make_probe(service: Service, **options: Any) -> Probe:
    return Probe(service.ask, name="service", **{"clock": ManualClock(), **options})


def summarise(result: ProbeResult) -> tuple[str | None, str | None]:
    return result.reason, result.revision


async def test_answer_is_returned() -> None:
    service = Service()
    service.answering.set()
    probe = make_probe(service, wait_seconds=LONG_SECONDS)
    assert summarise(await probe.check()) == (None, "0001")
    service.error = DatabaseUnavailableError("It is read-only.")
    assert summarise(await probe.check()) == ("It is read-only.", None)
    service.error = ValueError("secret")
    assert summarise(await probe.check()) == ("The service responds with an error.", None)


async def test_hanging_service_is_unavailable_and_checked_once() -> None:
    service = Service()
    probe = make_probe(service, wait_seconds=0, trust_seconds=math.inf)
    results = await asyncio.gather(*(probe.check() for _ in range(5)))
    assert {summarise(result) for result in results} == {("The service does not respond.", None)}
    assert summarise(await probe.check())[0] is not None
    assert service.asked == 1
    await probe.close()


async def test_last_good_answer_is_trusted_for_a_while() -> None:
    service = Service()
    service.answering.set()
    clock = ManualClock()
    probe = make_probe(service, clock=clock, wait_seconds=LONG_SECONDS, trust_seconds=TRUST_SECONDS)
    good = await probe.check()
    service.answering.clear()
    probe.wait_seconds = 0
    clock.advance(TRUST_SECONDS - 0.001)
    assert await probe.check() == good
    clock.advance(0.001)
    assert summarise(await probe.check()) == ("The service does not respond.", None)
    await probe.close()


async def test_bad_answer_is_not_cached() -> None:
    service = Service()
    service.answering.set()
    service.error = DatabaseUnavailableError("It is read-only.")
    probe = make_probe(service, wait_seconds=LONG_SECONDS, trust_seconds=math.inf)
    await probe.check()
    service.answering.clear()
    probe.wait_seconds = 0
    assert summarise(await probe.check()) == ("The service does not respond.", None)
    await probe.close()


async def test_late_answer_is_used_for_later_checks() -> None:
    service = Service()
    probe = make_probe(service, wait_seconds=0, trust_seconds=math.inf)
    assert summarise(await probe.check())[0] is not None
    service.answering.set()
    probe.wait_seconds = LONG_SECONDS
    assert summarise(await probe.check()) == (None, "0001")
    assert service.asked == 1


async def test_closing_cancels_the_check() -> None:
    closed = asyncio.Event()

    async def close() -> None:
        closed.set()

    service = Service()
    probe = make_probe(service, wait_seconds=0, close=close)
    await probe.check()
    await probe.close()
    assert closed.is_set()
