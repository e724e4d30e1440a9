"""Hearing early that the server is to stop.

The lifespan's end is too late for that: the server waits with it for the answers under way, and a
stream of events would never be done.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def hearing_of_end(act: Callable[[], None]) -> Generator[None]:
    """Call a function in the event loop when a signal ends the process, as long as the block runs.

    The signal goes on to whoever took it before. Where nobody did, and outside of the main thread,
    there is no server that would end by it, and nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        before[signal.Signals(number)](number, frame)

    taken = [number for number in _SIGNALS if callable(before[number])]
    for number in taken:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in taken:
            if signal.getsignal(number) is handle:
                signal.signal(number, before[number])
