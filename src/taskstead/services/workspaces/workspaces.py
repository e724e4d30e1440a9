"""Workspaces and their members: listing, creation, changes, roles. Deletion is in ``trash.py``."""

from typing import Any

from sqlalchemy import bindparam, delete, insert, update

from taskstead.clock import Clock
from taskstead.db.database import Transaction
from taskstead.domain.principal import Principal
from taskstead.entities.tasks import TASK
from taskstead.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InsufficientRoleError,
    LastOwnerError,
    NameTakenError,
    ValidationFailedError,
)
from taskstead.formats.cursor import CursorCodec, Page, decode_id
from taskstead.ids import BEFORE_ALL_IDS, make_id
from taskstead.queries.accounts.users import find_user_by_email
from taskstead.queries.workspaces.workspaces import (
    count_owners,
    get_member,
    get_workspace,
    list_assigned_task_ids,
    list_member_ids,
    list_members,
    list_trashed_workspaces,
    list_workspaces,
)
from taskstead.schemas.admin.audit import EventKind
from taskstead.schemas.workspaces import MemberAdd, WorkspaceCreate, WorkspacePatch
from taskstead.services.audit import record_event
from taskstead.services.changelog import (
    Batch,
    Fields,
    begin_batch,
    list_fields,
    open_batch,
    summarize_batch,
    write_batch,
)
from taskstead.services.context import ReadContext, WriteContext, WrittenBatch
from taskstead.services.entity_writer import update_rows
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.saved_filters.saved_filters import purge_private_data_in_batch
from taskstead.tables.workspaces import (
    MemberRoleRow,
    MemberRow,
    NamedMemberRow,
    UserWorkspaceRow,
    WorkspaceRow,
    members,
    workspaces,
)

# The fields of a workspace that the change log records. The other columns are derived from the
# change.
LOGGED = ("name", "is_personal", "created_at", "deleted_at")

_INSERT = insert(workspaces)
_RENAME = (
    update(workspaces)
    .where(workspaces.c.id == bindparam("workspace"))
    .values(name=bindparam("name"), updated_at=bindparam("updated_at"))
)
_INSERT_MEMBER = insert(members)
_SET_ROLE = (
    update(members)
    .where(members.c.workspace_id == bindparam("workspace"), members.c.user_id == bindparam("user"))
    .values({name: bindparam(name) for name in ("role", "revision", "updated_at")})
)
_DELETE_MEMBER = delete(members).where(
    members.c.workspace_id == bindparam("workspace"), members.c.user_id == bindparam("user")
)


async def read_workspaces(
    ctx: ReadContext, *, deleted: bool, cursor: str | None, limit: int
) -> Page[UserWorkspaceRow]:
    """Return a page of the workspaces of which the user is a member.

    Args:
        ctx: the context of the request.
        deleted: return the workspaces in the trash that the user owns instead.
        cursor: the cursor of the page; None for the first page.
        limit: the page size.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    cursors = CursorCodec("workspaces in the trash" if deleted else "workspaces", decode_id)
    (after,) = cursors.decode(cursor, BEFORE_ALL_IDS)
    list_rows = list_trashed_workspaces if deleted else list_workspaces
    rows = await list_rows(ctx.database, ctx.principal.user_id, after_id=after, limit=limit + 1)
    return cursors.make_page(rows, limit, lambda row: (row["id"],))


async def read_members(
    ctx: ReadContext, workspace_id: str, *, cursor: str | None, limit: int
) -> Page[NamedMemberRow]:
    """Return a page of the members of a workspace.

    Raises:
        NotFoundError: the workspace does not exist or the user is not a member.
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("members", decode_id)
    (after,) = cursors.decode(cursor, BEFORE_ALL_IDS)
    await get_workspace(ctx.database, ctx.principal.user_id, workspace_id)
    rows = await list_members(ctx.database, workspace_id, after_id=after, limit=limit + 1)
    return cursors.make_page(rows, limit, lambda row: (row["user_id"],))


async def create_workspace(ctx: WriteContext, body: WorkspaceCreate) -> UserWorkspaceRow:
    """Create a workspace owned by the user; return its row with the user's role.

    Raises:
        ForbiddenError: the API token is restricted to one workspace.
    """
    if ctx.principal.bound_workspace_id is not None:
        raise ForbiddenError(
            "This API token is restricted to one workspace and cannot create workspaces."
        )
    workspace_id = make_id()
    async with ctx.database.transaction() as transaction:
        written = await create_workspace_in_transaction(
            transaction,
            workspace_id=workspace_id,
            name=body.name,
            is_personal=False,
            user_id=ctx.principal.user_id,
            credential_id=ctx.principal.credential_id,
            clock=ctx.clock,
        )
        row = await get_workspace(transaction, ctx.principal.user_id, workspace_id)
    ctx.written.append(written)
    return row


