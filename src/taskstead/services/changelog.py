"""The change log. Every write to a workspace is a batch, which records one row per change.

The first statement of a batch updates the workspace's row and so locks it until the commit. Writes
to a workspace are therefore serialised, and changes are committed in the order of their revisions.
"""

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import bindparam, insert, update

from taskstead.clock import Clock
from taskstead.db.database import Transaction
from taskstead.db.sql.query import Query
from taskstead.domain.fractional_index import MAX_ORDER_NUMBER, find_order_number, make_order_key
from taskstead.domain.principal import Principal
from taskstead.errors import NotFoundError
from taskstead.ids import make_id
from taskstead.services.context import WriteContext, WrittenBatch
from taskstead.tables.changes import Action, ChangeRow, changes
from taskstead.tables.workspaces import workspaces

Fields = dict[str, tuple[Any, Any]]
"""Changed fields by name: (old value, new value)."""


class AllocationRow(TypedDict):
    """The counters of a workspace after an allocation."""

    revision: int
    last_number: int
    last_place: int


# Allocates one revision, and the numbers and positions of the expected new tasks.
_ALLOCATE = (
    update(workspaces)
    .where(workspaces.c.id == bindparam("workspace"))
    .values(
        revision=workspaces.c.revision + 1,
        last_number=workspaces.c.last_number + bindparam("new_tasks"),
        last_place=workspaces.c.last_place + bindparam("new_tasks"),
    )
    .returning(workspaces.c.revision, workspaces.c.last_number, workspaces.c.last_place)
)
_ALLOCATE_REVISION = Query(AllocationRow, _ALLOCATE)
# A workspace in the trash cannot be changed.
_ALLOCATE_REVISION_IF_LIVE = Query(
    AllocationRow, _ALLOCATE.where(workspaces.c.deleted_at.is_(None))
)
_CORRECT_COUNTERS = (
    update(workspaces)
    .where(workspaces.c.id == bindparam("workspace"))
    .values(
        revision=workspaces.c.revision + bindparam("difference"),
        last_number=bindparam("last_number"),
        last_place=bindparam("last_place"),
    )
)
_INSERT_CHANGE = insert(changes)


@dataclass(slots=True)
class Batch:
    """The changes that one transaction makes to one workspace.

    The workspace's row is locked until the transaction ends.

    Attributes:
        transaction: the open transaction.
        user_id: the acting user; None for the server.
        credential_id: the session or API token of the request, if any.
        first_revision: the revision of the first change of the batch.
        last_number: the highest task number in use, including numbers allocated by this batch.
        last_place: the number of the last position at the end of the manual order, including
            positions allocated by this batch. ``make_order_key`` returns the position.
        stored_counters: ``last_number`` and ``last_place`` as stored in the workspace's row.
        time_zone: the IANA time zone of the acting user, in which days begin and end.
        at: the time of all changes of the batch.
        id: the batch's id in the change log.
        rows: rows of the change log. They are written at the end of the batch.
    """

    transaction: Transaction
    workspace_id: str
    user_id: str | None
    credential_id: str | None
    first_revision: int
    last_number: int
    last_place: int
    stored_counters: tuple[int, int]
    time_zone: str
    at: datetime
    id: str = field(default_factory=make_id)
    rows: list[ChangeRow] = field(default_factory=list)

    def record_change(
        self,
        kind: str,
        entity_id: str,
        action: Action,
        fields: Fields,
        *,
        visible_to: str | None = None,
    ) -> int:
        """Add a change to the batch; return its revision.

        Args:
            kind: the kind of the changed entity.
            entity_id: the entity's id; for a member, the user's id.
            action: the action on the entity.
            fields: the changed fields, with old and new values.
            visible_to: the only user who sees the change; None for all members.
        """
        revision = self.first_revision + len(self.rows)
        self.rows.append(
            {
                "workspace_id": self.workspace_id,
                "revision": revision,
                "kind": kind,
                "entity_id": entity_id,
                "action": action,
                "batch_id": self.id,
                "user_id": self.user_id,
                "credential_id": self.credential_id,
                "at": self.at,
                "visible_to": visible_to,
                "fields": fields,
            }
        )
        return revision

    def allocate_number(self) -> int:
        """Allocate the next task number and return it."""
        self.last_number += 1
        return self.last_number

    def reserve_number(self, number: int) -> None:
        """Mark a number from an import, and all smaller numbers, as used."""
        self.last_number = max(self.last_number, number)

    def get_next_position(self) -> str:
        """Return the position at the end of the manual order, without allocating it."""
        return make_order_key(self.last_place + 1)

    def allocate_position(self) -> str:
        """Allocate the position at the end of the manual order and return it."""
        self.last_place += 1
        return make_order_key(self.last_place)

    def reserve_position(self, position: str) -> None:
        """Mark a position that was not allocated here, and all smaller positions, as used."""
        number = min(find_order_number(position), MAX_ORDER_NUMBER)
        self.last_place = max(self.last_place, number)

    def drop_fields(self, kind: str, entity_ids: Collection[str], names: Collection[str]) -> None:
        """Remove fields from the changes recorded in this batch, before they are written."""
        for row in self.rows:
            if row["kind"] == kind and row["entity_id"] in entity_ids:
                row["fields"] = {
                    name: change for name, change in row["fields"].items() if name not in names
                }


