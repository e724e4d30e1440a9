"""A process stopped while it holds SQLite's write lock is killed and replaced.

Until then no other process can write. Afterwards every acknowledged write is stored.
"""

import fcntl
import http.client
import os
import signal
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.harness.commands import Server, running_server, wait_until

pytestmark = pytest.mark.system

ACCOUNT = {"email": "owner@example.com", "password": "correct horse battery staple"}
TASKS = "/api/v1/tasks"
CLIENTS = 8
# A struct flock of Linux on 64 bits, and the byte of the write lock (sqlite.org/walformat).
FLOCK = "hhqqi"
WRITE_LOCK = 120


def find_lock_holder(database: Path) -> int:
    """Return the id of the process that holds the write lock, or 0."""
    with Path(f"{database}-shm").open("r+b") as index:
        asked = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, WRITE_LOCK, 1, 0)
        kind, _, _, _, pid = struct.unpack(FLOCK, fcntl.fcntl(index, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else int(pid)


class Writers:
    """Clients that create tasks continuously, each on a new connection."""

    def __init__(self, server: Server, token: str) -> None:
        self.acknowledged: set[str] = set()
        self.statuses: set[int] = set()
        self._server = server
        self._token = token
        self._is_over = threading.Event()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write during the block."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            writers = [pool.submit(self._write) for _ in range(CLIENTS)]
            try:
                yield
            finally:
                self._is_over.set()
        for writer in writers:
            writer.result()

    def _write(self) -> None:
        while not self._is_over.is_set():
            try:
                status, task = self._server.request("POST", TASKS, {"title": "A"}, self._token)
            except (OSError, http.client.HTTPException):
                # The connection belonged to the killed process.
                continue
            self.statuses.add(status)
            if status == 201:
                self.acknowledged.add(task["id"])


def stop_with_lock(database: Path, workers: list[int]) -> int:
    """Stop a process while it holds the write lock. Return its id."""

    def try_to_stop() -> int | None:
        holder = find_lock_holder(database)
        if holder not in workers:
            return None
        os.kill(holder, signal.SIGSTOP)
        # A signal takes effect a little later.
        wait_until(lambda: "T (stopped)" in Path(f"/proc/{holder}/status").read_text(), "the stop")
        if find_lock_holder(database) == holder:
            return holder
        os.kill(holder, signal.SIGCONT)
        return None

    return int(wait_until(try_to_stop, "a process that is stopped with the write lock"))


def list_ids(server: Server, token: str) -> set[str]:
    found: set[str] = set()
    cursor: Any = ""
    while cursor is not None:
        path = f"{TASKS}?limit=200&fields=id" + (f"&cursor={cursor}" if cursor else "")
        _, page = server.request("GET", path, token=token)
        found |= {task["id"] for task in page["items"]}
        cursor = page["next_cursor"]
    return found


def test_stopped_process_with_the_write_lock_is_replaced(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    options = ("--database-url", f"sqlite:///{database}", "--workers", "2")
    with running_server(tmp_path / "server", *options, TASKSTEAD_RATE_LIMITS="false") as server:
        workers = [int(pid) for pid in server.await_text(r"Worker (\d+) is serving", times=2)]
        status, tokens = server.request("POST", "/auth/register", ACCOUNT)
        assert status == 201, tokens
        token = tokens["access_token"]
        writers = Writers(server, token)
        with writers.writing():
            stopped = stop_with_lock(database, workers)
            (new,) = server.await_text(rf"Worker {stopped} has exited; worker (\d+) replaces it")
            server.await_text(rf"Worker {new} is serving")
            before = len(writers.acknowledged)
            wait_until(lambda: len(writers.acknowledged) > before + CLIENTS, "further writes")
        assert find_lock_holder(database) != stopped
        assert writers.statuses <= {201, 503}
        assert writers.acknowledged <= list_ids(server, token)
