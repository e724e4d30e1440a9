"""Read-your-writes with a replica that lags, follows, cancels queries or is unavailable."""

import asyncio
import json

import pytest
from sqlalchemy import Integer, column, func, select, table

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import LongReader
from taskstead.db.postgresql.replica import PostgresqlReplica
from taskstead.errors import NotFoundError
from taskstead.http.app_state import Server
from taskstead.http.metrics_collector import make_report
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.services.context import ReadContext
from taskstead.tables.tasks import tasks
from tests.harness.client import Client
from tests.harness.servers.replica_pair import Pair
from tests.harness.settings import WAIT_SECONDS
from tests.harness.untyped import untyped

TASKS = "/api/v1/tasks"
# The requests of check_seen, without the second statement of an export.
READS = 10
COUNT_TASKS = select(func.count().label("count")).select_from(tasks)


@pytest.fixture(autouse=True)
def patient(replica: PostgresqlReplica) -> None:
    """Never consider a working replica unavailable, however slow the machine is."""
    replica.start_seconds = 60


async def check_seen(client: Client, number: int) -> None:
    """Check that each route that reads from a replica shows the task with the given number."""
    title = f"Task {number}"
    listed = (await client.get(f"{TASKS}?sort=-number&limit=1&include_total=true")).json()
    assert (listed["items"][0]["title"], listed["total"]) == (title, number)
    assert (await client.get(f"{TASKS}/{number}")).json()["title"] == title
    found = (await client.get(TASKS, params={"q": f'"{title}"'})).json()
    assert [task["title"] for task in found["items"]] == [title]
    assert (await client.get(f"{TASKS}/stats")).json()["total"] == number
    exported = await client.get(f"{TASKS}/export")
    assert json.loads(exported.text.splitlines()[-1])["title"] == title
    for noun in ("categories", "tags"):
        (thing,) = (await client.get(f"/api/v1/{noun}")).json()["items"]
        assert thing["task_count"] == number
        same = (await client.get(f"/api/v1/{noun}/{thing['id']}")).json()
        assert same["name"] == thing["name"]
    synced = (await client.get("/api/v1/changes?limit=1000")).json()
    assert title in [task["title"] for task in synced["tasks"]]


async def make_context(server: Server) -> ReadContext:
    """Return the context of a read by the owner."""
    principal = await find_principal_by_email(
        server.database, "owner@example.com", workspace_id=None
    )
    assert principal is not None
    return ReadContext(principal, server.database, get_now(), server.replica)


async def write(client: Client, number: int) -> None:
    await client.create_task(title=f"Task {number}", category="One", tags=["one"])


async def test_reads_are_never_older_than_acknowledged_writes(
    pair: Pair, owner: Client, replica: PostgresqlReplica
) -> None:
    await pair.catch_up()
    pair.pause()
    for number in (1, 2, 3):
        await write(owner, number)
        await check_seen(owner, number)
    # Each read asked the replica, and used the primary because the replica was behind.
    behind = replica.reads["behind"]
    assert behind >= 3 * READS
    assert replica.reads == {"replica": 0, "behind": behind, "failed": 0}
    await pair.catch_up()
    await check_seen(owner, 3)
    assert replica.reads["behind"] == behind
    assert replica.reads["replica"] >= READS


async def test_principal_is_read_from_the_primary_and_the_rest_not(
    pair: Pair, owner: Client, replica: PostgresqlReplica, server: Server
) -> None:
    await write(owner, 1)
    await pair.catch_up()
    # The primary and the replica have the same meter.
    before = server.database.meter.statements
    assert len((await owner.get(TASKS)).json()["items"]) == 1
    # The replica is asked for its revision and for the tasks.
    assert server.database.meter.statements - before == 3
    assert replica.reads == {"replica": 1, "behind": 0, "failed": 0}
    assert (await owner.get(f"{TASKS}/2")).status_code == 404
    assert replica.reads == {"replica": 2, "behind": 0, "failed": 0}


async def test_health_check_includes_the_replica(owner: Client, server: Server) -> None:
    assert server.probes.replica is not None
    # A check takes long on a busy machine. A replica that does not respond in time is reported.
    for probe in (server.probes.database, server.probes.replica):
        probe.wait_seconds = WAIT_SECONDS
    health = (await owner.get("/health")).json()
    assert (health["status"], health["replica"]) == ("ok", "ok")


async def test_write_in_another_workspace_keeps_reads_on_the_replica(
    pair: Pair, owner: Client, replica: PostgresqlReplica
) -> None:
    other = await owner.register("other@example.com")
    await pair.catch_up()
    pair.pause()
    await write(owner, 1)
    assert (await other.get(TASKS)).json()["items"] == []
    assert replica.reads == {"replica": 1, "behind": 0, "failed": 0}
    # A workspace that is missing on the replica counts as behind.
    third = await owner.register("third@example.com")
    assert (await third.get(TASKS)).json()["items"] == []
    assert replica.reads == {"replica": 1, "behind": 1, "failed": 0}
    await pair.catch_up()


async def test_incremental_sync_reads_from_the_primary(
    pair: Pair, owner: Client, replica: PostgresqlReplica
) -> None:
    await write(owner, 1)
    await pair.catch_up()
    first = (await owner.get("/api/v1/changes")).json()
    assert (len(first["tasks"]), first["has_more"]) == (1, False)
    assert replica.reads["replica"] == 1
    await write(owner, 2)
    await pair.catch_up()
    then = (await owner.get("/api/v1/changes", params={"since": first["next"]})).json()
    assert [task["title"] for task in then["tasks"]] == ["Task 2"]
    assert replica.reads == {"replica": 1, "behind": 0, "failed": 0}