@asynccontextmanager
async def open_batch(
    ctx: WriteContext, *, workspace_id: str | None = None, new_tasks: int = 0
) -> AsyncGenerator[Batch]:
    """Open a batch in a workspace. On exit, the change log is written and the transaction commits.

    The batch is then added to ``ctx.written``.

    Args:
        ctx: the context of the write.
        workspace_id: the workspace to change. The default is the workspace of the principal.
        new_tasks: the expected number of new tasks. The first statement of the batch allocates
            their numbers and positions. If there are more or fewer, it needs one more UPDATE.

    Raises:
        NotFoundError: the workspace does not exist or is in the trash.
    """
    workspace_id = workspace_id or ctx.principal.workspace_id
    async with ctx.database.transaction(workspace_id) as transaction:
        batch = await begin_batch_of(
            ctx.principal, transaction, workspace_id, clock=ctx.clock, new_tasks=new_tasks
        )
        yield batch
        await write_batch(batch)
    ctx.written.append(summarize_batch(batch))


async def begin_batch_of(
    principal: Principal,
    transaction: Transaction,
    workspace_id: str,
    *,
    clock: Clock,
    new_tasks: int = 0,
) -> Batch:
    """Begin a batch of a principal in the caller's transaction; see :func:`begin_batch`."""
    return await begin_batch(
        transaction,
        workspace_id,
        user_id=principal.user_id,
        credential_id=principal.credential_id,
        time_zone=principal.time_zone,
        clock=clock,
        new_tasks=new_tasks,
    )


async def begin_batch(
    transaction: Transaction,
    workspace_id: str,
    *,
    user_id: str | None,
    credential_id: str | None,
    clock: Clock,
    time_zone: str = "UTC",
    new_tasks: int = 0,
    allow_trashed: bool = False,
) -> Batch:
    """Begin a batch in the caller's transaction: lock the workspace and allocate a revision.

    The caller ends the batch with :func:`write_batch` and commits the transaction.

    Args:
        transaction: the open transaction.
        workspace_id: the workspace to change.
        user_id: the acting user; None for the server.
        credential_id: the session or API token used, if any.
        clock: gives the time of the changes.
        time_zone: the IANA time zone of the acting user.
        new_tasks: the expected number of new tasks; see :func:`open_batch`.
        allow_trashed: whether the workspace may be in the trash.

    Raises:
        NotFoundError: the workspace does not exist, or is in the trash and ``allow_trashed`` is
            false.
    """
    allocated = await transaction.fetch_one(
        _ALLOCATE_REVISION if allow_trashed else _ALLOCATE_REVISION_IF_LIVE,
        {"workspace": workspace_id, "new_tasks": new_tasks},
    )
    if allocated is None:
        raise NotFoundError("There is no such workspace.")
    return Batch(
        transaction=transaction,
        workspace_id=workspace_id,
        user_id=user_id,
        credential_id=credential_id,
        first_revision=allocated["revision"],
        last_number=allocated["last_number"] - new_tasks,
        last_place=allocated["last_place"] - new_tasks,
        stored_counters=(allocated["last_number"], allocated["last_place"]),
        time_zone=time_zone,
        # Read after the workspace was locked, so that later revisions have later times.
        at=clock(),
    )


async def write_batch(batch: Batch) -> None:
    """Write the changes of a batch to the change log.

    The first statement of the batch allocated one revision, and numbers and positions for the
    expected new tasks. If the batch used more or fewer, this function corrects the workspace's row.
    A batch without changes restores the previous revision.
    """
    difference = len(batch.rows) - 1
    if difference or (batch.last_number, batch.last_place) != batch.stored_counters:
        await batch.transaction.execute(
            _CORRECT_COUNTERS,
            {
                "workspace": batch.workspace_id,
                "difference": difference,
                "last_number": batch.last_number,
                "last_place": batch.last_place,
            },
        )
    await batch.transaction.execute_many(_INSERT_CHANGE, batch.rows)
    if batch.rows:
        batch.transaction.announce(batch.workspace_id)


def summarize_batch(batch: Batch) -> WrittenBatch:
    """Return the id of a batch and the revision of the workspace after it."""
    revision = batch.first_revision + len(batch.rows) - 1
    return WrittenBatch(batch.workspace_id, batch.id if batch.rows else None, revision)


def list_fields(row: Mapping[str, Any], names: Iterable[str]) -> Fields:
    """Return the fields of a new row as changes from None. Fields that are None are omitted."""
    return {name: (None, row[name]) for name in names if row[name] is not None}
