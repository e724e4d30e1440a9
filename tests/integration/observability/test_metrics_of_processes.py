"""Metrics of several processes on one port: each process reports the sum without duplicates."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.config.settings import Settings
from tests.harness.client import Client
from tests.harness.commands import SECONDS, running_server
from tests.harness.settings import make_settings
from tests.integration.observability.scraping import TOKEN, scrape

LIVE = {"route": "/health/live"}
REQUESTS = "taskstead_requests_total"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    folder = tmp_path / "processes"
    return make_settings(database_url, metrics_token=TOKEN, processes_dir=folder)


@asynccontextmanager
async def another(settings: Settings) -> AsyncIterator[Client]:
    """Run another application of the same server during the block."""
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http,
    ):
        yield Client(http)


async def test_each_process_reports_all_processes(
    client: Client, settings: Settings, engine: str
) -> None:
    async with another(settings) as second, another(settings) as third:
        for one, times in ((client, 1), (second, 2), (third, 4)):
            for _ in range(times):
                await one.get("/health/live")
        for one in (client, second, third):
            found = await scrape(one)
            assert found.sum(REQUESTS, **LIVE) == 7
            by_process = [found.sum(REQUESTS, process=number, **LIVE) for number in range(3)]
            assert by_process == [1, 2, 4]
            sizes = [labels for name, labels, _ in found.samples if name == "taskstead_pool_size"]
            assert sorted(labels["process"] for labels in sizes) == ["0", "1", "2"]
            # Values that are equal for all processes appear once.
            ups = [labels for name, labels, _ in found.samples if name == "taskstead_database_up"]
            assert ups == [{}]
        owner = await client.register("owner@example.com")
        pools = (await owner.get("/admin/pool")).json()["processes"]
        assert [(pool["process"], pool["engine"]) for pool in pools] == [
            (number, engine) for number in range(3)
        ]


async def test_replacement_process_takes_the_free_number(
    client: Client, settings: Settings
) -> None:
    async with another(settings) as second:
        await second.get("/health/live")
        assert (await scrape(client)).sum(REQUESTS, process=1, **LIVE) == 1
    gone = await scrape(client)
    assert {labels.get("process") for _, labels, _ in gone.samples} <= {None, "0"}
    async with another(settings) as replacement:
        for _ in range(3):
            await replacement.get("/health/live")
        found = await scrape(client)
        assert found.sum(REQUESTS, process=1, **LIVE) == 3
        assert not any(labels.get("process") == "2" for _, labels, _ in found.samples)


async def test_leftovers_of_a_killed_process_are_ignored(
    client: Client, settings: Settings
) -> None:
    assert settings.processes_dir is not None
    # The socket's file remains after a kill. The kernel releases the lock file's lock.
    (settings.processes_dir / "1.sock").touch()
    (settings.processes_dir / "1.lock").touch()
    assert (await scrape(client)).sum("taskstead_requests_in_flight") == 1
    async with another(settings) as second:
        assert (await scrape(second)).sum("taskstead_requests_in_flight", process=1) == 1
        assert (await scrape(client)).sum("taskstead_pool_size", process=1) > 0


async def test_single_process_has_no_number(database_url: str) -> None:
    async with another(make_settings(database_url, metrics_token=TOKEN)) as client:
        found = await scrape(client)
    assert not any("process" in labels for _, labels, _ in found.samples)


def test_each_worker_reports_all_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    options = ("--workers", "2", "--database-url", "sqlite:///x.db")
    with running_server(tmp_path / "server", *options, TASKSTEAD_METRICS_TOKEN=TOKEN) as server:
        server.await_text(r"Worker (\d+) is serving", times=2)
        address = f"http://127.0.0.1:{server.port}/metrics"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        text = httpx2.get(address, headers=headers, timeout=SECONDS).text
        assert 'taskstead_pool_size{process="0"} 1.0' in text
        assert 'taskstead_pool_size{process="1"} 1.0' in text
        assert server.stop() == 0
        assert list(tmp_path.glob("taskstead-*")) == []
