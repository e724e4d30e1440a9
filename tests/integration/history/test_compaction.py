"""Compaction of the change log: which changes are deleted and which are retained."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.sql.types import Instant
from taskstead.services.history.compaction import compact_log
from taskstead.tables.changes import changes
from taskstead.tables.workspaces import workspaces
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.history.test_undo import get_last_change, patch
from tests.integration.jobs.housekeeping import run_housekeeping_at

pytestmark = pytest.mark.engines("sqlite", "postgresql")

SET_TIME = (
    update(changes)
    .where(changes.c.revision <= bindparam("end"), changes.c.workspace_id == bindparam("of"))
    .values(at=bindparam("moment", type_=Instant))
)
LIST_LOG = (
    select(changes.c.revision, changes.c.action)
    .where(changes.c.workspace_id == bindparam("of"))
    .order_by(changes.c.revision)
)
GET_OLDEST = select(workspaces.c.oldest_revision).where(workspaces.c.id == bindparam("of"))


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


class WorkspaceLog:
    """The change log of one workspace, with control over the times of its changes.

    Attributes:
        old: a time 40 days before the application's time.
    """

    def __init__(self, database: Database, workspace_id: str, clock: ManualClock) -> None:
        self.database = database
        self.id = workspace_id
        self.old = clock.now - timedelta(days=40)
        self._clock = ManualClock(clock.now)

    async def make_old(self, end: int) -> None:
        """Set old times for the changes up to a revision."""
        async with self.database.transaction() as transaction:
            await transaction.execute(SET_TIME, {"of": self.id, "end": end, "moment": self.old})

    async def run_housekeeping(self, *, log_days: int = 30) -> dict[str, int]:
        """Run housekeeping, one hour later each time. Return the number of deleted rows by kind."""
        self._clock.advance(timedelta(hours=1).total_seconds())
        return await run_housekeeping_at(self.database, self._clock.now, log_days=log_days)

    async def list_rows(self) -> list[tuple[int, str]]:
        rows = await self.database.fetch_all(untyped(LIST_LOG), {"of": self.id})
        return [(row["revision"], row["action"]) for row in rows]

    async def get_oldest(self) -> int:
        row = await self.database.fetch_one(untyped(GET_OLDEST), {"of": self.id})
        assert row is not None
        return int(row["oldest_revision"])

    async def compact(self, limit: int) -> int:
        async with self.database.transaction() as transaction:
            return await compact_log(
                transaction,
                self.id,
                oldest=await self.get_oldest(),
                until=self._clock.now - timedelta(days=30),
                limit=limit,
            )


@pytest.fixture
async def log(owner: Client, database: Database, clock: ManualClock) -> WorkspaceLog:
    me = (await owner.get("/auth/me")).json()
    return WorkspaceLog(database, me["personal_workspace_id"], clock)


async def undo(client: Client, revision: int, query: str = "?force=true") -> tuple[int, str]:
    answer = await client.post(f"/api/v1/changes/{revision}/undo{query}")
    return answer.status_code, answer.json().get("code", "")


async def test_changes_within_the_retention_time_are_kept(owner: Client, log: WorkspaceLog) -> None:
    await owner.create_task()
    await log.make_old(end=3)
    assert await log.run_housekeeping(log_days=0) == {}
    assert await log.run_housekeeping(log_days=60) == {}
    assert len(await log.list_rows()) == 3


async def test_changes_after_the_retention_time_are_deleted(
    owner: Client, log: WorkspaceLog
) -> None:
    task = await owner.create_task(title="First")
    await patch(owner, task, title="Second")
    await patch(owner, task, title="Third")
    await log.make_old(end=4)
    assert await log.run_housekeeping() == {"changes": 4}
    assert await log.list_rows() == [(5, "updated")]
    assert await log.get_oldest() == 4
    assert await log.run_housekeeping() == {}
    history = (await owner.get(f"/api/v1/tasks/{task['id']}/history")).json()["items"]
    assert [change["revision"] for change in history] == [5]


async def test_only_kept_changes_are_undoable(owner: Client, log: WorkspaceLog) -> None:
    task = await owner.create_task(title="First")
    batch = await patch(owner, task, title="Second")
    await patch(owner, task, title="Third")
    await log.make_old(end=4)
    await log.run_housekeeping()
    assert await undo(owner, 4) == (410, "log_compacted")
    assert (await owner.post(f"/api/v1/batches/{batch}/undo")).status_code == 404
    assert (await undo(owner, 5, ""))[0] == 200
    assert (await owner.get(f"/api/v1/tasks/{task['id']}")).json()["title"] == "Second"
    # Revision numbers continue after compaction.
    assert (await get_last_change(owner))["revision"] == 6


async def test_deleted_objects_keep_their_last_change(owner: Client, log: WorkspaceLog) -> None:
    tasks: list[Any] = [await owner.create_task() for _ in range(3)]
    for task in tasks:
        await owner.delete(f"/api/v1/tasks/{task['id']}")
    await owner.delete(f"/api/v1/tasks/{tasks[1]['id']}?permanent=true")
    await owner.post(f"/api/v1/tasks/{tasks[2]['id']}/restore")
    trashed = (await owner.get(f"/api/v1/activity?entity={tasks[0]['id']}")).json()["items"][0]
    await log.make_old(end=8)
    await log.run_housekeeping()
    # The third task was restored later, so its row is not the last one.
    assert await log.list_rows() == [(6, "trashed"), (9, "purged"), (10, "restored")]
    assert await undo(owner, 6) == (410, "log_compacted")
    assert (await owner.post(f"/api/v1/batches/{trashed['batch']}/undo")).status_code == 410
    await log.make_old(end=10)
    await log.run_housekeeping()
    assert await log.list_rows() == [(6, "trashed"), (9, "purged")]
    await owner.post(f"/api/v1/tasks/{tasks[0]['id']}/restore")
    await log.make_old(end=11)
    await log.run_housekeeping()
    assert await log.list_rows() == [(9, "purged")]
    assert await log.get_oldest() == 11


async def test_last_compacted_tombstone_is_deleted_when_outdated(
    owner: Client, log: WorkspaceLog
) -> None:
    task = await owner.create_task()
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    await log.make_old(end=4)
    await log.run_housekeeping()
    assert (await log.get_oldest(), await log.list_rows()) == (4, [(4, "trashed")])
    await owner.post(f"/api/v1/tasks/{task['id']}/restore")
    await log.make_old(end=5)
    await log.run_housekeeping()
    assert await log.list_rows() == []


async def test_batches_are_compacted_as_a_whole(owner: Client, log: WorkspaceLog) -> None:
    operations = [{"op": "create", "task": {"title": "x"}} for _ in range(5)]
    for _ in range(2):
        await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    await log.make_old(end=12)
    assert await log.compact(limit=3) == 7, (
        "two changes of the account's creation, and the whole batch"
    )
    assert await log.get_oldest() == 7
    assert await log.compact(limit=5) == 5
    assert await log.compact(limit=5) == 0
    assert await log.get_oldest() == 12


async def test_clock_set_back_leaves_no_gaps_in_the_log(owner: Client, log: WorkspaceLog) -> None:
    for _ in range(3):
        await owner.create_task()
    async with log.database.transaction() as transaction:
        old = SET_TIME.where(changes.c.revision != 4)
        await transaction.execute(old, {"of": log.id, "end": 5, "moment": log.old})
    assert await log.run_housekeeping() == {"changes": 3}
    assert [revision for revision, _ in await log.list_rows()] == [4, 5]


async def test_token_older_than_the_log_returns_410(owner: Client, log: WorkspaceLog) -> None:
    tokens = []
    for _ in range(2):
        tokens.append((await owner.get("/api/v1/changes")).json()["next"])
        await owner.create_task()
    await log.make_old(end=3)
    await log.run_housekeeping()
    statuses = [(await owner.get(f"/api/v1/changes?since={token}")).status_code for token in tokens]
    assert statuses == [410, 200]
