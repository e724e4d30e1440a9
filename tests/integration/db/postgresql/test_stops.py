"""PostgreSQL server that stops and restarts: responses during the outage and after it."""

import asyncio
import math
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from taskstead.app import create_app
from tests.harness.client import Client
from tests.harness.servers.postgres import PostgresServer, running_postgres
from tests.harness.settings import WAIT_SECONDS, make_settings


@pytest.fixture(scope="module")
def stoppable_server() -> Iterator[PostgresServer]:
    """A server that may be stopped, and killed without losing commits."""
    with running_postgres(durable=True) as server:
        yield server


async def request_everything(client: Client) -> list[tuple[int, Any]]:
    """Send requests that need the database."""
    answers = await asyncio.gather(
        client.get("/api/v1/tasks"),
        client.post("/api/v1/tasks", {"title": "a"}),
        client.post("/auth/login", {"email": "owner@example.com", "password": "a wrong one"}),
        client.get("/health"),
        client.get("/health/ready"),
        client.get("/health/live"),
    )
    return [(answer.status_code, answer.json().get("code")) for answer in answers]


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_server_that_stops_and_restarts(stoppable_server: PostgresServer, end: str) -> None:
    settings = make_settings(
        stoppable_server.create_database(f"stopped_by_{end}"),
        migrate_on_start=True,
        database_pool_size=2,
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
            owner = await Client(http).register("owner@example.com")
            await owner.create_task()
            for _ in range(2):
                getattr(stoppable_server, end)()
                for _ in range(2):
                    assert await request_everything(owner) == [
                        *[(503, "database_unavailable")] * 3,
                        *[(503, None)] * 2,
                        (200, None),
                    ]
                stoppable_server.start()
                assert await request_everything(owner) == [
                    (200, None),
                    (201, None),
                    (401, "login_failed"),
                    *[(200, None)] * 3,
                ]


async def test_health_checks_detect_a_hanging_server(stoppable_server: PostgresServer) -> None:
    settings = make_settings(stoppable_server.create_database("hanging"), migrate_on_start=True)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
            probe = app.state.server.probes.database
            probe.wait_seconds = WAIT_SECONDS
            assert (await http.get("/health")).status_code == 200
            stoppable_server.freeze()
            try:
                probe.wait_seconds, probe.trust_seconds = 0.1, math.inf
                trusted = await http.get("/health")
                probe.trust_seconds = 0
                late = await http.get("/health")
            finally:
                stoppable_server.thaw()
            assert (trusted.status_code, trusted.json()["reason"]) == (200, None)
            assert trusted.json()["checked_at"] < trusted.json()["timestamp"]
            reason = "The database does not respond."
            assert (late.status_code, late.json()["reason"]) == (503, reason)
            probe.wait_seconds = WAIT_SECONDS
            assert (await http.get("/health")).status_code == 200
