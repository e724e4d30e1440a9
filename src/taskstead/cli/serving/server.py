"""Serving in this process with uvicorn, with a graceful shutdown.

After Ctrl-C or SIGTERM, the requests in progress finish within a time limit, and the process exits
with 0. After SIGTERM, the server first continues to serve for the drain period
(``http/shutdown.py``). A second Ctrl-C exits immediately. No committed data is lost.
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
from taskstead.cli.serving.protocol import BoundedConfig
from taskstead.cli.serving.sockets import (
    ACCEPT_CHECK_SECONDS,
    ACCEPT_CHECKS,
    BACKLOG,
    MAX_ACCEPT_SECONDS,
    has_pending_connections,
    reject_new_connections,
)
from taskstead.config.settings import Settings
from taskstead.observability.logging import build_logging

GRACE_SECONDS = 10
# Bounds of the time that idle connections stay open during shutdown. Requests in transit can still
# arrive. A load balancer can detect, with its next connection, that the server no longer listens.
MAX_LINGER_SECONDS = 3.0
MIN_LINGER_SECONDS = 0.5
STOPPING = "Finishing the requests in progress. Press Ctrl-C again to stop immediately."


class _Server(uvicorn.Server):
    """Uvicorn's server with exit code 0 after a signal and an immediate second Ctrl-C."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the server, then enable the garbage collector, which ``serve`` has disabled."""
        from taskstead.app import tune_garbage_collector  # noqa: PLC0415 - as in serve_here

        await super().startup(sockets)
        tune_garbage_collector()
        gc.enable()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept the pending connections and let the requests in progress finish."""
        typer.echo(STOPPING, err=True)
        await self._accept_pending(sockets or [])
        await super().shutdown(sockets)

    async def _accept_pending(self, sockets: list[socket.socket]) -> None:
        reject_new_connections(sockets)
        deadline = time.monotonic() + MAX_ACCEPT_SECONDS
        idle_checks = 0
        while idle_checks < ACCEPT_CHECKS and time.monotonic() < deadline and not self.force_exit:
            idle_checks = 0 if has_pending_connections(sockets) else idle_checks + 1
            if idle_checks < ACCEPT_CHECKS:
                await asyncio.sleep(ACCEPT_CHECK_SECONDS)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Handle SIGINT and SIGTERM during the block.

        Unlike uvicorn's method, it does not raise the signals again when the block ends.
        """
        numbers = (signal.SIGINT, signal.SIGTERM)
        previous = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the shutdown; exit immediately after a second Ctrl-C."""
        if self.should_exit and sig == signal.SIGINT:
            os._exit(INTERRUPTED_EXIT_CODE)
        super().handle_exit(sig, frame)


def build_config(application: Any, settings: Settings, **options: Any) -> uvicorn.Config:
    """Return uvicorn's configuration for this process or for worker processes."""
    return BoundedConfig(
        application,
        client_seconds=settings.slow_client_seconds,
        linger_seconds=min(max(settings.drain_seconds, MIN_LINGER_SECONDS), MAX_LINGER_SECONDS),
        host=settings.host,
        port=settings.port,
        backlog=BACKLOG,
        loop="taskstead.cli.serving.loops:make_loop",
        ws="none",
        lifespan="on",
        log_config=build_logging(settings),
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application itself handles trusted proxies
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **{"workers": 1, **options},
    )


def serve_here(settings: Settings, sockets: list[socket.socket]) -> None:
    """Serve in this process until SIGINT or SIGTERM."""
    from taskstead.app import create_app  # noqa: PLC0415 - the supervisor of workers needs no app

    _Server(build_config(create_app(settings), settings)).run(sockets)
