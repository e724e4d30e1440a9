"""Queries for the memberships of a user. They are used to delete or export the account."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import BindParameter, bindparam, func, or_, select

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.tables.rows import IdRow
from taskstead.tables.users import invitations, users
from taskstead.tables.workspaces import MemberRoleRow, members, workspaces


class MembershipRow(MemberRoleRow):
    """A membership of a user. ``other_owners`` are the owners among the other members."""

    name: str
    is_personal: bool
    deleted_at: datetime | None
    other_members: int
    other_owners: int


class OtherMemberRow(MemberRoleRow):
    """A member of a workspace with the user's e-mail address and name."""

    email: str
    name: str


class _WorkspaceIdRow(TypedDict):
    """The id of a workspace."""

    workspace_id: str


_USER_ID: BindParameter[str] = bindparam("user_id")
_LOCK_USER = Query(IdRow, select(users.c.id).where(users.c.id == _USER_ID).with_for_update())
_LIST_WORKSPACE_IDS = Query(
    _WorkspaceIdRow,
    select(members.c.workspace_id)
    .where(members.c.user_id == _USER_ID)
    .order_by(members.c.workspace_id),
)
_other_members = members.alias("other_members")
_COUNT_OTHERS = (
    select(func.count())
    .where(
        _other_members.c.workspace_id == members.c.workspace_id,
        _other_members.c.user_id != members.c.user_id,
    )
    .correlate(members)
)
_LIST_MEMBERSHIPS = Query(
    MembershipRow,
    select(
        members.c.workspace_id,
        members.c.user_id,
        members.c.role,
        members.c.created_at,
        workspaces.c.name,
        workspaces.c.is_personal,
        workspaces.c.deleted_at,
        _COUNT_OTHERS.scalar_subquery().label("other_members"),
        _COUNT_OTHERS.where(_other_members.c.role == "owner")
        .scalar_subquery()
        .label("other_owners"),
    )
    .join(workspaces, workspaces.c.id == members.c.workspace_id)
    .where(members.c.user_id == _USER_ID)
    .order_by(members.c.workspace_id),
)
_LIST_OTHERS = Query(
    OtherMemberRow,
    select(
        members.c.workspace_id,
        members.c.user_id,
        members.c.role,
        members.c.created_at,
        users.c.email,
        users.c.name,
    )
    .join(users, users.c.id == members.c.user_id)
    .where(is_any_of(members.c.workspace_id, "workspace_ids"), members.c.user_id != _USER_ID)
    .order_by(members.c.workspace_id, members.c.user_id),
)
_LIST_INVITATIONS = Query(
    IdRow,
    select(invitations.c.id).where(
        or_(invitations.c.used_by == _USER_ID, invitations.c.email == bindparam("email"))
    ),
)


async def lock_user(reader: Reader, user_id: str) -> bool:
    """Lock the row of a user until the transaction ends, so that no membership can be added.

    Returns:
        Whether the user exists.
    """
    return await reader.fetch_one(_LOCK_USER, {"user_id": user_id}) is not None


async def list_member_workspace_ids(reader: Reader, user_id: str) -> list[str]:
    """Return the sorted ids of a user's workspaces, including trashed ones."""
    rows = await reader.fetch_all(_LIST_WORKSPACE_IDS, {"user_id": user_id})
    return [row["workspace_id"] for row in rows]


async def list_memberships(reader: Reader, user_id: str) -> list[MembershipRow]:
    """Return a user's memberships, ordered by workspace id, including trashed workspaces."""
    return await reader.fetch_all(_LIST_MEMBERSHIPS, {"user_id": user_id})


async def list_other_members(
    reader: Reader, user_id: str, workspace_ids: Sequence[str]
) -> list[OtherMemberRow]:
    """Return the members of workspaces, except one user, with e-mail address and name."""
    values = {"user_id": user_id, "workspace_ids": list(workspace_ids)}
    return await reader.fetch_all(_LIST_OTHERS, values)


async def list_invitation_ids_of(reader: Reader, user_id: str, email: str) -> list[str]:
    """Return the ids of invitations that a user redeemed or that are for the user's address."""
    rows = await reader.fetch_all(_LIST_INVITATIONS, {"user_id": user_id, "email": email})
    return [row["id"] for row in rows]
