"""Serving in several worker processes that share the sockets, with this process as supervisor.

The supervisor receives Ctrl-C and SIGTERM, stops the workers and waits for them within a time
limit. A second Ctrl-C kills them. Workers stop if the supervisor no longer exists.
"""

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path

import typer
from uvicorn.config import Config
from uvicorn.supervisors.multiprocess import Multiprocess

from taskstead.cli.console import INTERRUPTED_EXIT_CODE, CommandFailedError
from taskstead.cli.server import GRACE_SECONDS, STOPPING, build_config
from taskstead.cli.sockets import (
    ACCEPT_CHECK_SECONDS,
    MAX_ACCEPT_SECONDS,
    close_sockets,
    has_pending_connections,
    reject_new_connections,
)
from taskstead.settings import PREFIX, Settings

_APPLICATION = "taskstead.app:create_app_from_environment"
# Time limit for a worker to start and respond, on a busy machine.
_HEALTH_SECONDS = 30
# Time limit for a started worker to respond, which takes milliseconds. A suspended worker may hold
# the write lock of the SQLite file, so it is replaced soon.
_SERVING_SECONDS = 5
# A worker exits after the drain and grace periods. After this longer time it is killed.
_STOP_SECONDS = GRACE_SECONDS + 5

_log = logging.getLogger(__name__)


class _Supervisor(Multiprocess):
    """Uvicorn's supervisor with logging of workers and a time limit for the shutdown."""

    has_failed = False
    was_forced = False

    def __init__(
        self, config: Config, sockets: list[socket.socket], *, drain_seconds: float
    ) -> None:
        super().__init__(config, sockets)
        self._drain_seconds = drain_seconds
        self._stop_seconds = drain_seconds + _STOP_SECONDS
        self._ready: set[int | None] = set()

    def init_processes(self) -> None:
        """Start the workers."""
        with _interrupts_blocked():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have exited or hang; give up if one exits before it serves."""
        for process in self.processes:
            if process.pid in self._ready:
                continue
            if not process.process.is_alive():
                self.has_failed = True
                self.should_exit.set()
                return
            if process.is_ready(timeout=1):
                self._ready.add(process.pid)
                _log.info("Worker %s is serving.", process.pid)
        before = [process.pid for process in self.processes]
        are_serving = self._ready.issuperset(before)
        self.config.timeout_worker_healthcheck = (
            _SERVING_SECONDS if are_serving else _HEALTH_SECONDS
        )
        with _interrupts_blocked():
            super().keep_subprocess_alive()
        for old, process in zip(before, self.processes, strict=True):
            if process.pid != old:
                _log.warning("Worker %s has exited; worker %s replaces it.", old, process.pid)

    def terminate_all(self) -> None:
        """Stop listening, and make the workers finish the requests in progress.

        With a drain period, the workers keep listening on their own copies of the sockets. Without
        one, they first accept the connections in the listen queue.
        """
        typer.echo(STOPPING, err=True)
        if not self._drain_seconds:
            self._wait_until_accepted()
        close_sockets(self.sockets)
        super().terminate_all()

    def _wait_until_accepted(self) -> None:
        reject_new_connections(self.sockets)
        deadline = time.monotonic() + MAX_ACCEPT_SECONDS
        while has_pending_connections(self.sockets) and time.monotonic() < deadline:
            time.sleep(ACCEPT_CHECK_SECONDS)

    def join_all(self) -> None:
        """Wait for the workers to exit; kill them after the time limit."""
        self.signal_queue.clear()
        deadline = time.monotonic() + self._stop_seconds
        for process in self.processes:
            while process.process.is_alive():
                self.was_forced = self.was_forced or signal.SIGINT in self.signal_queue
                if self.was_forced or time.monotonic() > deadline:
                    process.kill()
                process.process.join(0.1)


def serve_in_workers(settings: Settings, sockets: list[socket.socket]) -> None:
    """Serve in ``settings.workers`` processes until a signal.

    Raises:
        CommandFailedError: a worker could not start, or Ctrl-C was pressed twice.
    """
    # A short path, because the path of a Unix socket has at most about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="taskstead-") as folder:
        settings = settings.model_copy(update={"processes_dir": Path(folder)})
        _export_settings(settings)
        supervisor = _Supervisor(
            _build_config(settings), sockets, drain_seconds=settings.drain_seconds
        )
        supervisor.run()
    if supervisor.has_failed:
        raise CommandFailedError("A worker could not start. Its error is printed above.")
    if supervisor.was_forced:
        raise CommandFailedError("Stopped immediately.", exit_code=INTERRUPTED_EXIT_CODE)


def _build_config(settings: Settings) -> Config:
    return build_config(
        _APPLICATION,
        settings,
        factory=True,
        workers=settings.workers,
        timeout_worker_healthcheck=_HEALTH_SECONDS,
        callback_notify=stop_without_parent,
        timeout_notify=0,
    )


async def stop_without_parent() -> None:
    """Stop this worker if its supervisor no longer exists; called once a second.

    Otherwise the workers of a killed supervisor would continue to use the port.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        signal.raise_signal(signal.SIGTERM)


def _export_settings(settings: Settings) -> None:
    """Set the settings in the environment, from which the workers read them."""
    values = {
        PREFIX + name.upper(): str(value)
        for name, value in settings.model_dump(mode="json").items()
        if value is not None
    }
    for name in [name for name in os.environ if name.upper() in values]:
        del os.environ[name]
    os.environ.update(values)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block SIGINT in processes that are started in the block.

    A terminal sends Ctrl-C to all processes, but only the supervisor should handle it. The children
    inherit the blocked signal. In this process it is delayed until the end of the block.
    """
    # Started here, because its start would unblock the signal.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
