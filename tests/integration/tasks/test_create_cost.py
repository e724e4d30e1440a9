"""The number of SQL statements that creating a task takes. Nothing else uses the database."""

import pytest

from taskstead.cli.workspaces import get_member
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.formats.task_record import check_record
from taskstead.services.transfer.imports import import_tasks
from tests.harness.client import Client
from tests.harness.contexts import make_write_context
from tests.harness.settings import make_settings

pytestmark = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


async def test_finding_the_position_takes_no_extra_statement(
    client: Client, database: Database
) -> None:
    owner = await client.register("ada@example.com")
    principal = await get_member(database, "ada@example.com", None)
    await owner.create_task()
    counts = []
    places = []
    for position in ("b00", "d1234", "Z0"):
        before = database.meter.statements
        task = await owner.create_task()
        counts.append(database.meter.statements - before)
        places.append(task["position"])
        record = check_record({"title": "Imported", "position": position})
        await import_tasks(make_write_context(database, principal), [record], "skip", is_final=True)
    assert len(set(counts)) == 1
    # With BEGIN and COMMIT. PostgreSQL gets consecutive INSERTs as one statement.
    assert counts[0] <= 8
    assert places == ["a2", "b10", "d1235"]
