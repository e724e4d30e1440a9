"""The log of changes: how every write to a workspace takes its revisions and leaves its record.

A batch holds the workspace's row from its first statement on, so writes to one workspace happen
one after another and the order of revisions is the order of commits.
"""

from collections.abc import AsyncGenerator, Collection, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, update

from taskstead.clock import get_now
from taskstead.db.database import Database, Transaction
from taskstead.db.statements import Row
from taskstead.errors import NotFoundError
from taskstead.ids import make_id
from taskstead.queries.principals import Principal
from taskstead.schemas.ordering import MAX_ORDER_NUMBER, find_order_number, make_order_key
from taskstead.tables.changes import changes
from taskstead.tables.workspaces import workspaces

Kind = Literal["workspace", "member", "category", "tag", "task"]
Action = Literal["created", "updated", "trashed", "restored", "purged"]
Fields = dict[str, tuple[Any, Any]]

_TAKE_ANY_REVISION = (
    update(workspaces)
    .where(workspaces.c.id == bindparam("workspace"))
    .values(
        revision=workspaces.c.revision + 1,
        last_number=workspaces.c.last_number + bindparam("new_tasks"),
        last_place=workspaces.c.last_place + bindparam("new_tasks"),
    )
    .returning(workspaces.c.revision, workspaces.c.last_number, workspaces.c.last_place)
)
# Nothing is written to a workspace in the trash.
_TAKE_REVISION = _TAKE_ANY_REVISION.where(workspaces.c.deleted_at.is_(None))
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
    """The changes of one request to one workspace, inside the transaction that makes them.

    Attributes:
        transaction: runs the statements that change the rows.
        id: the batch's id in the log.
        at: the time of all its changes.
        last_number: the highest task number in use, including those this batch has given out.
        last_place: the same for positions: the greatest whole number that one begins with.
        stored_counters: ``last_number`` and ``last_place`` as the workspace's row has them now.
    """

    transaction: Transaction
    workspace_id: str
    user_id: str | None
    credential_id: str | None
    first_revision: int
    last_number: int
    last_place: int
    stored_counters: tuple[int, int]
    id: str = field(default_factory=make_id)
    at: datetime = field(default_factory=get_now)
    rows: list[Row] = field(default_factory=list)

    def record_change(
        self, kind: Kind, entity_id: str, action: Action, fields: Mapping[str, tuple[Any, Any]]
    ) -> int:
        """Note a change, to be written with the batch; return its revision.

        Args:
            kind: what was changed.
            entity_id: its id; a member's is the user's.
            action: what was done to it.
            fields: the changed fields with their old and new values.
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
                "fields": fields,
            }
        )
        return revision

    def take_number(self) -> int:
        """Return the next free task number; it is in use from now on."""
        self.last_number += 1
        return self.last_number

    def reserve_number(self, number: int) -> None:
        """Mark a number that comes from elsewhere, and all smaller ones, as in use."""
        self.last_number = max(self.last_number, number)

    def get_next_position(self) -> str:
        """Return the position that the next new task will get: after all that are in use."""
        return make_order_key(self.last_place + 1)

    def take_position(self) -> str:
        """Return the next position; it is in use from now on."""
        self.last_place += 1
        return make_order_key(self.last_place)

    def reserve_position(self, position: str) -> None:
        """Mark a position that comes from elsewhere, and all smaller ones, as in use."""
        place = min(find_order_number(position), MAX_ORDER_NUMBER)
        self.last_place = max(self.last_place, place)

    def drop_fields(self, kind: Kind, entity_ids: Collection[str], names: Collection[str]) -> None:
        """Take fields out of the changes noted so far, which are not in the log yet."""
        for row in self.rows:
            if row["kind"] == kind and row["entity_id"] in entity_ids:
                row["fields"] = {
                    name: change for name, change in row["fields"].items() if name not in names
                }


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """A batch after its changes were written to the log.

    Attributes:
        id: None if nothing was changed.
        revision: the workspace's revision after the batch.
    """

    workspace_id: str
    id: str | None
    revision: int


_collected: ContextVar[list[WrittenBatch] | None] = ContextVar("collected_batches", default=None)


@contextmanager
def collect_batches() -> Generator[list[WrittenBatch]]:
    """Collect the batches that are written inside the block, in order."""
    batches: list[WrittenBatch] = []
    token = _collected.set(batches)
    try:
        yield batches
    finally:
        _collected.reset(token)


@asynccontextmanager
async def open_batch(
    database: Database, principal: Principal, *, workspace_id: str | None = None, new_tasks: int = 0
) -> AsyncGenerator[Batch]:
    """Begin a batch in a workspace; leaving the block writes the log and commits.

    Args:
        database: the application's database.
        principal: who; their current workspace is the default for the next.
        workspace_id: the workspace that is changed.
        new_tasks: how many tasks it is going to create, whose numbers and positions are then
            taken by the batch's first statement; others cost a statement at its end.

    Raises:
        NotFoundError: there is no such workspace (any more).
    """
    workspace_id = workspace_id or principal.workspace_id
    async with database.transaction(workspace_id) as transaction:
        batch = await begin_batch(
            transaction,
            workspace_id,
            user_id=principal.user_id,
            credential_id=principal.credential_id,
            new_tasks=new_tasks,
        )
        yield batch
        await write_batch(batch)


async def begin_batch(
    transaction: Transaction,
    workspace_id: str,
    *,
    user_id: str | None,
    credential_id: str | None,
    new_tasks: int = 0,
    in_trash: bool = False,
) -> Batch:
    """Take the workspace's row and its next revision, within a transaction under way.

    Args:
        transaction: the open transaction.
        workspace_id: the workspace that is changed.
        user_id: who changes it; None for the server itself.
        credential_id: through which session or API token; None without one.
        new_tasks: how many tasks to take numbers and places for.
        in_trash: whether it may also be a workspace in the trash.

    Raises:
        NotFoundError: there is no such workspace (any more).
    """
    taken = await transaction.fetch_one(
        _TAKE_ANY_REVISION if in_trash else _TAKE_REVISION,
        {"workspace": workspace_id, "new_tasks": new_tasks},
    )
    if taken is None:
        raise NotFoundError("There is no such workspace.")
    return Batch(
        transaction=transaction,
        workspace_id=workspace_id,
        user_id=user_id,
        credential_id=credential_id,
        first_revision=taken["revision"],
        last_number=taken["last_number"] - new_tasks,
        last_place=taken["last_place"] - new_tasks,
        stored_counters=(taken["last_number"], taken["last_place"]),
    )


async def write_batch(batch: Batch) -> None:
    """Write the noted changes to the log; with none, the revision goes back to what it was.

    The workspace's row is corrected where the batch's first statement could not know how many
    changes, numbers and positions there would be.
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
    collected = _collected.get()
    if collected is not None:
        collected.append(get_written_batch(batch))


def get_written_batch(batch: Batch) -> WrittenBatch:
    """Return the id of a batch and the revision that it leaves the workspace at."""
    revision = batch.first_revision + len(batch.rows) - 1
    return WrittenBatch(batch.workspace_id, batch.id if batch.rows else None, revision)


def compare_rows(old: Mapping[str, Any], new: Mapping[str, Any], names: Iterable[str]) -> Fields:
    """Return the fields that differ between two rows, with their old and new values."""
    return {name: (old[name], new[name]) for name in names if old[name] != new[name]}


def classify_change(old: Mapping[str, Any], new: Mapping[str, Any]) -> Action:
    """Return what was done to a row that can be trashed."""
    if old["deleted_at"] == new["deleted_at"]:
        return "updated"
    return "restored" if new["deleted_at"] is None else "trashed"


def list_fields(row: Mapping[str, Any], names: Iterable[str]) -> Fields:
    """Return the fields of a new row as changes from nothing; what is None is left out."""
    return {name: (None, row[name]) for name in names if row[name] is not None}