async def create_workspace_in_transaction(
    transaction: Transaction,
    *,
    workspace_id: str,
    name: str,
    is_personal: bool,
    user_id: str,
    credential_id: str | None,
    clock: Clock,
) -> WrittenBatch:
    """Create a workspace and its first owner in the caller's transaction; return the batch.

    The change log of the workspace begins with these two changes: the workspace and the member.
    """
    now = clock()
    row: WorkspaceRow = {
        "id": workspace_id,
        "name": name,
        "is_personal": is_personal,
        "revision": 0,
        "oldest_revision": 0,
        "last_number": 0,
        "last_place": 0,
        "created_at": now,
        "updated_at": now,
        "deleted_at": None,
    }
    await transaction.execute(_INSERT, row)
    batch = await begin_batch(
        transaction, workspace_id, user_id=user_id, credential_id=credential_id, clock=clock
    )
    batch.record_change("workspace", workspace_id, "created", list_fields(row, LOGGED))
    await _insert_member(batch, user_id, "owner")
    await write_batch(batch)
    return summarize_batch(batch)


async def update_workspace(
    ctx: WriteContext,
    workspace_id: str,
    body: WorkspacePatch,
    precondition: Precondition = NO_PRECONDITION,
) -> UserWorkspaceRow:
    """Change the fields of a workspace that were sent; return its row with the user's role.

    Raises:
        NotFoundError: there is no such workspace, or the user is not a member.
        InsufficientRoleError: the user is not an owner.
        RevisionMismatchError: its revision does not match the precondition.
    """
    async with open_batch(ctx, workspace_id=workspace_id) as batch:
        workspace = await get_owned_workspace(batch, ctx.principal)
        # The row already has the revision of this batch. The precondition is for the one before.
        old: UserWorkspaceRow = {**workspace, "revision": batch.first_revision - 1}
        check_precondition(precondition, old)
        name = body.list_values().get("name", old["name"])
        if name == old["name"]:
            return old
        batch.record_change("workspace", workspace_id, "updated", {"name": (old["name"], name)})
        values = {"workspace": workspace_id, "name": name, "updated_at": batch.at}
        await batch.transaction.execute(_RENAME, values)
        return await get_workspace(batch.transaction, ctx.principal.user_id, workspace_id)


async def get_owned_workspace(batch: Batch, principal: Principal) -> UserWorkspaceRow:
    """Return the workspace of a batch with the user's role, which must be owner.

    Raises:
        NotFoundError: the user is not a member.
        InsufficientRoleError: the user is not an owner.
    """
    workspace = await get_workspace(batch.transaction, principal.user_id, batch.workspace_id)
    if workspace["role"] != "owner":
        raise InsufficientRoleError("Only an owner of the workspace can do this.")
    return workspace


async def add_member(ctx: WriteContext, workspace_id: str, body: MemberAdd) -> NamedMemberRow:
    """Add an existing user to a workspace, found by e-mail address; return the member.

    Raises:
        NotFoundError: there is no such workspace, or the principal is not a member.
        InsufficientRoleError: the principal is not an owner.
        ValidationFailedError: no account has the address.
        NameTakenError: the user is already a member.
        ConflictError: it is a personal workspace.
    """
    async with open_batch(ctx, workspace_id=workspace_id) as batch:
        workspace = await get_owned_workspace(batch, ctx.principal)
        if workspace["is_personal"]:
            raise ConflictError(
                "A personal workspace cannot be shared. Create another workspace and share that."
            )
        user = await find_user_by_email(batch.transaction, body.email)
        if user is None:
            message = f"No account has the address {body.email}."
            raise ValidationFailedError(message, errors=[FieldError("/email", message, "user")])
        if await list_member_ids(batch.transaction, workspace_id, [user["id"]]):
            raise NameTakenError(f"{body.email} is already a member.")
        await _insert_member(batch, user["id"], body.role)
        await _record_member(batch, ctx.principal, "member.added", user["id"], role=body.role)
        return await get_member(batch.transaction, workspace_id, user["id"])


