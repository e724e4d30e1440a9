"""SQLite engine with locks of other processes, and with a full disk."""

import asyncio
import contextlib
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from taskstead.db.database import Database
from taskstead.db.sqlite.database import SqliteDatabase
from taskstead.errors import DatabaseBusyError, DatabaseFullError, DatabaseUnavailableError
from taskstead.ids import make_id
from tests.harness.untyped import Row, untyped
from tests.integration.db.batches import gather_batch, list_types, writers_blocked
from tests.integration.db.locks import REBUILD_SCRIPT, locking, ticking, wait_for_ticks
from tests.integration.db.things import (
    DELETE,
    INSERT,
    INSERT_NAMED,
    LIST_NAMES,
    add_thing,
    count_things,
    create_things,
    list_names,
    make_thing,
    opened,
    things,
    write,
)

pytestmark = pytest.mark.engines("sqlite")

# Opens new files in sequence, each at the same time as other processes.
OPEN_SCRIPT = """
import sys, time
from taskstead.db.sqlite.connection import connect_sqlite
print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(100):
    while time.time() < start + number / 50:
        pass
    connect_sqlite(f"{sys.argv[1]}/{number}.db").close()
"""


@pytest.fixture
def path(url: str) -> Path:
    """The path of the database file."""
    return Path(url.removeprefix("sqlite:///"))


async def test_lock_of_another_writer_times_out(url: str, path: Path) -> None:
    async with opened(url, wait=0.5) as database:
        await add_thing(database, "before")
        with locking(path):
            tasks = (add_thing(database, str(number)) for number in range(3))
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert list_types(results) == [DatabaseBusyError] * 3
            # Readers are not affected.
            assert await list_names(database) == ["before"]
        await add_thing(database, "after")
        assert await list_names(database) == ["after", "before"]


async def test_waiting_for_another_writer_does_not_block_the_loop(url: str, path: Path) -> None:
    async with opened(url, wait=30) as database:
        with locking(path, "BEGIN IMMEDIATE", "DELETE FROM things") as locker:
            tasks = [asyncio.create_task(add_thing(database, str(n))) for n in range(20)]
            async with ticking() as ticks:
                await wait_for_ticks(ticks, 11)
            assert not any(task.done() for task in tasks)
            locker.kill()
        await asyncio.gather(*tasks)
        assert await count_things(database) == 20


async def test_cancelled_while_waiting_for_another_process(url: str, path: Path) -> None:
    async with opened(url, wait=30) as database:
        with locking(path):
            tasks = [asyncio.create_task(add_thing(database, str(n))) for n in range(4)]
            await asyncio.sleep(0.05)
            # The first task is the one that tries to get the lock.
            for task in tasks[:2]:
                task.cancel()
            await asyncio.wait(tasks[:2])
        await asyncio.gather(*tasks[2:])
        assert await list_names(database) == ["2", "3"]


def test_new_file_is_opened_by_many_processes_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_SCRIPT, str(tmp_path)]
    with contextlib.ExitStack() as stack:
        openers = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(4)
        ]
        for opener in openers:
            assert opener.stdout is not None
            assert opener.stdout.readline() == "ready\n"
        start = time.time() + 0.1
        for opener in openers:
            assert opener.stdin is not None
            opener.stdin.write(f"{start}\n")
            opener.stdin.close()
        for opener in openers:
            assert opener.stderr is not None
            assert opener.stderr.read() == ""


async def test_readers_wait_for_a_rebuild_of_the_wal_index(url: str, path: Path) -> None:
    async with opened(url, wait=30) as database:
        await add_thing(database, "a")
        with locking(path, program=REBUILD_SCRIPT) as mender:
            tasks = [asyncio.create_task(list_names(database)) for _ in range(3)]
            tasks.append(asyncio.create_task(read_one(database)))
            await asyncio.sleep(0.1)
            assert not any(task.done() for task in tasks)
            mender.kill()
        assert await asyncio.gather(*tasks) == [["a"]] * 4
        await add_thing(database, "b")
        assert await list_names(database) == ["a", "b"]


async def test_readers_wait_for_a_bounded_time(url: str, path: Path) -> None:
    async with opened(url, wait=0.1) as database:
        await add_thing(database, "a")
        with locking(path, program=REBUILD_SCRIPT):
            with pytest.raises(DatabaseBusyError):
                await list_names(database)
            with pytest.raises(DatabaseBusyError):
                await database.check()
        assert await list_names(database) == ["a"]


