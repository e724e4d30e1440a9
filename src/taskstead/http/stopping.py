"""Hearing early that the server is to stop, and putting it off until balancers have noticed.

The lifespan's end is too late for that: the server waits with it for the answers under way, and a
stream of events would never be done. How the connections are closed: ``cli/protocol.py``.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

logger = logging.getLogger("taskstead.http")


@dataclass(slots=True)
class Shutdown:
    """Whether the end is near.

    Attributes:
        is_draining: requests are served, and whoever can choose is to send them elsewhere.
    """

    is_draining: bool = False


@contextmanager
def shutdown_signals(
    act: Callable[[], None], stopping: Shutdown, *, drain_seconds: float
) -> Generator[None]:
    """Call a function in the event loop when a signal ends the process, as long as the block runs.

    The signal goes on to whoever took it before; the first SIGTERM only after the time to drain.
    Where nobody did, and outside of the main thread, there is no server that would end by it, and
    nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in _SIGNALS}
    timers: list[asyncio.TimerHandle] = []

    def drain() -> None:
        logger.info("Draining: serving on for %g seconds, and not ready for more.", drain_seconds)
        # It comes back to the handler below, as a second SIGTERM of anybody does.
        timers.append(loop.call_later(drain_seconds, signal.raise_signal, signal.SIGTERM))

    def handle(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGTERM and drain_seconds and not stopping.is_draining:
            stopping.is_draining = True
            loop.call_soon_threadsafe(drain)
        else:
            loop.call_soon_threadsafe(act)
            before[signal.Signals(number)](number, frame)

    taken = [number for number in _SIGNALS if callable(before[number])]
    for number in taken:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number in taken:
            if signal.getsignal(number) is handle:
                signal.signal(number, before[number])
