"""Processes that share a port find each other, so that any of them can speak for all.

Each has a number, which it keeps by a lock on a file that ends with the process, and tells what it
has counted through a socket in the same folder. A process that takes the place of one that has died
gets its number: to Prometheus that is a counter that has begun anew, which it knows how to handle.
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

from taskstead.telemetry.metrics import Sample

# Half of what Prometheus waits for all of them.
_ANSWER_SECONDS = 5.0
_MOST_PROCESSES = 1000
_LARGEST_ANSWER = 64 << 20

logger = logging.getLogger("taskstead.telemetry")


class PoolStats(msgspec.Struct, frozen=True):
    """How busy the database connections of a process are. Times are seconds, since its start."""

    engine: str
    size: int
    in_use: int
    waiting: int
    waits: int
    wait_seconds: float
    longest_wait_seconds: float


class Report(msgspec.Struct, frozen=True):
    """What a process tells of itself; ``process`` is its number, or empty when it is alone."""

    process: str
    pid: int
    pool: PoolStats
    samples: list[Sample]


class Siblings:
    """The processes of one server, seen from one of them.

    Attributes:
        process: the number of this one, as text; empty while it is alone.
    """

    def __init__(self) -> None:
        self.process = ""
        self._folder: Path | None = None

    async def ask(self) -> list[Report]:
        """Return the reports of the others; without those that do not answer in time."""
        if self._folder is None:
            return []
        paths = [path for path in self._folder.glob("*.sock") if path.stem != self.process]
        found = await asyncio.gather(*(_ask_one(path) for path in sorted(paths)))
        return [report for report in found if report is not None]

    @asynccontextmanager
    async def meeting(
        self, folder: Path | None, report: Callable[[], Report]
    ) -> AsyncGenerator[None]:
        """Be one of those that meet in a folder, as long as the block runs.

        Args:
            folder: theirs alone, and theirs only to read; None to stay alone.
            report: makes what this one tells.
        """

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(msgspec.json.encode(report()))
            with contextlib.suppress(OSError):
                await writer.drain()
            writer.close()

        if folder is None:
            yield
            return
        with _taking_number(folder) as number:
            path = folder / f"{number}.sock"
            path.unlink(missing_ok=True)
            server = await asyncio.start_unix_server(answer, path)
            self.process, self._folder = str(number), folder
            try:
                yield
            finally:
                server.close()
                path.unlink(missing_ok=True)


@contextmanager
def _taking_number(folder: Path) -> Iterator[int]:
    """Take the lowest number that no living process has, until the end of the block."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(_MOST_PROCESSES):
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
    raise RuntimeError(f"There are {_MOST_PROCESSES} processes in {folder} already.")


async def _ask_one(path: Path) -> Report | None:
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path, limit=_LARGEST_ANSWER)
            try:
                return msgspec.json.decode(await reader.read(), type=Report)
            finally:
                writer.close()
    except (OSError, TimeoutError, msgspec.DecodeError) as error:
        # Nobody listens on the socket of one that was killed.
        if not isinstance(error, (ConnectionRefusedError, FileNotFoundError)):
            logger.warning("Process %s does not tell its metrics: %r", path.stem, error)
        return None
