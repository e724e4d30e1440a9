"""The primary fails under load and its synchronous standby is promoted: no write is lost.

The server uses a URL with several hosts, or HAProxy. Lost means acknowledged and not stored.
"""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskstead.db.migrate import ensure_migrated
from tests.harness.servers.postgres import PostgresServer, running_postgres, running_standby
from tests.system.durability.checks import register
from tests.system.durability.servers import ServerProcess
from tests.system.faults.load import (
    Tally,
    check_nothing_lost,
    running_load,
    wait_for_rejections,
    wait_for_writes,
)
from tests.system.faults.proxies import running_haproxy

pytestmark = pytest.mark.system

Pair = tuple[PostgresServer, PostgresServer]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A primary whose commits wait for its standby."""
    with running_postgres(durable=True) as primary, running_standby(primary) as standby:
        primary.create_database("tasks")
        asyncio.run(ensure_migrated(primary.url("tasks")))
        for sql in ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"):
            primary.run_sql(sql)
        yield primary, standby


async def fail_over(
    pair: Pair, url: str, folder: Path, chance: random.Random, *, method: str = "kill"
) -> None:
    """Stop the primary and promote the standby, under load on a server at the URL."""
    primary, standby = pair
    server = ServerProcess(url, folder, database_pool_size="4")
    tally = Tally()
    try:
        await asyncio.to_thread(server.start)
        ledgers = [await register(server, name) for name in ("one", "two")]
        async with running_load(ledgers, [server], tally, chance):
            await wait_for_writes(ledgers)
            await asyncio.to_thread(getattr(primary, method))
            await wait_for_rejections(tally)
            await asyncio.to_thread(standby.run_sql, "SELECT pg_promote()")
            await wait_for_writes(ledgers)
        tally.expect(200, 201, 503)
        assert await check_nothing_lost(standby.url("tasks"), ledgers) >= 80
    finally:
        primary.thaw()
        server.kill()


# The primary hangs, so requests that use it wait for 35 seconds.
@pytest.mark.parametrize("method", ["kill", "freeze"])
async def test_failover_by_a_url_with_two_hosts_loses_no_write(
    pair: Pair, tmp_path: Path, chance: random.Random, method: str
) -> None:
    primary, standby = pair
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    url = f"postgresql://postgres@{hosts}/tasks?target_session_attrs=read-write"
    await fail_over(pair, url, tmp_path, chance, method=method)


async def test_failover_through_haproxy_loses_no_write(
    pair: Pair, tmp_path: Path, chance: random.Random
) -> None:
    with running_haproxy(*pair) as proxied:
        await fail_over(pair, proxied.url("tasks"), tmp_path, chance)
