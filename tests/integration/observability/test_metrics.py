"""``/metrics``: each metric counts what its name says, and access needs the token."""

import asyncio
import contextlib

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.http.app_state import Server
from taskstead.ids import make_id
from taskstead.observability.metrics import TABLE
from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.integration.observability.scraping import TOKEN, Scrape, scrape

pytestmark = pytest.mark.engines("sqlite", "postgresql")

JOB = {"filter": {"tag": ["x"]}, "action": "complete"}
REQUESTS = "taskstead_requests_total"
TASKS = "/api/v1/tasks"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(
        database_url,
        metrics_token=TOKEN,
        run_worker=False,
        database_pool_size=1,
        slow_query_ms=0.000001,
        rate_limit_search="1/day",
    )


@pytest.fixture
def clock() -> ManualClock:
    """Stands still, so that no window of the rate limits begins during a test."""
    return ManualClock()


class Rollback(Exception):  # noqa: N818 - only ends a transaction
    """Rolls a transaction back."""


async def change_every_metric(client: Client, owner: Client, database: Database) -> None:
    """Change the value of every metric."""
    await asyncio.gather(*(owner.create_task() for _ in range(5)))
    await client.log_in("owner@example.com")
    await client.post("/auth/login", {"email": "owner@example.com", "password": "not this one"})
    ann = await client.register("ann@example.com")
    path = f"/api/v1/admin/users/{(await ann.get('/auth/me')).json()['id']}"
    assert (await owner.patch(path, {"disabled": True})).status_code == 200
    await client.post("/auth/login", {"email": "ann@example.com", "password": PASSWORD})
    await owner.get("/todos/1")
    for _ in range(2):
        await owner.get(f"{TASKS}?q=x")
        await owner.get(TASKS)
    assert (await owner.post(f"{TASKS}/bulk-process", JOB)).status_code == 202
    with contextlib.suppress(Rollback):
        async with database.transaction():
            raise Rollback


async def scrape_while_busy(client: Client, database: Database) -> Scrape:
    """Scrape while one client holds all connections and another one waits."""

    async def write() -> None:
        async with database.transaction():
            pass

    async with database.transaction():
        waiting = asyncio.create_task(write())
        await asyncio.sleep(0)
        scraping = asyncio.create_task(scrape(client))
        while database.get_pool_state().waiting == 0:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
    await waiting
    return await scraping


async def test_each_metric_changes(
    client: Client, owner: Client, server: Server, clock: ManualClock, engine: str
) -> None:
    database = server.database
    await change_every_metric(client, owner, database)
    # The oldest job has waited for a second.
    clock.advance(1)
    seen = (await scrape_while_busy(client, database)).names()
    listener = server.broker.subscribe(make_id(), current_revision=0, last_revision=0)
    seen |= (await scrape(client)).names()
    server.broker.unsubscribe(listener)
    for metric in TABLE:
        if engine == "postgresql" and metric.name == "taskstead_commit_batch_size":
            continue
        # It exists only with a replica, and is tested in tests/integration/replica.
        if metric.name == "taskstead_replica_reads_total":
            continue
        name = f"{metric.name}_count" if metric.kind == "histogram" else metric.name
        assert name in seen
    assert {name for name in seen if name.startswith("taskstead")} <= {
        metric.name + suffix for metric in TABLE for suffix in ("", "_bucket", "_count", "_sum")
    }


async def test_requests_are_counted_by_route_and_status(owner: Client) -> None:
    await owner.create_task()
    before = await scrape(owner)
    await owner.get(f"{TASKS}/1")
    await owner.get(f"{TASKS}/2")
    for number in range(5):
        await owner.get(f"/nothing/{number}")
    await owner.request("BREW", TASKS)
    await owner.request("BREW-MORE", TASKS)
    after = await scrape(owner)

    def count(**labels: object) -> float:
        return after.sum(REQUESTS, **labels) - before.sum(REQUESTS, **labels)

    assert count(method="GET", route=f"{TASKS}/{{task}}", status=200) == 1
    assert count(method="GET", route=f"{TASKS}/{{task}}", status=404) == 1
    assert count(method="GET", route="unmatched", status=404) == 5
    assert count(method="other", status=405) == 2
    routes = {labels["route"] for name, labels, _ in after.samples if name == REQUESTS}
    assert not any("nothing" in route for route in routes)
    name = "taskstead_request_duration_seconds"
    one = {"method": "GET", "route": f"{TASKS}/{{task}}"}
    assert after.sum(f"{name}_count", **one) == 2
    assert after.sum(f"{name}_bucket", le="+Inf", **one) == 2
    assert after.sum(f"{name}_sum", **one) > 0


async def test_counters_equal_the_number_of_events(
    client: Client, owner: Client, database: Database
) -> None:
    before = await scrape(client)
    await change_every_metric(client, owner, database)
    after = await scrape(client)

    def count(name: str, **labels: str) -> float:
        return after.sum(f"taskstead_{name}", **labels) - before.sum(f"taskstead_{name}", **labels)

    assert count("logins_total", result="ok") == 1
    assert count("logins_total", result="failed") == 2, "a wrong password, a disabled account"
    assert count("deprecated_calls_total", method="GET", route="/todos/{number}") == 1
    assert count("rate_limited_total", limit="search") == 1
    assert count("transactions_total", result="rolled_back") >= 1
    assert count("transactions_total", result="committed") >= 6
    assert count("statements_total") > 20
    assert after.sum("taskstead_jobs", state="queued") == 1
    assert after.sum("taskstead_requests_in_flight") == 1
    assert after.sum("taskstead_database_up") == 1


async def test_metrics_require_the_token(client: Client, owner: Client) -> None:
    check_problem(await client.get("/metrics"), 401, "unauthenticated")
    for token in (TOKEN[:-1], TOKEN + "x", "tsk_x"):
        check_problem(await client.with_token(token).get("/metrics"), 401, "unauthenticated")
    # The first user is the administrator.
    assert (await owner.get("/metrics")).status_code == 200
    other = await client.register("other@example.com")
    check_problem(await other.get("/metrics"), 403, "insufficient_scope")


async def test_pool_state_is_exported(owner: Client, database: Database, engine: str) -> None:
    (pool,) = (await owner.get("/admin/pool")).json()["processes"]
    assert (pool["process"], pool["engine"], pool["size"]) == (0, engine, 1)
    assert (pool["in_use"], pool["waiting"]) == (0, 0)
    before = pool["waits"]
    async with database.transaction():
        waiting = asyncio.create_task(owner.create_task())
        while database.get_pool_state().waiting == 0:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0)
    await waiting
    (pool,) = (await owner.get("/admin/pool")).json()["processes"]
    assert pool["waits"] > before
    assert pool["wait_seconds"] >= pool["longest_wait_seconds"] > 0


async def test_metrics_are_served_without_the_database() -> None:
    settings = make_settings("postgresql://nobody@127.0.0.1:9/nothing", metrics_token=TOKEN)
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http,
    ):
        found = await scrape(Client(http))
    assert found.sum("taskstead_database_up") == 0
    assert "taskstead_database_up" in {name for name, _, _ in found.samples}
    assert found.sum("taskstead_requests_in_flight") == 1
