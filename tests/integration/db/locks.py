"""Test helpers: processes that hold locks of an SQLite file, and a monitor of the event loop."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

# Holds the write lock of a file until its standard input ends.
LOCK_SCRIPT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
print("locked", flush=True)
sys.stdin.read()
"""

# Holds the locks of a process that rebuilds the WAL index after a crash, and invalidates the index,
# so that a rebuild is due. The byte offsets are those of sqlite.org/walformat.
REBUILD_SCRIPT = """
import fcntl, sys
with open(sys.argv[1] + "-shm", "r+b") as index:
    fcntl.lockf(index, fcntl.LOCK_EX, 8, 120)
    index.write(bytes(96))
    index.flush()
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextmanager
def locking(
    path: Path, *statements: str, program: str = LOCK_SCRIPT
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that holds a lock during the block, or until it is killed."""
    command = [sys.executable, "-c", program, str(path), *(statements or ["BEGIN IMMEDIATE"])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as locker:
        assert locker.stdin is not None
        assert locker.stdout is not None
        assert locker.stdout.readline() == b"locked\n"
        try:
            yield locker
        finally:
            locker.stdin.close()


@asynccontextmanager
async def ticking(seconds: float = 0.01) -> AsyncIterator[list[float]]:
    """Record the loop's time repeatedly. A gap shows that the loop was blocked."""
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            ticks.append(asyncio.get_running_loop().time())
            await asyncio.sleep(seconds)

    ticker = asyncio.create_task(tick())
    try:
        yield ticks
    finally:
        ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticker


async def wait_for_ticks(ticks: list[float], count: int) -> None:
    """Wait until the loop has iterated the given number of times."""
    while len(ticks) < count:  # noqa: ASYNC110 - no event to wait for
        await asyncio.sleep(0.01)
