"""The number of SQL statements that a logout takes. Nothing else uses the database."""

import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from tests.harness.client import Client
from tests.harness.settings import make_settings

pytestmark = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


async def test_logout_without_a_session_only_reads(client: Client, database: Database) -> None:
    headers = {"Taskstead-Client": "web", "Cookie": "taskstead=tsc_unknown"}
    before = database.meter.statements
    assert (await client.delete("/auth/session", headers=headers)).status_code == 204
    assert database.meter.statements - before == 1
