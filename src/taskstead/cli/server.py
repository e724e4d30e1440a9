"""Serving in this process, on sockets that are bound already.

Ctrl-C and SIGTERM let requests under way finish, for a bounded time; then the process ends with 0.
SIGTERM does so after the time to drain, if there is one (``http/stopping.py``).
A second Ctrl-C ends it at once: the database loses nothing by that.
"""

import asyncio
import gc
import os
import signal
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer
import uvicorn

from taskstead.cli.console import INTERRUPTED_EXIT_CODE
from taskstead.cli.protocol import BoundedConfig
from taskstead.cli.sockets import (
    ACCEPT_LOOK_SECONDS,
    ACCEPT_LOOKS,
    BACKLOG,
    LONGEST_ACCEPT_SECONDS,
    has_waiting,
    refuse_more,
)
from taskstead.settings import Settings
from taskstead.telemetry.logs import build_logging

GRACE_SECONDS = 10
# How long idle connections stay open at the end. A balancer finds out with its next connection that
# nobody listens any more; without one, requests that are on their way still arrive.
LONGEST_LINGER_SECONDS = 3.0
SHORTEST_LINGER_SECONDS = 0.5
STOPPING = "Stopping as soon as the requests under way are answered; Ctrl-C again stops at once."


class _Server(uvicorn.Server):
    """Uvicorn's server, ending with 0 after a signal, and at once after a second Ctrl-C."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Get ready; then end the pause of the garbage collector that ``serve`` began."""
        from taskstead.app import tune_garbage_collector  # noqa: PLC0415 - as in serve_here

        await super().startup(sockets)
        tune_garbage_collector()
        gc.enable()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept the connections that wait, and let requests under way finish."""
        typer.echo(STOPPING, err=True)
        await self._accept_waiting(sockets or [])
        await super().shutdown(sockets)

    async def _accept_waiting(self, sockets: list[socket.socket]) -> None:
        refuse_more(sockets)
        deadline = time.monotonic() + LONGEST_ACCEPT_SECONDS
        quiet = 0
        while quiet < ACCEPT_LOOKS and time.monotonic() < deadline and not self.force_exit:
            quiet = 0 if has_waiting(sockets) else quiet + 1
            if quiet < ACCEPT_LOOKS:
                await asyncio.sleep(ACCEPT_LOOK_SECONDS)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take signals for the length of the block, and do not raise them again behind it."""
        taken = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in taken}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; or stop, if the user asks again."""
        if self.should_exit and sig == signal.SIGINT:
            os._exit(INTERRUPTED_EXIT_CODE)
        super().handle_exit(sig, frame)


def build_config(application: Any, settings: Settings, **options: Any) -> uvicorn.Config:
    """Return how uvicorn is to serve, in this process or in others."""
    return BoundedConfig(
        application,
        client_seconds=settings.slow_client_seconds,
        linger_seconds=min(
            max(settings.drain_seconds, SHORTEST_LINGER_SECONDS), LONGEST_LINGER_SECONDS
        ),
        host=settings.host,
        port=settings.port,
        backlog=BACKLOG,
        loop="taskstead.cli.loops:make_loop",
        ws="none",
        lifespan="on",
        log_config=build_logging(settings),
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application itself knows whom to trust
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **{"workers": 1, **options},
    )


def serve_here(settings: Settings, sockets: list[socket.socket]) -> None:
    """Serve in this process until a signal."""
    from taskstead.app import create_app  # noqa: PLC0415 - who watches over workers needs no app

    _Server(build_config(create_app(settings), settings)).run(sockets)
