"""A standby configured as the database: reads succeed, and the server is not ready."""

import pytest

from taskstead.cli.doctor.database import check_server
from taskstead.config.settings import Settings
from taskstead.http.app_state import Server
from tests.harness.client import Client
from tests.harness.servers.replica_pair import Pair
from tests.harness.settings import make_settings


@pytest.fixture
async def settings(settings: Settings, pair: Pair) -> Settings:
    """The standby is the only database of the server."""
    await pair.catch_up()
    return make_settings(settings.database_read_url or "", run_worker=False)


async def test_standby_is_not_ready(
    client: Client, server: Server, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/health", "/health/ready"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["database"]) == (503, "unavailable")
    (line,) = [record for record in caplog.records if record.name == "taskstead.database"]
    assert "read-only" in vars(line)["reason"]
    body = {"email": "owner@example.com", "password": "a good long secret"}
    answer = await client.post("/auth/register", body)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    findings = await check_server(server.database, settings)
    assert any(one.level == "problem" and "a standby" in one.message for one in findings)