async def read_one(database: Database) -> list[str]:
    row = await database.fetch_one(untyped(LIST_NAMES), {})
    return [] if row is None else [row["name"]]


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Limit the size in bytes of any file that this process writes during the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount a file system of the given size in bytes.

    Skip the test if mounting is not permitted.
    """
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)  # noqa: S607


def make_big_thing(name: str, size: int) -> Row:
    return {**dict.fromkeys(things.c.keys()), "id": make_id(), "name": name, "text": "x" * size}


async def check_full(database: Database, kind: type[DatabaseUnavailableError]) -> None:
    """Check that writes fail with the given error while a hundred kilobytes do not fit."""
    small = (INSERT_NAMED, make_thing("small"))
    big = (INSERT, make_big_thing("big", 100_000))
    results = await gather_batch(database, small, big, (INSERT_NAMED, make_thing("after")))
    assert list_types(results) == [kind] * 3
    assert await list_names(database) == ["before"]
    with pytest.raises(kind):
        await write(database, big)
    assert await list_names(database) == ["before"]
    await database.check()


async def check_room(database: Database, path: Path) -> None:
    """Check that writing works and that no data was lost."""
    big = (INSERT, make_big_thing("big", 100_000))
    assert await gather_batch(database, big, (INSERT_NAMED, make_thing("small"))) == [None] * 2
    assert await list_names(database) == ["before", "big", "small"]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (3,)


async def test_write_error(database: Database, path: Path) -> None:
    await add_thing(database, "before")
    for _ in range(2):
        with file_size_limit(path.with_name(path.name + "-wal").stat().st_size + 20_000):
            await check_full(database, DatabaseUnavailableError)
    await check_room(database, path)


async def test_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1_000_000) as disk:
        url = f"sqlite:///{disk / 'things.db'}"
        await create_things(url)
        async with opened(url) as database:
            await add_thing(database, "before")
            ballast = disk / "ballast"
            for _ in range(2):
                with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(10_000))
                await check_full(database, DatabaseFullError)
                ballast.unlink()
            await check_room(database, disk / "things.db")


async def test_disk_full_within_a_transaction(database: Database, path: Path) -> None:
    # This exceeds the page cache, so SQLite writes to the WAL before the COMMIT. It then cannot
    # roll back only the one transaction.
    async def write_much() -> None:
        async with database.transaction() as transaction:
            for number in range(8):
                await transaction.execute(INSERT, make_big_thing(f"much {number}", 10_000_000))

    await add_thing(database, "before")
    with file_size_limit(1_000_000):
        async with writers_blocked(database):
            tasks = [
                asyncio.create_task(add_thing(database, "first")),
                asyncio.create_task(write_much()),
                asyncio.create_task(add_thing(database, "second")),
            ]
            await asyncio.sleep(0.01)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        # The third transaction begins a new batch.
        unavailable = DatabaseUnavailableError
        assert list_types(results) == [unavailable, unavailable, type(None)]
        assert await list_names(database) == ["before", "second"]
    async with database.transaction() as transaction:
        await transaction.execute(DELETE, {"called": "second"})
    await check_room(database, path)


async def test_persistent_lock_is_reported_soon_after_the_first_wait(url: str, path: Path) -> None:
    async with opened(url, wait=1) as database:
        assert isinstance(database, SqliteDatabase)
        await add_thing(database, "before")
        with locking(path):
            for _ in range(2):
                with pytest.raises(DatabaseBusyError, match="Another process holds the write lock"):
                    await add_thing(database, "refused")
                assert database.lock_wait_seconds < 1
        await add_thing(database, "after")
        assert database.lock_wait_seconds == 1
        assert await list_names(database) == ["after", "before"]


async def test_lock_is_named_in_errors_of_queued_writers(url: str, path: Path) -> None:
    """Most writers time out in the queue behind the one that waits for the lock."""
    async with opened(url, wait=0.2) as database:
        with locking(path):
            writes = [add_thing(database, f"refused {number}") for number in range(5)]
            errors = await asyncio.gather(*writes, return_exceptions=True)
        assert list_types(errors) == [DatabaseBusyError] * 5
        assert all("holds the write lock" in str(error) for error in errors), errors
        # Once the lock is free, a timeout in the queue has another reason.
        async with writers_blocked(database):
            with pytest.raises(DatabaseBusyError, match="The database is busy"):
                await add_thing(database, "refused")
