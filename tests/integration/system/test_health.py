"""Health endpoints: liveness, readiness, and the reason for not being ready."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import column, table, update

from taskstead import __version__
from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.migrate import get_head
from taskstead.http.app_state import Server
from tests.harness.client import Client
from tests.harness.settings import WAIT_SECONDS, make_settings
from tests.integration.db.locks import REBUILD_SCRIPT, locking
from tests.integration.db.postgresql.test_pool import connections_taken

pytestmark = pytest.mark.engines("sqlite", "postgresql")


async def test_ready_server_reports_ok(client: Client, engine: str) -> None:
    for path in ("/health", "/health/ready"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        health = answer.json()
        age = datetime.now(UTC) - datetime.fromisoformat(health.pop("timestamp"))
        assert 0 <= age.total_seconds() < 60
        assert health.pop("checked_at") is not None
        assert health == {
            "status": "ok",
            "reason": None,
            "version": __version__,
            "database": "ok",
            "database_engine": engine,
            "migrations": {"current": get_head(), "needed": get_head()},
            "replica": None,
            "redis": None,
        }
    assert (await client.get("/health/live")).json() == {"status": "ok"}


@pytest.mark.parametrize("revision", ["0000", "9999"])
async def test_database_of_another_version_is_not_ready(
    client: Client, database: Database, revision: str
) -> None:
    version = table("alembic_version", column("version_num"))
    async with database.transaction() as transaction:
        await transaction.execute(update(version).values(version_num=revision), {})
    for path in ("/health", "/health/ready"):
        answer = await client.get(path)
        assert answer.status_code == 503
        health = answer.json()
        assert (health["status"], health["database"]) == ("unavailable", "ok")
        assert health["migrations"] == {"current": revision, "needed": get_head()}
    assert (await client.get("/health/live")).status_code == 200


async def test_health_checks_wait_in_no_queue(client: Client, database: Database) -> None:
    async with connections_taken(database, database.get_pool_state().size):
        for path in ("/health", "/health/ready"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.engines("sqlite")
async def test_locked_sqlite_file_is_not_ready(
    client: Client, server: Server, tmp_path: Path
) -> None:
    server.probes.database.wait_seconds = WAIT_SECONDS
    with locking(tmp_path / "taskstead.db", program=REBUILD_SCRIPT):
        answer = await client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "Another program has locked the database file."
    assert (await client.get("/health")).status_code == 200


@pytest.mark.engines("sqlite")
class TestWriteLock:
    """Another process holds the write lock of the SQLite file for longer than the timeout."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, database_wait_seconds=0.1, run_worker=False)

    async def test_long_held_write_lock_is_not_ready(
        self, client: Client, server: Server, tmp_path: Path
    ) -> None:
        server.probes.database.wait_seconds = WAIT_SECONDS
        assert (await client.get("/health/ready")).status_code == 200
        with locking(tmp_path / "taskstead.db"):
            # The first probe that cannot take the lock waits for half a second.
            assert (await client.get("/health/ready")).status_code == 200
            for path in ("/health/ready", "/health"):
                answer = await client.get(path)
                assert answer.status_code == 503
                reason = "Another process holds the write lock of the database file."
                assert answer.json()["reason"] == reason
            assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 200

    async def test_alternating_writers_of_other_processes_are_ready(
        self, client: Client, server: Server, tmp_path: Path
    ) -> None:
        """Each probe finds the lock taken, but another process has committed since the last one."""
        server.probes.database.wait_seconds = WAIT_SECONDS
        path = tmp_path / "taskstead.db"
        for number in range(4):
            commit = (f"CREATE TABLE other{number} (id)", "BEGIN IMMEDIATE")
            with locking(path, *commit):
                for _ in range(2):
                    assert (await client.get("/health/ready")).status_code == 200


class TestWithoutDatabase:
    """No server listens at the address of the database."""

    @pytest.fixture
    def settings(self) -> Settings:
        return make_settings("postgresql://nobody@127.0.0.1:9/nothing")

    @pytest.fixture
    async def client(self, settings: Settings) -> AsyncIterator[Client]:
        app = create_app(settings)
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http,
        ):
            yield Client(http)

    async def test_server_is_live_and_not_ready(self, client: Client) -> None:
        for path in ("/health", "/health/ready"):
            answer = await client.get(path)
            assert answer.status_code == 503
            health = answer.json()
            assert (health["status"], health["database"]) == ("unavailable", "unavailable")
            assert health["migrations"]["current"] is None
            assert health["reason"].startswith("The database is unavailable")
        assert (await client.get("/health/live")).status_code == 200

    async def test_requests_are_rejected(self, client: Client) -> None:
        refused = await client.with_token("tsa_x").get("/api/v1/tasks")
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "database_unavailable"
        assert int(refused.headers["retry-after"]) > 0
