"""SQLite file deleted, replaced or damaged while in use, and its permissions."""

import asyncio
import logging
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest
from sqlalchemy import select

from taskstead.db.database import Database
from taskstead.db.migrate import ensure_migrated
from taskstead.db.sqlite.file import get_marker_path
from taskstead.errors import (
    DatabaseDamagedError,
    DatabaseReplacedError,
    DatabaseUnavailableError,
)
from tests.harness.untyped import untyped
from tests.integration.db.batches import list_types
from tests.integration.db.things import (
    INSERT_NAMED,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
    parts,
    run_outside,
    things,
)

pytestmark = pytest.mark.engines("sqlite")

LOGGER = "taskstead.database"
GET_ALL = select(things)
LIST_PARTS = select(parts.c.id)


def make_empty_database() -> bytes:
    """Return an SQLite file without tables: one page."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("PRAGMA user_version = 1")
        return connection.serialize()
    finally:
        connection.close()


async def open_and_close(url: str) -> None:
    async with opened(url):
        pass


@pytest.fixture
def path(url: str) -> Path:
    """The path of the database file."""
    return Path(url.removeprefix("sqlite:///"))


def name_beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def delete(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        name_beside(path, suffix).unlink()


def delete_database_alone(path: Path) -> None:
    path.unlink()


def delete_log(path: Path) -> None:
    name_beside(path, "-wal").unlink()


def delete_shared_memory(path: Path) -> None:
    name_beside(path, "-shm").unlink()


def replace(path: Path) -> None:
    copy = name_beside(path, ".copy")
    shutil.copy(path, copy)
    copy.replace(path)


def move_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name(path.parent.name + "-moved"))


def move_away(path: Path) -> None:
    path.rename(name_beside(path, ".moved"))


def move_back(path: Path) -> None:
    name_beside(path, ".moved").rename(path)


def list_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


LOSSES = [
    delete,
    delete_database_alone,
    delete_log,
    delete_shared_memory,
    replace,
    move_folder,
]


@pytest.mark.parametrize("lose", LOSSES)
async def test_lost_file_rejects_writes(
    url: str, path: Path, lose: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    async with opened(url) as database:
        await add_thing(database, "before")
        lose(path)
        for _ in range(3):
            with pytest.raises(DatabaseReplacedError):
                await add_thing(database, "after")
            with pytest.raises(DatabaseReplacedError):
                await database.check()
        # The content of the open file can still be read and exported.
        assert await list_names(database) == ["before"]
    (error,) = list_errors(caplog)
    assert error.startswith(f"Writes are rejected: {path}")


async def test_restored_file_is_used_again(
    url: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    async with opened(url) as database:
        move_away(path)
        with pytest.raises(DatabaseReplacedError):
            await add_thing(database, "away")
        move_back(path)
        await add_thing(database, "back")
    async with opened(url) as database:
        assert await list_names(database) == ["back"]
    assert len(list_errors(caplog)) == 1
    assert f"Writes are accepted again: {path} is back." in caplog.messages


@pytest.mark.parametrize("lose", LOSSES)
async def test_commit_to_a_lost_file_is_not_acknowledged(
    url: str, path: Path, lose: Callable[[Path], None]
) -> None:
    async with opened(url) as database:

        async def write_and_lose() -> None:
            async with database.transaction() as transaction:
                await transaction.execute(INSERT_NAMED, make_thing("first"))
                lose(path)

        # The others join the batch that the first one has opened.
        writes = (write_and_lose(), add_thing(database, "second"), add_thing(database, "third"))
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert list_types([*results]) == [DatabaseReplacedError] * 3
        assert len({id(result) for result in results}) == 3


async def overwrite_pages(path: Path, first: int, count: int) -> None:
    """Overwrite pages of the database file after a checkpoint of the WAL."""
    await run_outside(f"sqlite:///{path}", "PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(first * 4096)
        file.write(b"\xa5" * (count * 4096))


async def fill(database: Database, count: int) -> None:
    async with database.transaction() as transaction:
        rows = [make_thing(f"{n:04} {'x' * 100}") for n in range(count)]
        await transaction.execute_many(INSERT_NAMED, rows)


async def test_damage_raises_its_own_error(
    url: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(url) as database:
        await fill(database, 2000)
    await overwrite_pages(path, 5, 40)
    caplog.set_level(logging.INFO, LOGGER)
    async with opened(url) as database:
        # No statement has read the damaged pages yet.
        await database.check()
        with pytest.raises(DatabaseDamagedError):
            await list_names(database)
        # Once detected, the damage is reported for every statement.
        for _ in range(3):
            with pytest.raises(DatabaseDamagedError):
                await database.check()
            with pytest.raises(DatabaseDamagedError):
                await add_thing(database, "new")
    (error,) = list_errors(caplog)
    assert error.endswith(f"{path} is damaged (database disk image is malformed).")


async def test_damage_detected_by_a_write(url: str, path: Path) -> None:
    async with opened(url) as database:
        await fill(database, 2000)
    await overwrite_pages(path, 5, 40)
    async with opened(url) as database:
        with pytest.raises(DatabaseDamagedError):
            await fill(database, 2000)
        with pytest.raises(DatabaseDamagedError):
            await database.check()


async def test_impossible_value_is_damage(database: Database, url: str) -> None:
    await add_thing(database, "a")
    for sql in (
        "UPDATE things SET name = CAST(x'ff41' AS TEXT)",
        "UPDATE things SET name = 'a', at = 'no instant'",
        "UPDATE things SET at = NULL, data = '{'",
    ):
        await run_outside(url, sql)
        async with opened(url) as again:
            with pytest.raises(DatabaseDamagedError) as caught:
                await again.fetch_all(untyped(GET_ALL), {})
            assert "instant" not in caught.value.detail
            assert "\\xff" not in caught.value.detail


async def test_file_overwritten_with_another_database(url: str) -> None:
    async with opened(url) as database:
        await add_thing(database, "a")
        await run_outside(url, "PRAGMA wal_checkpoint(TRUNCATE)", "DROP TABLE parts")
        await count_things(database)
        with pytest.raises(DatabaseDamagedError, match="parts"):
            await database.fetch_all(untyped(LIST_PARTS), {})
        with pytest.raises(DatabaseDamagedError):
            await add_thing(database, "b")


async def test_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("This is a letter. " * 500)
    with pytest.raises(DatabaseDamagedError, match="not a database"):
        await open_and_close(f"sqlite:///{file}")
    assert "letter" in file.read_text()


def get_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_new_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        file = tmp_path / "new.db"
        await ensure_migrated(f"sqlite:///{file}")
        async with opened(f"sqlite:///{file}") as database:
            await database.check()
            names = ("", "-wal", "-shm")
            assert [get_mode(name_beside(file, name)) for name in names] == [0o600] * 3
            assert get_mode(get_marker_path(str(file))) == 0o600
    finally:
        os.umask(before)


async def test_empty_database_does_not_replace_a_lost_one(tmp_path: Path) -> None:
    file = tmp_path / "taskstead.db"
    url = f"sqlite:///{file}"
    await ensure_migrated(url)
    await open_and_close(url)
    marker = get_marker_path(str(file))
    assert marker.exists()
    # `rm taskstead.db*` does not delete the marker.
    assert not fnmatch(marker.name, "taskstead.db*")
    file.unlink()
    for make in (lambda: None, file.touch, lambda: file.write_bytes(make_empty_database())):
        make()
        for use in (ensure_migrated(url), open_and_close(url)):
            with pytest.raises(
                DatabaseUnavailableError, match="there has been a database"
            ) as caught:
                await use
            assert str(marker) in caught.value.detail
        file.unlink(missing_ok=True)
    marker.unlink()
    assert await ensure_migrated(url)
