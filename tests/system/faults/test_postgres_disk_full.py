"""The disk of PostgreSQL is full for a while, while clients read and write.

The files of the database, a tablespace or the write-ahead log are on a separate small disk.
"""

import asyncio
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from taskstead.db.migrate import ensure_migrated
from tests.harness.client import Client
from tests.harness.servers.postgres import (
    PostgresFailedError,
    PostgresServer,
    find_unprivileged_account,
    make_directory,
    running_postgres,
)
from tests.integration.db.sqlite.test_faults import small_disk
from tests.system.durability.checks import register
from tests.system.durability.servers import ServerProcess
from tests.system.durability.writers import TIMEOUT_SECONDS
from tests.system.faults.load import (
    Tally,
    check_nothing_lost,
    running_load,
    wait_for_rejections,
    wait_for_writes,
)

pytestmark = pytest.mark.system

TIMES = 3
DISK_BYTES = 128 << 20
# More than the free space in the pages of the table.
TEXT = "x" * 20_000


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder on a small disk to which PostgreSQL may write."""
    place = make_directory()
    place.chmod(0o711)
    try:
        with small_disk(place / "disk", DISK_BYTES) as mounted:
            folder = mounted / "postgresql"
            folder.mkdir(mode=0o700)
            change_owner(folder)
            yield folder
    finally:
        shutil.rmtree(place)


@pytest.fixture
def postgres(disk: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL server that syncs commits to disk.

    It stops before the small disk is unmounted.
    """
    del disk
    with running_postgres(durable=True) as server:
        yield server


def change_owner(path: Path) -> None:
    """Make PostgreSQL's account the owner of a folder that root had to create."""
    account = find_unprivileged_account()
    os.chown(path, account.pw_uid, account.pw_gid)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Fill the disk during the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


def move(postgres: PostgresServer, name: str, disk: Path) -> None:
    """Move a part of the data to the small disk, and link to it."""
    postgres.stop()
    before = postgres.data_directory / name
    after = disk / name
    shutil.copytree(before, after)
    for path in (after, *after.rglob("*")):
        change_owner(path)
    shutil.rmtree(before)
    before.symlink_to(after)
    postgres.start()


@pytest.mark.parametrize("place", ["data", "tablespace"])
async def test_full_disk_of_tables_rejects_only_writes(
    postgres: PostgresServer, disk: Path, tmp_path: Path, chance: random.Random, place: str
) -> None:
    if place == "data":
        await asyncio.to_thread(move, postgres, "base", disk)
    url = postgres.create_database("tasks")
    if place == "tablespace":
        postgres.run_sql(f"CREATE TABLESPACE small LOCATION '{disk}'")
        postgres.run_sql("ALTER DATABASE tasks SET TABLESPACE small")
    await ensure_migrated(url)
    server = ServerProcess(url, tmp_path, database_pool_size="4")
    tally = Tally()
    try:
        await asyncio.to_thread(server.start)
        ledgers = [await register(server, name) for name in ("one", "two")]
        async with (
            httpx2.AsyncClient(base_url=server.url, timeout=TIMEOUT_SECONDS) as http,
            running_load(ledgers, [server], tally, chance),
        ):
            client = Client(http, ledgers[0].client.headers)
            for _ in range(TIMES):
                await wait_for_writes(ledgers)
                with filled(disk):
                    await wait_for_rejections(tally)
                    await check_during_fault(client)
            await wait_for_writes(ledgers)
        tally.expect(200, 201, 503)
        assert await check_nothing_lost(url, ledgers) >= 40 * TIMES
    finally:
        server.kill()


async def check_during_fault(client: Client) -> None:
    body = {"title": "x", "description": TEXT}
    refused = await client.post("/api/v1/tasks", body)
    assert (refused.status_code, refused.json()["code"]) == (503, "database_full"), refused.text
    assert (await client.get("/api/v1/tasks")).status_code == 200
    assert (await client.get("/health")).json()["status"] == "ok"


async def test_service_resumes_after_a_full_disk_of_the_wal(
    postgres: PostgresServer, disk: Path, tmp_path: Path, chance: random.Random
) -> None:
    url = postgres.create_database("tasks")
    await ensure_migrated(url)
    await asyncio.to_thread(move, postgres, "pg_wal", disk)
    server = ServerProcess(url, tmp_path, database_pool_size="4")
    tally = Tally()
    try:
        await asyncio.to_thread(server.start)
        ledgers = [await register(server, name) for name in ("one", "two")]
        async with running_load(ledgers, [server], tally, chance):
            await wait_for_writes(ledgers)
            with filled(disk):
                # PostgreSQL stops itself when it needs another WAL file.
                await asyncio.to_thread(fill_wal, postgres)
                await wait_for_rejections(tally)
                async with httpx2.AsyncClient(base_url=server.url) as http:
                    answer = await http.get("/health", timeout=TIMEOUT_SECONDS)
                    assert answer.status_code == 503
            await asyncio.to_thread(postgres.kill)
            await asyncio.to_thread(postgres.start)
            await wait_for_writes(ledgers)
        tally.expect(200, 201, 503)
        assert await check_nothing_lost(url, ledgers) >= 80
    finally:
        server.kill()


def fill_wal(postgres: PostgresServer) -> None:
    """Switch to the next WAL file until there is no room for one."""
    while "PANIC" not in postgres.read_log():
        try:
            postgres.run_sql("SELECT pg_switch_wal() FROM pg_logical_emit_message(true, 'x', 'x')")
        except PostgresFailedError:
            continue
