"""Graceful shutdown: ends event streams and keeps serving during the drain period.

The signal handlers do this, because the end of the ASGI lifespan is too late. The server ends the
lifespan only after all responses are complete, and an event stream never completes.
``cli/serving/protocol.py`` closes the connections.
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
    """The state of the graceful shutdown.

    Attributes:
        is_draining: whether the drain period has begun. Requests are still served, but the
            readiness check fails so that load balancers use other servers.
    """

    is_draining: bool = False


@contextmanager
def shutdown_signals(
    on_signal: Callable[[], None], shutdown: Shutdown, *, drain_seconds: float
) -> Generator[None]:
    """Call a function in the event loop when SIGINT or SIGTERM arrives during the block.

    The signal is then passed to the previous handler, which stops the server. The first SIGTERM is
    passed on only after the drain period. Signals without a previous handler are not handled.
    Outside the main thread, no signals are handled.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    previous_handlers: dict[signal.Signals, Any] = {
        number: signal.getsignal(number) for number in _SIGNALS
    }
    timers: list[asyncio.TimerHandle] = []

    def drain() -> None:
        logger.info("Draining: serving for %g more seconds, readiness check fails.", drain_seconds)
        # The signal reaches the handler below, like any second SIGTERM.
        timers.append(loop.call_later(drain_seconds, signal.raise_signal, signal.SIGTERM))

    def handle(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGTERM and drain_seconds and not shutdown.is_draining:
            shutdown.is_draining = True
            loop.call_soon_threadsafe(drain)
        else:
            loop.call_soon_threadsafe(on_signal)
            previous_handlers[signal.Signals(number)](number, frame)

    handled_signals = [number for number in _SIGNALS if callable(previous_handlers[number])]
    for number in handled_signals:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number in handled_signals:
            if signal.getsignal(number) is handle:
                signal.signal(number, previous_handlers[number])
