"""World of the change log scenarios: two users, a shared workspace and a replica of it."""

from dataclasses import dataclass
from typing import Any, TypeVar

from taskstead.db.database import Database
from taskstead.domain.principal import Principal
from taskstead.http.app_state import Server
from taskstead.ids import BEFORE_ALL_IDS, make_id
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.queries.labels.categories import list_categories
from taskstead.queries.labels.tags import list_tags
from taskstead.schemas.tasks.tasks import TaskCreate, TaskPatch
from taskstead.schemas.workspaces import WorkspaceCreate
from taskstead.services.accounts.accounts import create_account
from taskstead.services.context import WriteContext
from taskstead.services.tasks.create import create_task
from taskstead.services.tasks.update import update_task
from taskstead.services.workspaces.workspaces import create_workspace
from taskstead.tables.tasks import CountedTaskRow, TaskRow
from tests.harness.client import PASSWORD
from tests.harness.contexts import make_write_context
from tests.integration.log.replica import Replica, check_change_log


@dataclass
class World:
    """Two users in a shared workspace, and a replica built from its log."""

    server: Server
    owner: Principal
    other: Principal
    replica: Replica

    @property
    def database(self) -> Database:
        return self.server.database

    @property
    def ctx(self) -> WriteContext:
        """A new context in which the owner writes."""
        return make_write_context(self.database, self.owner, self.server.clock)

    async def expect(self, count: int) -> None:
        """Check the log against the tables, and the number of changes since the last check."""
        assert await check_change_log(self.database, self.replica) == count

    async def create(self, title: str, **fields: Any) -> CountedTaskRow:
        return await create_task(self.ctx, TaskCreate(title=title, **fields))

    async def patch(self, task: TaskRow, **fields: Any) -> CountedTaskRow:
        return await update_task(self.ctx, task["id"], TaskPatch(**fields))

    async def find_category(self, name: str) -> str:
        rows = await list_categories(
            self.database, self.owner.workspace_id, after=(-1, make_id()), limit=100
        )
        return next(str(row["id"]) for row in rows if row["name"] == name)

    async def find_tag(self, name: str) -> str:
        before_all = ("", BEFORE_ALL_IDS)
        rows = await list_tags(self.database, self.owner.workspace_id, after=before_all, limit=100)
        return next(str(row["id"]) for row in rows if row["name"] == name)


async def get_principal(
    database: Database, email: str, workspace_id: str | None = None
) -> Principal:
    principal = await find_principal_by_email(database, email, workspace_id=workspace_id)
    assert principal is not None
    return principal


AnyWorld = TypeVar("AnyWorld", bound=World)


async def build_world(server: Server, kind: type[AnyWorld]) -> AnyWorld:
    """Create the two users and their workspace."""
    database = server.database
    for email in ("owner@example.com", "other@example.com"):
        await create_account(
            database, server.passwords, email=email, password=PASSWORD, clock=server.clock
        )
    owner = await get_principal(database, "owner@example.com")
    workspace = await create_workspace(
        make_write_context(database, owner, server.clock), WorkspaceCreate(name="Shared")
    )
    return kind(
        server,
        await get_principal(database, "owner@example.com", workspace["id"]),
        await get_principal(database, "other@example.com", workspace["id"]),
        Replica(workspace["id"]),
    )
