"""Deletion of workspaces: trash, restore and purge.

In a trashed workspace (``workspaces.deleted_at`` is set) nobody has a role, and its data cannot be
read or changed. Its owners can restore it. When its time in the trash is over, its members are
removed, so that nobody can restore it. It is then abandoned, and housekeeping purges it in chunks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, update

from taskstead.db.database import Transaction
from taskstead.db.sql.functions import is_any_of
from taskstead.domain.principal import Principal
from taskstead.errors import (
    ConflictError,
    FieldError,
    InsufficientRoleError,
    NotFoundError,
    ValidationFailedError,
)
from taskstead.ids import AFTER_ALL_IDS
from taskstead.queries.workspaces.trash import find_end_of_oldest_changes, list_tasks_to_purge
from taskstead.queries.workspaces.workspaces import find_workspace, get_workspace
from taskstead.schemas.admin.audit import EventKind
from taskstead.services.audit import record_event
from taskstead.services.changelog import Batch, begin_batch_of, summarize_batch, write_batch
from taskstead.services.context import WriteContext
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.search.index import remove_from_index
from taskstead.services.workspaces.workspaces import get_owned_workspace
from taskstead.tables.changes import changes
from taskstead.tables.jobs import jobs
from taskstead.tables.tasks import tasks
from taskstead.tables.tokens import api_tokens
from taskstead.tables.workspaces import UserWorkspaceRow, members, workspaces

_LOG_CHUNK = 2000

_SET_DELETED = (
    update(workspaces)
    .where(workspaces.c.id == bindparam("workspace"))
    .values(deleted_at=bindparam("deleted_at"), updated_at=bindparam("updated_at"))
)
_RESTORE = (
    update(workspaces)
    .where(
        workspaces.c.id == bindparam("workspace"),
        workspaces.c.deleted_at == bindparam("old"),
    )
    .values(deleted_at=None)
)
# Writes the same value, to lock the row against a concurrent restore.
_LOCK_EXPIRED = (
    update(workspaces)
    .where(workspaces.c.id == bindparam("workspace"), workspaces.c.deleted_at <= bindparam("until"))
    .values(deleted_at=workspaces.c.deleted_at)
)
_DELETE_MEMBERS = delete(members).where(members.c.workspace_id == bindparam("workspace"))
_DELETE_TASKS = delete(tasks).where(
    tasks.c.workspace_id == bindparam("workspace"), is_any_of(tasks.c.id, "ids")
)
_DELETE_CHANGES = delete(changes).where(
    changes.c.workspace_id == bindparam("workspace"), changes.c.revision <= bindparam("end")
)
_DELETE_JOBS = delete(jobs).where(jobs.c.workspace_id == bindparam("workspace"))
_DELETE_TOKENS = delete(api_tokens).where(api_tokens.c.workspace_id == bindparam("workspace"))
_DELETE_WORKSPACE = delete(workspaces).where(workspaces.c.id == bindparam("workspace"))


@dataclass(frozen=True, slots=True)
class PurgedPart:
    """A deleted chunk of an abandoned workspace.

    Attributes:
        kind: the kind of the deleted rows: ``tasks``, ``changes`` or ``workspaces``.
        count: number of deleted rows.
        cursor: start of the next chunk. The caller stores it in the transaction of the chunk.
    """

    kind: str
    count: int
    cursor: dict[str, Any]


async def trash_workspace(
    ctx: WriteContext,
    workspace_id: str,
    *,
    name: str,
    precondition: Precondition = NO_PRECONDITION,
) -> None:
    """Move a workspace to the trash. A trashed workspace is not changed.

    Args:
        ctx: the context of the request.
        workspace_id: the workspace's id.
        name: the workspace's name, as a confirmation.
        precondition: the required revision, if any.

    Raises:
        NotFoundError: there is no such workspace, or the principal is not a member.
        InsufficientRoleError: the principal is not an owner.
        ConflictError: it is a personal workspace.
        ValidationFailedError: ``name`` is not its name.
        RevisionMismatchError: its revision does not match the precondition.
    """
    async with ctx.database.transaction() as transaction:
        found = await find_workspace(transaction, ctx.principal.user_id, workspace_id)
        if found and found["deleted_at"] is not None and found["role"] == "owner":
            return
        batch = await begin_batch_of(ctx.principal, transaction, workspace_id, clock=ctx.clock)
        old = await get_owned_workspace(batch, ctx.principal)
        # The row already has the revision of this batch. The precondition is for the one before.
        check_precondition(precondition, {"revision": batch.first_revision - 1})
        if old["is_personal"]:
            raise ConflictError("A personal workspace can only be deleted with its account.")
        if name != old["name"]:
            message = "This is not the workspace's name. Repeat the name to confirm the deletion."
            field_error = FieldError("query/name", message, "name_mismatch")
            raise ValidationFailedError(message, errors=[field_error])
        await trash_workspace_in_batch(batch)
        await _record_workspace(batch, ctx.principal, "workspace.deleted")
        await write_batch(batch)
    ctx.written.append(summarize_batch(batch))


async def trash_workspace_in_batch(batch: Batch) -> None:
    """Move the workspace of a batch to the trash."""
    batch.record_change(
        "workspace", batch.workspace_id, "trashed", {"deleted_at": (None, batch.at)}
    )
    values = {"workspace": batch.workspace_id, "deleted_at": batch.at, "updated_at": batch.at}
    await batch.transaction.execute(_SET_DELETED, values)


async def restore_workspace(ctx: WriteContext, workspace_id: str) -> UserWorkspaceRow:
    """Restore a workspace from the trash; return it. A live workspace is not changed.

    Raises:
        NotFoundError: there is no such workspace, the principal is not a member, or it is in the
            trash and the principal is not an owner.
        InsufficientRoleError: it is not in the trash, and the principal is not an owner.
    """
    async with ctx.database.transaction() as transaction:
        old = await find_workspace(transaction, ctx.principal.user_id, workspace_id)
        if old is None or (old["deleted_at"] is not None and old["role"] != "owner"):
            raise NotFoundError(f"There is no workspace {workspace_id} that you own.")
        if old["role"] != "owner":
            raise InsufficientRoleError("Only an owner of the workspace can do this.")
        key = {"workspace": workspace_id, "old": old["deleted_at"]}
        is_restored = old["deleted_at"] and await transaction.execute(_RESTORE, key)
        batch = await begin_batch_of(ctx.principal, transaction, workspace_id, clock=ctx.clock)
        if is_restored:
            fields = {"deleted_at": (old["deleted_at"], None)}
            batch.record_change("workspace", workspace_id, "restored", fields)
            values = {"workspace": workspace_id, "deleted_at": None, "updated_at": batch.at}
            await transaction.execute(_SET_DELETED, values)
            await _record_workspace(batch, ctx.principal, "workspace.restored")
        await write_batch(batch)
        # Read again, because housekeeping may have removed the members after the first read.
        row = await get_workspace(transaction, ctx.principal.user_id, workspace_id)
    ctx.written.append(summarize_batch(batch))
    return row


async def _record_workspace(batch: Batch, principal: Principal, kind: EventKind) -> None:
    await record_event(
        batch.transaction, kind, at=batch.at, by=principal, subject_id=batch.workspace_id
    )


async def abandon_workspace(
    transaction: Transaction, workspace_id: str, *, until: datetime
) -> None:
    """Remove the members of a workspace trashed at or before ``until``, so that it is purged.

    A workspace that was restored is not changed.
    """
    values = {"workspace": workspace_id, "until": until}
    if await transaction.execute(_LOCK_EXPIRED, values):
        await transaction.execute(_DELETE_MEMBERS, values)


async def purge_part_of_workspace(
    transaction: Transaction, workspace_id: str, cursor: Mapping[str, Any], *, limit: int
) -> PurgedPart:
    """Delete a chunk of an abandoned workspace: its tasks, then its log, then the workspace.

    Only tasks without sub-tasks can be deleted. So all tasks are scanned by descending id, several
    times if necessary, but at most once for each level of the task trees. A chunk reads at most
    ``limit`` tasks.

    Args:
        transaction: the open transaction.
        workspace_id: the workspace's id.
        cursor: the cursor of the previous chunk; empty for the first chunk.
        limit: maximum number of tasks to read.
    """
    before_id = cursor.get("before_id") if cursor.get("workspace_id") == workspace_id else None
    found = await list_tasks_to_purge(
        transaction, workspace_id, before_id=before_id or AFTER_ALL_IDS, limit=limit
    )
    if found or before_id:
        last_id = found[-1]["id"] if len(found) == limit else None
        ids = [row["id"] for row in found if row["is_leaf"]]
        count = await _delete_tasks(transaction, workspace_id, ids)
        return PurgedPart("tasks", count, {"workspace_id": workspace_id, "before_id": last_id})
    end = await find_end_of_oldest_changes(transaction, workspace_id, limit=_LOG_CHUNK)
    if end is not None:
        values = {"workspace": workspace_id, "end": end}
        return PurgedPart("changes", await transaction.execute(_DELETE_CHANGES, values), {})
    # Foreign keys delete the remaining rows with the workspace.
    for statement in (_DELETE_JOBS, _DELETE_TOKENS, _DELETE_WORKSPACE):
        await transaction.execute(statement, {"workspace": workspace_id})
    return PurgedPart("workspaces", 1, {})


async def _delete_tasks(transaction: Transaction, workspace_id: str, ids: list[str]) -> int:
    if not ids:
        return 0
    await remove_from_index(transaction, workspace_id, ids)
    return await transaction.execute(_DELETE_TASKS, {"workspace": workspace_id, "ids": ids})
