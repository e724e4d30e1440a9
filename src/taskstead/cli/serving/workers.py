"""Serving in several worker processes that share the listening sockets.

This process is the supervisor. After Ctrl-C or SIGTERM, it stops the workers and waits for them
within a time limit. A second Ctrl-C kills the workers. Workers also stop if the supervisor no
longer exists.
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
from taskstead.cli.serving.server import GRACE_SECONDS, STOPPING, build_config
from taskstead.cli.serving.sockets import (
    ACCEPT_CHECK_SECONDS,
    MAX_ACCEPT_SECONDS,
    close_sockets,
    has_pending_connections,
    reject_new_connections,
)
from taskstead.config.settings import PREFIX, Settings

_APPLICATION = "taskstead.app:create_app_from_environment"
# Time limit for a worker to start and respond. It is long because the machine may be busy.
_HEALTH_SECONDS = 30
# Time limit for a started worker to respond, which normally takes milliseconds. It is short because
# a suspended worker may hold the write lock of the SQLite file.
_SERVING_SECONDS = 5
# A worker should exit within the drain and grace periods. If it is still running this long after
# the drain period, it is killed.
_STOP_SECONDS = GRACE_SECONDS + 5

logger = logging.getLogger("taskstead.server")


class _Supervisor(Multiprocess):
    """Uvicorn's supervisor with log messages about workers and a time limit for the shutdown.

    Attributes:
        has_failed: whether a worker exited before it served.
        was_forced: whether a second Ctrl-C killed the workers.
    """

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
        """Replace workers that have exited or do not respond.

        If a worker exits before it serves, stop all workers.
        """
        for process in self.processes:
            if process.pid in self._ready:
                continue
            if not process.process.is_alive():
                self.has_failed = True
                self.should_exit.set()
                return
            if process.is_ready(timeout=1):
                self._ready.add(process.pid)
                logger.info("Worker %s is serving.", process.pid)
        previous_pids = [process.pid for process in self.processes]
        are_serving = self._ready.issuperset(previous_pids)
        self.config.timeout_worker_healthcheck = (
            _SERVING_SECONDS if are_serving else _HEALTH_SECONDS
        )
        with _interrupts_blocked():
            super().keep_subprocess_alive()
        for pid, process in zip(previous_pids, self.processes, strict=True):
            if process.pid != pid:
                logger.warning("Worker %s has exited; worker %s replaces it.", pid, process.pid)

    def terminate_all(self) -> None:
        """Stop listening and signal the workers to finish the requests in progress.

        With a drain period, the workers keep listening on their own copies of the sockets. Without
        a drain period, they first accept the connections in the listen queue.
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
    """Serve in ``settings.workers`` processes until SIGINT or SIGTERM.

    Raises:
        CommandFailedError: a worker could not start, or Ctrl-C was pressed twice.
    """
    # The folder has a short path, because the path of a Unix socket may have at most about a
    # hundred characters.
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
    """Stop this worker process if its supervisor no longer exists.

    Uvicorn calls this function once a second.

    Otherwise the workers of a killed supervisor would continue to use the port.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        signal.raise_signal(signal.SIGTERM)


def _export_settings(settings: Settings) -> None:
    """Write the settings to environment variables, from which the workers read them."""
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

    A terminal sends SIGINT to all processes, but only the supervisor should handle it. The child
    processes inherit the blocked signal. In this process, SIGINT is delayed until the end of the
    block.
    """
    # Start the resource tracker before the signal is blocked, because its start unblocks SIGINT.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