async def _insert_member(batch: Batch, user_id: str, role: str) -> None:
    fields: Fields = {"role": (None, role), "created_at": (None, batch.at)}
    row: MemberRow = {
        "workspace_id": batch.workspace_id,
        "user_id": user_id,
        "role": role,
        "revision": batch.record_change("member", user_id, "created", fields),
        "created_at": batch.at,
        "updated_at": batch.at,
    }
    await batch.transaction.execute(_INSERT_MEMBER, row)


async def update_member(
    ctx: WriteContext, workspace_id: str, user_id: str, *, role: str
) -> NamedMemberRow:
    """Change the role of a member; return the member.

    Raises:
        NotFoundError: there is no such workspace or member, or the principal is not a member.
        InsufficientRoleError: the principal is not an owner.
        LastOwnerError: the workspace would have no owner.
    """
    async with open_batch(ctx, workspace_id=workspace_id) as batch:
        await get_owned_workspace(batch, ctx.principal)
        old = await get_member(batch.transaction, workspace_id, user_id)
        if old["role"] == role:
            return old
        await _check_owner_remains(batch, old)
        await set_role_in_batch(batch, ctx.principal, old, role)
        return await get_member(batch.transaction, workspace_id, user_id)


async def set_role_in_batch(
    batch: Batch, principal: Principal | None, member: MemberRoleRow, role: str
) -> None:
    """Change the role of a member of the batch's workspace.

    Args:
        batch: the open batch.
        principal: the acting principal; None for the command line.
        member: the member.
        role: the new role.
    """
    user_id, old = member["user_id"], member["role"]
    values = {
        "workspace": batch.workspace_id,
        "user": user_id,
        "role": role,
        "revision": batch.record_change("member", user_id, "updated", {"role": (old, role)}),
        "updated_at": batch.at,
    }
    await batch.transaction.execute(_SET_ROLE, values)
    await _record_member(batch, principal, "member.changed", user_id, old=old, role=role)


async def remove_member(ctx: WriteContext, workspace_id: str, user_id: str) -> None:
    """Remove a member from a workspace and unassign the member's tasks.

    Members can remove themselves.

    Raises:
        NotFoundError: there is no such workspace or member, or the principal is not a member.
        InsufficientRoleError: the principal is neither an owner nor the member.
        LastOwnerError: the workspace would have no owner.
    """
    async with open_batch(ctx, workspace_id=workspace_id) as batch:
        if user_id != ctx.principal.user_id:
            await get_owned_workspace(batch, ctx.principal)
        old = await get_member(batch.transaction, workspace_id, user_id)
        await _check_owner_remains(batch, old)
        await remove_member_in_batch(batch, ctx.principal, old)


async def remove_member_in_batch(
    batch: Batch, principal: Principal | None, member: MemberRoleRow
) -> None:
    """Remove a member from the batch's workspace and unassign the member's tasks.

    The member's own filters are permanently deleted. Shared filters remain.

    Args:
        batch: the open batch.
        principal: the acting principal; None for the command line.
        member: the member.
    """
    user_id = member["user_id"]
    await _unassign_tasks(batch, user_id)
    await purge_private_data_in_batch(batch, user_id)
    fields: Fields = {"role": (member["role"], None), "created_at": (member["created_at"], None)}
    batch.record_change("member", user_id, "purged", fields)
    values = {"workspace": batch.workspace_id, "user": user_id}
    await batch.transaction.execute(_DELETE_MEMBER, values)
    await _record_member(batch, principal, "member.removed", user_id, role=member["role"])


async def _record_member(
    batch: Batch, principal: Principal | None, kind: EventKind, user_id: str, **details: Any
) -> None:
    """Record an event about a member in the audit log."""
    await record_event(
        batch.transaction,
        kind,
        at=batch.at,
        by=principal,
        subject_id=user_id,
        workspace_id=batch.workspace_id,
        **details,
    )


async def _check_owner_remains(batch: Batch, member: MemberRoleRow) -> None:
    if member["role"] != "owner":
        return
    if await count_owners(batch.transaction, batch.workspace_id) == 1:
        raise LastOwnerError("This is the last owner. Make another member an owner first.")


async def _unassign_tasks(batch: Batch, user_id: str) -> None:
    task_ids = await list_assigned_task_ids(batch.transaction, batch.workspace_id, user_id)
    unassigned = {"assignee_id": None}
    updates = [({"id": task_id, "assignee_id": user_id}, unassigned) for task_id in task_ids]
    await update_rows(batch, TASK, updates)