class TestWithCache:
    """With a response cache that is also filled by reads from the replica."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        default = Settings.model_fields["cache_bytes"].default
        return settings.model_copy(update={"cache_bytes": default})

    async def test_cache_key_is_not_newer_than_the_response(
        self, pair: Pair, owner: Client, replica: PostgresqlReplica, server: Server
    ) -> None:
        await write(owner, 1)
        await pair.catch_up()
        pair.pause()
        assert len((await owner.get(TASKS)).json()["items"]) == 1
        await write(owner, 2)
        for _ in range(2):
            assert len((await owner.get(TASKS)).json()["items"]) == 2
        await pair.catch_up()
        assert len((await owner.get(TASKS)).json()["items"]) == 2
        assert replica.reads == {"replica": 1, "behind": 1, "failed": 0}
        assert (server.cache.counts.hits, server.cache.counts.misses) == (2, 2)


async def test_all_statements_of_a_response_see_one_snapshot(
    pair: Pair, owner: Client, server: Server
) -> None:
    await pair.catch_up()
    ctx = await make_context(server)

    async def count_twice(reader: LongReader) -> list[int]:
        first = await reader.fetch_all(untyped(COUNT_TASKS), {}, is_long=True)
        await write(owner, 1)
        await pair.catch_up()
        return [first[0]["count"], (await reader.fetch_all(untyped(COUNT_TASKS), {}))[0]["count"]]

    assert await ctx.read_content(count_twice) == [0, 0]


async def test_read_cancelled_by_recovery_is_repeated_on_the_primary(
    pair: Pair, owner: Client, server: Server, replica: PostgresqlReplica
) -> None:
    await write(owner, 1)
    await pair.catch_up()
    ctx = await make_context(server)
    name = server.settings.effective_database_url.rpartition("/")[2]
    readers: list[LongReader] = []

    async def read_what_is_locked(reader: LongReader) -> int:
        readers.append(reader)
        await reader.fetch_all(untyped(COUNT_TASKS), {})
        if len(readers) == 1:
            # As a migration or VACUUM does: to continue its replay, the standby has to cancel
            # readers.
            pair.primary.run_sql("BEGIN; LOCK TABLE tasks; COMMIT", name)
            await pair.catch_up()
        return int((await reader.fetch_all(untyped(COUNT_TASKS), {}))[0]["count"])

    with pair.cancelling_conflicts():
        assert await ctx.read_content(read_what_is_locked) == 1
    assert readers[1] is server.database
    assert replica.reads == {"replica": 0, "behind": 0, "failed": 1}
    # The replica is still considered available.
    assert (await owner.get("/health")).json()["status"] == "ok"
    await check_seen(owner, 1)
    assert replica.reads["failed"] == 1
    assert replica.reads["replica"] >= READS


async def test_read_of_unmigrated_replica_is_repeated_on_the_primary(
    pair: Pair, owner: Client, server: Server, replica: PostgresqlReplica
) -> None:
    await pair.catch_up()
    pair.pause()
    name = server.settings.effective_database_url.rpartition("/")[2]
    pair.primary.run_sql("CREATE TABLE newer AS SELECT 1 AS number", name)
    ctx = await make_context(server)
    newer = select(column("number", Integer)).select_from(table("newer"))
    rows = await ctx.read_content(lambda reader: reader.fetch_all(untyped(newer), {}))
    assert rows == [{"number": 1}]
    assert replica.reads == {"replica": 0, "behind": 0, "failed": 1}
    await pair.catch_up()
    assert (await owner.get("/health")).json()["status"] == "ok"


async def test_server_works_without_its_replica(
    pair: Pair, owner: Client, replica: PostgresqlReplica
) -> None:
    await write(owner, 1)
    await pair.catch_up()
    await check_seen(owner, 1)
    reads = replica.reads["replica"]
    await asyncio.to_thread(pair.standby.kill)
    try:
        await check_seen(owner, 1)
        await write(owner, 2)
        await check_seen(owner, 2)
        for path in ("/health", "/health/ready"):
            answer = await owner.get(path)
            assert answer.status_code == 200
            health = answer.json()
            assert (health["status"], health["replica"]) == ("degraded", "unavailable")
        assert replica.reads["replica"] == reads
        assert replica.reads["failed"] >= 2 * READS
    finally:
        await asyncio.to_thread(pair.standby.start)


async def test_not_found_error_keeps_the_replica_connection(
    replica: PostgresqlReplica, pair: Pair
) -> None:
    await pair.catch_up()
    pids = []
    for _ in range(2):
        with pytest.raises(NotFoundError):  # noqa: PT012 - the whole block is tested
            async with replica.copy.snapshot() as snapshot:
                pid = select(func.pg_backend_pid().label("pid"))
                pids.append((await snapshot.fetch_one(untyped(pid), {}) or {})["pid"])
                raise NotFoundError("There is none.")
    assert pids[0] == pids[1]


async def test_metrics_count_reads_by_replica_result(
    pair: Pair, owner: Client, server: Server
) -> None:
    await pair.catch_up()
    for _ in range(3):
        await owner.get(TASKS)
    pair.pause()
    await write(owner, 1)
    await owner.get(TASKS)
    await pair.catch_up()
    name = "taskstead_replica_reads_total"
    counted = {
        labels[0]: value for metric, labels, value in make_report(server).samples if metric == name
    }
    assert counted == {"replica": 3, "behind": 1, "failed": 0}
