"""Deleting workspaces: into the trash, out of it again, and for good.

A workspace in the trash (``workspaces.deleted_at``) is gone for its members at once: it gives
nobody a role, and no batch can be opened in it. Its owners can restore it. When its time is over it
loses its members, from when on nobody can restore it, and is then purged in chunks.
"""

from collections.abc import MutableMapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, update

from taskstead.db.database import Database, Transaction
from taskstead.db.expressions import is_any_of
from taskstead.db.statements import Row
from taskstead.errors import (
    ConflictError,
    FieldError,
    InsufficientRoleError,
    NotFoundError,
    ValidationFailedError,
)
from taskstead.queries.principals import Principal
from taskstead.queries.workspace_trash import find_end_of_oldest_changes, list_tasks_to_purge
from taskstead.queries.workspaces import AFTER_ALL_IDS, find_workspace, get_workspace
from taskstead.schemas.audit import EventKind
from taskstead.schemas.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.audit import record_event
from taskstead.services.changes import Batch, begin_batch, write_batch
from taskstead.services.search import forget_tasks_of
from taskstead.services.workspaces import get_own_workspace
from taskstead.tables.changes import changes
from taskstead.tables.jobs import jobs
from taskstead.tables.tasks import tasks
from taskstead.tables.tokens import api_tokens
from taskstead.tables.workspaces import members, workspaces

_LOG_CHUNK = 2000

_SET_DELETED = (
    update(workspaces)
    .where(workspaces.c.id == bindparam("workspace"))
    .values(deleted_at=bindparam("deleted_at"), updated_at=bindparam("updated_at"))
)
_TAKE_OUT = (
    update(workspaces)
    .where(
        workspaces.c.id == bindparam("workspace"),
        workspaces.c.deleted_at == bindparam("old"),
    )
    .values(deleted_at=None)
)
# Changes nothing; it locks the row against a restore.
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


async def trash_workspace(
    database: Database,
    principal: Principal,
    workspace_id: str,
    *,
    name: str,
    precondition: Precondition = NO_PRECONDITION,
) -> None:
    """Put a workspace into the trash. For an owner who has done so already, nothing happens.

    Args:
        database: the application's database.
        principal: an owner.
        workspace_id: which one.
        name: the workspace's, to make sure that it is the one that is meant.
        precondition: the revision that it has to be at.

    Raises:
        NotFoundError: there is no such workspace, or the principal is not a member.
        InsufficientRoleError: the principal is not an owner.
        ConflictError: it is a personal one.
        ValidationFailedError: it has another name.
        RevisionMismatchError: it is not at the revision that the precondition names.
    """
    async with database.transaction() as transaction:
        found = await find_workspace(transaction, principal.user_id, workspace_id)
        if found and found["deleted_at"] is not None and found["role"] == "owner":
            return
        batch = await begin_batch(
            transaction,
            workspace_id,
            user_id=principal.user_id,
            credential_id=principal.credential_id,
        )
        old = await get_own_workspace(batch, principal)
        # The batch has taken the next revision already.
        check_precondition(precondition, {**old, "revision": batch.first_revision - 1})
        if old["is_personal"]:
            raise ConflictError("A personal workspace is deleted with its account only.")
        if name != old["name"]:
            message = "This is not the name of the workspace; repeat it to delete the workspace."
            wrong = FieldError("query/name", message, "name_mismatch")
            raise ValidationFailedError(message, errors=[wrong])
        await trash_workspace_in_batch(batch)
        await _record_workspace(transaction, principal, "workspace.deleted", old)
        await write_batch(batch)


async def trash_workspace_in_batch(batch: Batch) -> None:
    """Put the workspace of a batch into the trash."""
    batch.record_change(
        "workspace", batch.workspace_id, "trashed", {"deleted_at": (None, batch.at)}
    )
    values = {"workspace": batch.workspace_id, "deleted_at": batch.at, "updated_at": batch.at}
    await batch.transaction.execute(_SET_DELETED, values)


