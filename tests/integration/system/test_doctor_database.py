"""Doctor checks of the database: each reports its problem, and reports ok before and after."""

from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import bindparam, delete, text, update

from taskstead.cli.doctor.data import (
    check_administrators,
    check_jobs,
    check_log,
    check_search,
    check_trash,
    repair_search,
)
from taskstead.cli.doctor.database import (
    check_clock,
    check_integrity,
    check_migrations,
    check_server,
    judge_server,
)
from taskstead.cli.doctor.findings import Finding
from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.diagnostics import ServerFacts, get_server_facts
from taskstead.jobs.queue import claim_job, enqueue_job, retry_or_fail_job
from taskstead.tables.changes import changes
from taskstead.tables.tasks import tasks
from taskstead.tables.users import users
from taskstead.tables.workspaces import workspaces
from tests.harness.client import Client
from tests.harness.settings import make_settings

pytestmark = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


def expect(findings: list[Finding], level: str, words: str = "") -> None:
    """Check that there is one finding with this level, these words and an advice."""
    (finding,) = findings
    assert (finding.level, words in finding.message) == (level, True), finding
    assert (finding.fix == "") is (level == "ok"), finding


async def write(database: Database, statement: Any, **values: Any) -> None:
    async with database.transaction() as transaction:
        await transaction.execute(statement, values)


async def test_missing_change_is_reported(
    owner: Client, database: Database, settings: Settings
) -> None:
    for _ in range(2):
        await owner.create_task()
    expect(await check_log(database, settings), "ok")
    # Old changes may be deleted, up to the oldest revision.
    oldest = update(workspaces).values(oldest_revision=2)
    await write(database, oldest)
    await write(database, delete(changes).where(changes.c.revision <= 1))
    expect(await check_log(database, settings), "ok")
    await write(database, delete(changes).where(changes.c.revision == 3))
    expect(await check_log(database, settings), "problem", "has 1 changes instead of 2")


async def test_outdated_search_index_is_repaired(
    owner: Client, client: Client, database: Database, settings: Settings
) -> None:
    other = await client.register("ann@example.com")
    made = [
        await one.create_task(title=f"Milk {number}", tags=["shop"])
        for one in (owner, other)
        for number in range(3)
    ]
    expect(await check_search(database, settings), "ok")
    before = (await owner.get("/api/v1/workspaces")).json()
    forget = text("DELETE FROM task_search WHERE task_id = :id").bindparams(
        bindparam("id", type_=tasks.c.id.type)
    )
    for task in made[1:5]:
        await write(database, forget, id=task["id"])
    if database.dialect == "sqlite":
        # PostgreSQL's foreign key deletes the search document with the task.
        await write(database, delete(tasks).where(tasks.c.id == bindparam("id")), id=made[0]["id"])
        expect(
            await check_search(database, settings), "problem", "4 tasks and contains 1 task that"
        )
    expect(await check_search(database, settings), "problem", "4 tasks")
    assert len((await owner.get("/api/v1/tasks?q=shop")).json()["items"]) < 3
    expect([await repair_search(database)], "ok", "tasks")
    expect(await check_search(database, settings), "ok")
    found = (await other.get("/api/v1/tasks?q=shop")).json()["items"]
    assert len(found) == 3
    assert (await owner.get("/api/v1/workspaces")).json() == before, "nothing has changed"
    expect(await check_log(database, settings), "ok")


async def test_stuck_jobs_are_reported(database: Database, settings: Settings) -> None:
    expect(await check_jobs(database, settings), "ok")
    job: dict[str, Any] = {"kind": "test", "payload": {}, "workspace_id": None, "user_id": None}
    async with database.transaction() as transaction:
        await enqueue_job(transaction, **job, now=get_now())
    expect(await check_jobs(database, settings), "ok")
    async with database.transaction() as transaction:
        await enqueue_job(transaction, **job, now=get_now() - timedelta(minutes=6))
    expect(await check_jobs(database, settings), "problem", "five minutes: 1.")
    running = settings.model_copy(update={"run_worker": True})
    assert (await check_jobs(database, running))[0].fix == "Start the server."
    # Its worker has died, and no other worker has claimed it.
    claimed = await claim_job(database, worker="test", lease_seconds=-600, clock=get_now)
    assert claimed is not None
    expect(await check_jobs(database, settings), "problem", "five minutes: 1.")
    await retry_or_fail_job(database, claimed, "Broken.", is_final=True)
    expect(await check_jobs(database, settings), "warning", "1 test")


