"""Queries for workspaces and their members."""

import re
from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import BigInteger, Text, and_, bindparam, func, or_, select

from taskstead.db.database import Reader, RevisionRow
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.errors import NotFoundError
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.tables.rows import CountRow, IdRow
from taskstead.tables.tasks import tasks
from taskstead.tables.users import users
from taskstead.tables.workspaces import NamedMemberRow, UserWorkspaceRow, members, workspaces


class _UserIdRow(TypedDict):
    """The id of a user."""

    user_id: str


GET_REVISION = Query(
    RevisionRow, select(workspaces.c.revision).where(workspaces.c.id == bindparam("workspace_id"))
)
_SELECT_WITH_ROLE = select(*workspaces.c, members.c.role).join(
    members,
    and_(members.c.workspace_id == workspaces.c.id, members.c.user_id == bindparam("user_id")),
)
_IS_LIVE = workspaces.c.deleted_at.is_(None)
_SELECT_WORKSPACE = _SELECT_WITH_ROLE.where(workspaces.c.id == bindparam("workspace_id"))
_FIND_WORKSPACE = Query(UserWorkspaceRow, _SELECT_WORKSPACE)
_GET_LIVE = Query(UserWorkspaceRow, _SELECT_WORKSPACE.where(_IS_LIVE))
_LIST_LIVE = Query(
    UserWorkspaceRow,
    _SELECT_WITH_ROLE.where(workspaces.c.id > bindparam("after_id"), _IS_LIVE)
    .order_by(workspaces.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_LIST_TRASHED = Query(
    UserWorkspaceRow,
    _SELECT_WITH_ROLE.where(
        workspaces.c.id > bindparam("after_id"),
        workspaces.c.deleted_at.is_not(None),
        members.c.role == "owner",
    )
    .order_by(workspaces.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_SELECT_MEMBERS = (
    select(*members.c, users.c.email, users.c.name)
    .join(users, users.c.id == members.c.user_id)
    .where(members.c.workspace_id == bindparam("workspace_id"))
)
_GET_MEMBER = Query(
    NamedMemberRow, _SELECT_MEMBERS.where(members.c.user_id == bindparam("user_id"))
)
_LIST_MEMBERS = Query(
    NamedMemberRow,
    _SELECT_MEMBERS.where(members.c.user_id > bindparam("after_id"))
    .order_by(members.c.user_id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_LIST_MEMBER_IDS = Query(
    _UserIdRow,
    select(members.c.user_id).where(
        members.c.workspace_id == bindparam("workspace_id"),
        is_any_of(members.c.user_id, "user_ids"),
    ),
)
_FIND_MEMBERS_BY_NAME = Query(
    NamedMemberRow,
    _SELECT_MEMBERS.where(
        or_(
            is_any_of(func.lower(users.c.name, type_=Text), "names"),
            users.c.email == bindparam("email"),
            users.c.email.like(bindparam("pattern", type_=Text), escape="/"),
        )
    )
    .order_by(members.c.user_id)
    .limit(2),
)
_COUNT_OWNERS = Query(
    CountRow,
    select(func.count().label("count")).where(
        members.c.workspace_id == bindparam("workspace_id"), members.c.role == "owner"
    ),
)
_LIST_ASSIGNED = Query(
    IdRow,
    select(tasks.c.id)
    .where(
        tasks.c.workspace_id == bindparam("workspace_id"),
        tasks.c.assignee_id == bindparam("user_id"),
    )
    .order_by(tasks.c.number),
)


async def get_workspace(reader: Reader, user_id: str, workspace_id: str) -> UserWorkspaceRow:
    """Return a workspace with the user's role in it.

    Raises:
        NotFoundError: there is no such workspace, or the user is not a member of it.
    """
    row = await reader.fetch_one(_GET_LIVE, {"user_id": user_id, "workspace_id": workspace_id})
    if row is None:
        raise NotFoundError(f"There is no workspace {workspace_id} that you are a member of.")
    return row


async def find_workspace(
    reader: Reader, user_id: str, workspace_id: str
) -> UserWorkspaceRow | None:
    """Return a workspace, live or trashed, with the user's role; None if not a member."""
    return await reader.fetch_one(
        _FIND_WORKSPACE, {"user_id": user_id, "workspace_id": workspace_id}
    )


async def list_workspaces(
    reader: Reader, user_id: str, *, after_id: str = BEFORE_ALL_IDS, limit: int
) -> list[UserWorkspaceRow]:
    """Return the live workspaces of a user, with the user's role, oldest first."""
    return await reader.fetch_all(
        _LIST_LIVE, {"user_id": user_id, "after_id": after_id, "limit": limit}
    )


async def list_trashed_workspaces(
    reader: Reader, user_id: str, *, after_id: str = BEFORE_ALL_IDS, limit: int
) -> list[UserWorkspaceRow]:
    """Return the trashed workspaces that a user owns, oldest first."""
    return await reader.fetch_all(
        _LIST_TRASHED, {"user_id": user_id, "after_id": after_id, "limit": limit}
    )


async def get_member(reader: Reader, workspace_id: str, user_id: str) -> NamedMemberRow:
    """Return a member with e-mail address and name.

    Raises:
        NotFoundError: the workspace has no such member.
    """
    row = await reader.fetch_one(_GET_MEMBER, {"workspace_id": workspace_id, "user_id": user_id})
    if row is None:
        raise NotFoundError(f"The workspace has no member {user_id}.")
    return row


async def list_members(
    reader: Reader, workspace_id: str, *, after_id: str = BEFORE_ALL_IDS, limit: int
) -> list[NamedMemberRow]:
    """Return the members of a workspace with e-mail address and name, oldest account first."""
    return await reader.fetch_all(
        _LIST_MEMBERS, {"workspace_id": workspace_id, "after_id": after_id, "limit": limit}
    )


async def find_members_by_name(
    reader: Reader, workspace_id: str, name: str
) -> list[NamedMemberRow]:
    """Return up to two members with this name, e-mail address or local part of the address.

    Upper and lower case are equal.
    """
    # On SQLite, lower() changes only ASCII letters, so the others are compared in three ways.
    spellings = (name.lower(), name.title(), name.upper())
    names = sorted({name.lower(), *(_lower_ascii(spelling) for spelling in spellings)})
    escaped = re.sub("([/%_])", r"/\1", name.lower())
    values = {
        "workspace_id": workspace_id,
        "names": names,
        "email": name.lower(),
        "pattern": f"{escaped}@%",
    }
    return await reader.fetch_all(_FIND_MEMBERS_BY_NAME, values)


def _lower_ascii(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


async def list_member_ids(reader: Reader, workspace_id: str, user_ids: Sequence[str]) -> set[str]:
    """Return the ids of the given users who are members of the workspace."""
    rows = await reader.fetch_all(
        _LIST_MEMBER_IDS, {"workspace_id": workspace_id, "user_ids": list(user_ids)}
    )
    return {row["user_id"] for row in rows}


async def count_owners(reader: Reader, workspace_id: str) -> int:
    """Return the number of owners of a workspace."""
    row = await reader.fetch_one(_COUNT_OWNERS, {"workspace_id": workspace_id})
    return 0 if row is None else row["count"]


async def list_assigned_task_ids(reader: Reader, workspace_id: str, user_id: str) -> list[str]:
    """Return the ids of the tasks assigned to a member, including trashed ones."""
    rows = await reader.fetch_all(
        _LIST_ASSIGNED, {"workspace_id": workspace_id, "user_id": user_id}
    )
    return [row["id"] for row in rows]