async def restore_workspace(database: Database, principal: Principal, workspace_id: str) -> Row:
    """Bring a workspace back from the trash; return it. One that is not there stays as it is.

    Raises:
        NotFoundError: there is no such workspace, or the principal does not own it.
        InsufficientRoleError: it is not in the trash, and the principal is not an owner.
    """
    async with database.transaction() as transaction:
        old = await find_workspace(transaction, principal.user_id, workspace_id)
        if old is None or (old["deleted_at"] is not None and old["role"] != "owner"):
            raise NotFoundError(f"There is no workspace {workspace_id} that you own.")
        if old["role"] != "owner":
            raise InsufficientRoleError("Only an owner of the workspace can do this.")
        out = {"workspace": workspace_id, "old": old["deleted_at"]}
        is_restored = old["deleted_at"] and await transaction.execute(_TAKE_OUT, out)
        batch = await begin_batch(
            transaction,
            workspace_id,
            user_id=principal.user_id,
            credential_id=principal.credential_id,
        )
        if is_restored:
            fields = {"deleted_at": (old["deleted_at"], None)}
            batch.record_change("workspace", workspace_id, "restored", fields)
            values = {"workspace": workspace_id, "deleted_at": None, "updated_at": batch.at}
            await transaction.execute(_SET_DELETED, values)
            await _record_workspace(transaction, principal, "workspace.restored", old)
        await write_batch(batch)
        # Read again: its members may have been removed since the first read, to purge it.
        return await get_workspace(transaction, principal.user_id, workspace_id)


async def _record_workspace(
    transaction: Transaction, principal: Principal, kind: EventKind, workspace: Row
) -> None:
    await record_event(transaction, kind, by=principal, subject_id=workspace["id"])


async def abandon_workspace(
    transaction: Transaction, workspace_id: str, *, until: datetime
) -> None:
    """Remove the members of a workspace that was trashed until then: now it can be purged."""
    values = {"workspace": workspace_id, "until": until}
    if await transaction.execute(_LOCK_EXPIRED, values):
        await transaction.execute(_DELETE_MEMBERS, values)


async def purge_part_of_workspace(
    transaction: Transaction, workspace_id: str, cursor: MutableMapping[str, Any], *, limit: int
) -> tuple[str, int]:
    """Delete some of what is left in an abandoned workspace, at last the workspace.

    A task can be deleted once it has no sub-tasks. So the tasks are walked by id, as often as their
    trees have levels, and each chunk reads at most ``limit`` of them.

    Args:
        transaction: the open transaction.
        workspace_id: the workspace.
        cursor: where the walk goes on, stored with the transaction; an empty one begins it.
        limit: how many tasks to look at.

    Returns:
        What was deleted (``tasks``, ``changes`` or ``workspaces``), and how many.
    """
    before_id = cursor.get("before_id") if cursor.get("workspace_id") == workspace_id else None
    found = await list_tasks_to_purge(
        transaction, workspace_id, before_id=before_id or AFTER_ALL_IDS, limit=limit
    )
    if found or before_id:
        last_id = found[-1]["id"] if len(found) == limit else None
        cursor.update(workspace_id=workspace_id, before_id=last_id)
        ids = [row["id"] for row in found if row["is_leaf"]]
        return "tasks", await _delete_tasks(transaction, workspace_id, ids)
    end = await find_end_of_oldest_changes(transaction, workspace_id, limit=_LOG_CHUNK)
    if end is not None:
        values = {"workspace": workspace_id, "end": end}
        return "changes", await transaction.execute(_DELETE_CHANGES, values)
    # What is left goes with it by foreign keys.
    for statement in (_DELETE_JOBS, _DELETE_TOKENS, _DELETE_WORKSPACE):
        await transaction.execute(statement, {"workspace": workspace_id})
    return "workspaces", 1


async def _delete_tasks(transaction: Transaction, workspace_id: str, ids: list[str]) -> int:
    if not ids:
        return 0
    await forget_tasks_of(transaction, workspace_id, ids)
    return await transaction.execute(_DELETE_TASKS, {"workspace": workspace_id, "ids": ids})
