"""Two servers behind nginx under load: one is killed, one is drained."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.harness.client import Client
from tests.harness.commands import SECONDS
from tests.harness.deployment import Deployment, running_deployment
from tests.harness.servers.postgres import Postgres
from tests.harness.servers.valkey import ValkeyServer
from tests.system.faults.steady_clients import under_load

pytestmark = pytest.mark.system

CLIENTS = 8
_names = (f"taskstead_replicas_{number}" for number in itertools.count(1))


@pytest.fixture
def deployment(
    postgres_server: Postgres, valkey: ValkeyServer, tmp_path: Path
) -> Iterator[Deployment]:
    name = next(_names)
    url = postgres_server.create_database(name)
    with running_deployment(url, valkey.url, tmp_path, drain_seconds="1") as deployment:
        yield deployment
    postgres_server.drop_database(name)


@pytest.fixture
async def owner(deployment: Deployment) -> AsyncIterator[Client]:
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(base_url=deployment.url, timeout=SECONDS, limits=limits) as http:
        yield await Client(http).register("owner@example.com")


async def test_killed_replica_fails_only_the_requests_on_it(
    deployment: Deployment, owner: Client
) -> None:
    async with under_load(owner, CLIENTS) as load:
        await load.wait_for(50)
        assert load.failures == []
        # Failed requests are not repeated yet, so each client fails at most once. The others
        # continue.
        async with load.without_repeats():
            deployment.replicas[0].process.kill()
            await asyncio.to_thread(deployment.replicas[0].process.wait)
        await load.wait_for(200)
    # A client sends one request at a time, so at most one per client can fail.
    assert len(load.failures) <= CLIENTS, load.failures
    for failure in load.failures:
        assert "502 Bad Gateway" in failure or "RemoteProtocolError" in failure, load.failures
    await load.check_nothing_lost()


async def test_no_request_fails_while_a_replica_is_drained(
    deployment: Deployment, owner: Client
) -> None:
    replica = deployment.replicas[1]
    async with under_load(owner, CLIENTS) as load:
        await load.wait_for(50)
        replica.process.send_signal(signal.SIGTERM)
        while replica.process.poll() is None:
            await load.wait_for(5)
        await load.wait_for(50)
    assert load.failures == []
    assert replica.process.returncode == 0
    assert "Draining" in replica.error_output
    assert "Traceback" not in replica.error_output
    await load.check_nothing_lost()
