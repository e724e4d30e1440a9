"""Responses when the SQLite file is lost or damaged while the server runs."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.db.factory import get_sqlite_path
from tests.harness.client import Client

pytestmark = pytest.mark.engines("sqlite")

PAGE_SIZE = 4096


@pytest.fixture
def path(database_url: str) -> Path:
    """The path of the database file."""
    return Path(get_sqlite_path(database_url))


def delete_files(path: Path) -> None:
    """Do what `rm taskstead.db*` does."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def damage_table(path: Path, table: str) -> None:
    """Overwrite the first pages of a table and of its indexes."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sql = "SELECT rootpage FROM sqlite_schema WHERE tbl_name = ? AND rootpage"
        pages = connection.execute(sql, (table,)).fetchall()
    with path.open("r+b") as file:
        for (page,) in pages:
            file.seek((page - 1) * PAGE_SIZE)
            file.write(b"\xa5" * PAGE_SIZE)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Client]:
    """Run a separate application for the duration of the block."""
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http,
    ):
        yield Client(http)


def check_problem(answer: httpx2.Response, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert int(answer.headers["retry-after"]) > 0


async def check_health(client: Client, *, status: int) -> None:
    for page in ("/health", "/health/ready"):
        answer = await client.get(page)
        assert answer.status_code == status
        assert (answer.json()["status"] == "ok") is (status == 200)


async def test_deleted_file_rejects_writes(owner: Client, path: Path) -> None:
    task = await owner.create_task()
    await check_health(owner, status=200)
    delete_files(path)
    await check_health(owner, status=503)
    lost = "database_replaced"
    check_problem(await owner.post("/api/v1/tasks", {"title": "x"}), lost)
    key = {"Idempotency-Key": "a-key-of-its-own"}
    for _ in range(2):
        answer = await owner.post("/api/v1/tasks", {"title": "x"}, headers=key)
        check_problem(answer, lost)
    check_problem(await owner.delete(f"/api/v1/tasks/{task['id']}"), lost)
    # The data in the open file can still be exported.
    exported = await owner.get("/api/v1/tasks/export")
    assert exported.status_code == 200
    assert task["id"] in exported.text


async def test_damage_found_by_a_read_rejects_requests(settings: Settings, path: Path) -> None:
    async with serving(settings) as client:
        owner = await client.register("owner@example.com")
        token = owner.headers
        await owner.create_task()
    damage_table(path, "tasks")
    async with serving(settings) as client:
        client.headers.update(token)
        await check_health(client, status=200)
        check_problem(await client.get("/api/v1/tasks"), "database_damaged")
        await check_health(client, status=503)
        check_problem(await client.post("/api/v1/tasks", {"title": "x"}), "database_damaged")
        check_problem(await client.post("/api/v1/categories", {"name": "x"}), "database_damaged")


async def test_damage_found_by_a_write_rejects_writes(settings: Settings, path: Path) -> None:
    async with serving(settings) as client:
        token = (await client.register("owner@example.com")).headers
    damage_table(path, "changes")
    async with serving(settings) as client:
        client.headers.update(token)
        check_problem(await client.post("/api/v1/tasks", {"title": "x"}), "database_damaged")
        await check_health(client, status=503)
        # Undamaged tables can be read.
        assert (await client.get("/api/v1/tasks")).json()["items"] == []
