"""Serving in several processes: they share the sockets, and this one watches over them.

Ctrl-C and SIGTERM reach this process, which tells the workers and waits for them, for a bounded
time; a second Ctrl-C kills them. Workers that find this process gone stop by themselves.
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
    ACCEPT_LOOK_SECONDS,
    LONGEST_ACCEPT_SECONDS,
    close_sockets,
    has_waiting,
    refuse_more,
)
from taskstead.settings import PREFIX, Settings

_APPLICATION = "taskstead.app:create_app_from_environment"
# What a worker may need to get going on a busy machine; until then it does not answer.
_HEALTH_SECONDS = 30
# A worker that has served answers within milliseconds. One that is stopped may hold the write lock
# of the SQLite file, so it is replaced soon.
_SERVING_SECONDS = 5
# A worker ends by itself after the times to drain and of grace; this is for one that does not.
_PATIENCE_SECONDS = GRACE_SECONDS + 5

_log = logging.getLogger(__name__)


class _Supervisor(Multiprocess):
    """Uvicorn's supervisor, with one receiver for signals and an end that is told and bounded."""

    has_failed = False
    was_hurried = False

    def __init__(
        self, config: Config, sockets: list[socket.socket], *, drain_seconds: float
    ) -> None:
        super().__init__(config, sockets)
        self._drain_seconds = drain_seconds
        self._patience_seconds = drain_seconds + _PATIENCE_SECONDS
        self._ready: set[int | None] = set()

    def init_processes(self) -> None:
        """Start the workers."""
        with _interrupts_kept_from_children():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have ended or hang; give up when one ended before it served."""
        for process in self.processes:
            if process.pid in self._ready:
                continue
            if not process.process.is_alive():
                self.has_failed = True
                self.should_exit.set()
                return
            if process.is_ready(timeout=1):
                self._ready.add(process.pid)
                _log.info("Worker %s serves.", process.pid)
        before = [process.pid for process in self.processes]
        are_serving = self._ready.issuperset(before)
        self.config.timeout_worker_healthcheck = (
            _SERVING_SECONDS if are_serving else _HEALTH_SECONDS
        )
        with _interrupts_kept_from_children():
            super().keep_subprocess_alive()
        for old, process in zip(before, self.processes, strict=True):
            if process.pid != old:
                _log.warning("Worker %s has ended; worker %s takes its place.", old, process.pid)

    def terminate_all(self) -> None:
        """Stop listening, and have the workers finish what is under way.

        While they drain they do listen, each on its own copy of the sockets. If they do not drain,
        they accept the connections that wait first.
        """
        typer.echo(STOPPING, err=True)
        if not self._drain_seconds:
            self._await_accepted()
        close_sockets(self.sockets)
        super().terminate_all()

    def _await_accepted(self) -> None:
        refuse_more(self.sockets)
        deadline = time.monotonic() + LONGEST_ACCEPT_SECONDS
        while has_waiting(self.sockets) and time.monotonic() < deadline:
            time.sleep(ACCEPT_LOOK_SECONDS)

    def join_all(self) -> None:
        """Wait for the workers, but not for ever."""
        self.signal_queue.clear()
        deadline = time.monotonic() + self._patience_seconds
        for process in self.processes:
            while process.process.is_alive():
                self.was_hurried = self.was_hurried or signal.SIGINT in self.signal_queue
                if self.was_hurried or time.monotonic() > deadline:
                    process.kill()
                process.process.join(0.1)


def serve_in_workers(settings: Settings, sockets: list[socket.socket]) -> None:
    """Serve in as many processes as the settings say, until a signal.

    Raises:
        CommandFailedError: a worker could not start, or Ctrl-C was pressed twice.
    """
    # A short path: that of a socket has a hundred characters at most.
    with tempfile.TemporaryDirectory(prefix="taskstead-") as folder:
        settings = settings.model_copy(update={"processes_dir": Path(folder)})
        _export_settings(settings)
        supervisor = _Supervisor(
            _build_config(settings), sockets, drain_seconds=settings.drain_seconds
        )
        supervisor.run()
    if supervisor.has_failed:
        raise CommandFailedError("A worker could not start; what it said about that stands above.")
    if supervisor.was_hurried:
        raise CommandFailedError("Stopped at once.", exit_code=INTERRUPTED_EXIT_CODE)


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
    """End this worker if the process that watches over it is gone; called once a second.

    Otherwise a supervisor that was killed would leave workers behind that hold the port.
    """
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        signal.raise_signal(signal.SIGTERM)


def _export_settings(settings: Settings) -> None:
    """Put the settings into the environment, where the workers read them."""
    values = {
        PREFIX + name.upper(): str(value)
        for name, value in settings.model_dump(mode="json").items()
        if value is not None
    }
    for name in [name for name in os.environ if name.upper() in values]:
        del os.environ[name]
    os.environ.update(values)


@contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Have processes that are started in the block not see Ctrl-C, which a terminal sends to all.

    They inherit the signal blocked. Here it waits until the end of the block.
    """
    # Its own start would unblock the signal again.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
