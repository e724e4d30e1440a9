"""Multiprocess metrics: each process of a server can return the metrics of all its processes.

The processes share a port, so an arbitrary one of them answers a scrape. They also share a folder.
Each process has a number, which it reserves with a lock file in the folder. The kernel releases the
lock when the process exits. The process serves its metrics on a Unix socket in the same folder. A
process that replaces one that exited gets its number. Prometheus then sees a counter reset, which
it handles.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec

from taskstead.observability.metrics import Sample

# Timeout for another process to respond: half of Prometheus's default scrape timeout.
_RESPONSE_SECONDS = 5.0
_MAX_PROCESSES = 1000

logger = logging.getLogger("taskstead.observability")


class PoolStats(msgspec.Struct, frozen=True):
    """Current state of a connection pool, and statistics since the process started.

    Attributes:
        engine: the database engine, ``sqlite`` or ``postgresql``.
        size: maximum number of connections.
        in_use: number of connections in use.
        waiting: number of callers that wait for a connection.
        waits: number of completed waits for a connection.
        wait_seconds: total duration of the waits.
        longest_wait_seconds: duration of the longest wait.
    """

    engine: str
    size: int
    in_use: int
    waiting: int
    waits: int
    wait_seconds: float
    longest_wait_seconds: float


class Report(msgspec.Struct, frozen=True):
    """Metrics of one process.

    Attributes:
        process: the number of the process as text; empty if it is the server's only process.
        pid: the process id of the operating system.
        pool: the state of its connection pool.
        samples: the values of its metrics.
    """

    process: str
    pid: int
    pool: PoolStats
    samples: list[Sample]


class Siblings:
    """Client of the other processes of this server, and registration of this process.

    Attributes:
        process: the number of this process as text; empty if it is the server's only process.
    """

    def __init__(self) -> None:
        self.process = ""
        self._folder: Path | None = None

    async def fetch_reports(self) -> list[Report]:
        """Return the reports of the other processes that respond in time."""
        if self._folder is None:
            return []
        paths = [path for path in self._folder.glob("*.sock") if path.stem != self.process]
        found = await asyncio.gather(*(_fetch_report(path) for path in sorted(paths)))
        return [report for report in found if report is not None]

    @asynccontextmanager
    async def join(self, folder: Path | None, report: Callable[[], Report]) -> AsyncGenerator[None]:
        """Register this process in the folder, and serve its report until the block ends.

        Args:
            folder: a folder that only the processes of this server use; None for a single process.
            report: returns the report of this process.
        """

        async def send_report(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(msgspec.json.encode(report()))
            with contextlib.suppress(OSError):
                await writer.drain()
            writer.close()

        if folder is None:
            yield
            return
        with _reserved_number(folder) as number:
            path = folder / f"{number}.sock"
            path.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(send_report, path)
            self.process, self._folder = str(number), folder
            try:
                yield
            finally:
                server.close()
                path.unlink(missing_ok=True)


@contextmanager
def _reserved_number(folder: Path) -> Iterator[int]:
    """Reserve the lowest number that no running process has, for the duration of the block."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(_MAX_PROCESSES):
        descriptor = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            continue
        try:
            yield number
        finally:
            os.close(descriptor)
        return
    raise RuntimeError(f"{folder} already has the maximum of {_MAX_PROCESSES} processes.")


async def _fetch_report(path: Path) -> Report | None:
    try:
        async with asyncio.timeout(_RESPONSE_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                return msgspec.json.decode(await reader.read(), type=Report)
            finally:
                writer.close()
    except (OSError, TimeoutError, msgspec.DecodeError) as error:
        # A killed process leaves a socket without a listener. This is expected, so it is not
        # logged.
        if not isinstance(error, (ConnectionRefusedError, FileNotFoundError)):
            logger.warning("Process %s did not report its metrics: %r", path.stem, error)
        return None