async def test_overdue_trash_is_reported(
    owner: Client, database: Database, settings: Settings
) -> None:
    task = await owner.create_task()
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    expect(await check_trash(database, settings), "ok")
    long_ago = update(tasks).values(deleted_at=get_now() - timedelta(days=32))
    await write(database, long_ago)
    expect(await check_trash(database, settings), "warning", "more than 30 days")
    unlimited = settings.model_copy(update={"trash_days": 0})
    expect(await check_trash(database, unlimited), "ok")


async def test_server_without_administrator_is_reported(
    client: Client, database: Database, settings: Settings
) -> None:
    expect(await check_administrators(database, settings), "ok")
    await client.register("owner@example.com")
    expect(await check_administrators(database, settings), "ok")
    # The program itself never does this, because it protects the last administrator.
    await write(database, update(users).values(disabled_at=get_now()))
    expect(await check_administrators(database, settings), "warning", "no active administrator")


async def test_clock_before_the_newest_change_is_reported(
    owner: Client, database: Database, settings: Settings
) -> None:
    task = await owner.create_task()
    expect(await check_clock(database, settings), "ok")
    early = datetime.fromisoformat(task["created_at"]) - timedelta(hours=1)
    expect(await check_clock(database, settings, now=early), "problem", "newest change")


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize(("lease_seconds", "level"), [(40_000_000, "warning"), (30, "problem")])
async def test_clock_that_differs_from_the_database_is_reported(
    database: Database, settings: Settings, lease_seconds: int, level: str
) -> None:
    given = settings.model_copy(update={"job_lease_seconds": lease_seconds})
    next_year = (await get_server_facts(database))["at"] + timedelta(days=365)
    # A year has 31,536,000 seconds. The difference is less by the duration of the check.
    message = "The database's clock differs by 31,5"
    expect(await check_clock(database, given, now=next_year), level, message)


async def test_database_of_another_version_is_reported(
    database: Database, settings: Settings
) -> None:
    expect(await check_migrations(database, settings), "ok")
    automatic = settings.model_copy(update={"migrate_on_start": True})
    for revision, level_if_automatic, level in (
        ("0001", "warning", "problem"),
        ("9999", "problem", "problem"),
    ):
        change = text("UPDATE alembic_version SET version_num = :revision")
        await write(database, change, revision=revision)
        expect(await check_migrations(database, settings), level, revision)
        expect(await check_migrations(database, automatic), level_if_automatic, revision)


async def test_intact_file_is_ok(database: Database, settings: Settings) -> None:
    found = await check_integrity(database, settings)
    if database.dialect == "postgresql":
        assert found == []
    else:
        expect(found, "ok")


@pytest.mark.engines("sqlite")
async def test_sqlite_has_no_server_to_check(database: Database, settings: Settings) -> None:
    assert await check_server(database, settings) == []


@pytest.mark.engines("postgresql")
async def test_server_without_durability_is_reported(
    database: Database, settings: Settings
) -> None:
    """Most PostgreSQL servers of the tests are configured for speed without durability."""
    reported = await check_server(database, settings)
    facts = await get_server_facts(database)
    durability = {"fsync": facts["fsync"], "synchronous_commit": facts["synchronous_commit"]}
    off = [name for name, value in durability.items() if value == "off"]
    assert [finding.message.split()[0] for finding in reported if finding.level == "problem"] == off


@pytest.fixture
async def sound_server(database: Database) -> ServerFacts:
    """The server of the test, as if it was configured well."""
    return {
        **await get_server_facts(database),
        "fsync": "on",
        "synchronous_commit": "on",
        "max_connections": 100,
    }


@pytest.mark.engines("postgresql")
async def test_sound_server_has_no_findings(sound_server: ServerFacts, settings: Settings) -> None:
    assert judge_server(sound_server, settings) == []


@pytest.mark.engines("postgresql")
@pytest.mark.parametrize(
    ("fault", "level", "words"),
    [
        ({"fsync": "off"}, "problem", "fsync"),
        ({"synchronous_commit": "off"}, "problem", "synchronous_commit"),
        ({"version": 130004}, "warning", "PostgreSQL 13"),
    ],
)
async def test_unsuitable_server_is_reported(
    sound_server: ServerFacts, settings: Settings, fault: dict[str, Any], level: str, words: str
) -> None:
    faulty = cast("ServerFacts", {**sound_server, **fault})
    expect(judge_server(faulty, settings), level, words)


@pytest.mark.engines("postgresql")
async def test_server_with_too_few_connections_is_reported(
    sound_server: ServerFacts, settings: Settings
) -> None:
    many = settings.model_copy(update={"workers": 20})
    expect(judge_server(sound_server, many), "problem", "100 connections")
