"""PgBouncer in front of PostgreSQL: session mode works, transaction mode is rejected at start."""

import asyncio
import random
from pathlib import Path

import pytest
from sqlalchemy import column, text
from sqlalchemy.types import Text

from taskstead.cli.doctor.database import check_pooling
from taskstead.cli.doctor.findings import Finding
from taskstead.db.database import Database
from taskstead.db.factory import open_database
from taskstead.db.migrate import ensure_migrated
from taskstead.db.postgresql.pooler import check_pooler
from tests.harness.commands import expect_error_line
from tests.harness.servers.postgres import PostgresServer
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.system.durability.checks import opened, register
from tests.system.durability.servers import ServerProcess
from tests.system.faults.load import Tally, check_nothing_lost, running_load, wait_for_writes
from tests.system.faults.proxies import running_pgbouncer

pytestmark = pytest.mark.system

ERROR_MESSAGE = "set pool_mode = session"
LIMITS = {
    "jit": "off",
    "lock_timeout": "7000",
    "statement_timeout": "30000",
    "idle_in_transaction_session_timeout": "60000",
    "TimeZone": "UTC",
}


async def test_session_mode_works_under_load(
    durable_postgres: PostgresServer, tmp_path: Path, chance: random.Random
) -> None:
    durable_postgres.create_database("tasks")
    with running_pgbouncer(durable_postgres, "session") as pooler:
        url = pooler.url("tasks")
        # This includes migrations.
        assert await ensure_migrated(url)
        server = ServerProcess(url, tmp_path, database_pool_size="4", database_wait_seconds="7")
        tally = Tally()
        try:
            server.start()
            ledgers = [await register(server, name) for name in ("one", "two")]
            async with running_load(ledgers, [server], tally, chance):
                await wait_for_writes(ledgers, count=50)
        finally:
            server.kill()
        assert not tally.statuses[503]
        tally.expect(200, 201)
        await check_nothing_lost(url, ledgers)


async def test_time_limits_apply_in_session_mode(durable_postgres: PostgresServer) -> None:
    with running_pgbouncer(durable_postgres, "session") as pooler:
        database = await open_database(pooler.url("postgres"), pool_size=1, wait_seconds=7)
        try:
            assert await read_limits(database) == LIMITS
        finally:
            await database.close()


async def test_session_mode_works_with_one_connection(
    durable_postgres: PostgresServer,
) -> None:
    with running_pgbouncer(durable_postgres, "session", size=1) as pooler:
        await check_pooler(pooler.url("postgres"))


@pytest.mark.parametrize("size", [1, 5])
def test_transaction_mode_is_rejected(durable_postgres: PostgresServer, size: int) -> None:
    url = durable_postgres.create_database("tasks")
    asyncio.run(ensure_migrated(url))
    assert asyncio.run(get_pooler_finding(url)) == []
    with running_pgbouncer(durable_postgres, "transaction", size=size) as pooler:
        url = pooler.url("tasks")
        for command in (["serve", "--port", "0"], ["db", "upgrade"], ["user", "list"]):
            assert ERROR_MESSAGE in expect_error_line(*command, "--database-url", url)
        (finding,) = asyncio.run(get_pooler_finding(url))
        assert finding.level == "problem"
        assert ERROR_MESSAGE in finding.message


async def get_pooler_finding(url: str) -> list[Finding]:
    """Return the finding of `taskstead doctor` about the pooler."""
    async with opened(url) as database:
        return await check_pooling(database, make_settings(url))


async def read_limits(database: Database) -> dict[str, str]:
    """Return the time limits in effect on a connection of the database."""
    names = ", ".join(f"'{name}'" for name in LIMITS)
    sql = f"SELECT name, setting FROM pg_settings WHERE name IN ({names})"
    statement = text(sql).columns(column("name", Text), column("setting", Text))
    rows = await database.fetch_all(untyped(statement), {})
    return {row["name"]: row["setting"] for row in rows}
