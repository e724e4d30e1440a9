"""Queries for users, their passwords and invitations."""

import re
from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, Text, and_, bindparam, func, or_, select

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query
from taskstead.errors import NotFoundError
from taskstead.tables.rows import IdRow
from taskstead.tables.users import InvitationRow, UserRow, credentials, invitations, users


class PasswordRow(TypedDict):
    """A user with their password hash, which is None if the user has no password."""

    id: str
    email: str
    disabled_at: datetime | None
    secret: str | None


_GET_USER = Query(UserRow, select(users).where(users.c.id == bindparam("user_id")))
_GET_BY_EMAIL = Query(UserRow, select(users).where(users.c.email == bindparam("email")))
_LIST_USERS = Query(
    UserRow,
    select(users)
    .where(users.c.id > bindparam("after_id"))
    .order_by(users.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_PATTERN = bindparam("pattern", type_=Text)
_SEARCH_USERS = Query(
    UserRow,
    select(users)
    .where(
        users.c.id > bindparam("after_id"),
        or_(
            users.c.email.like(_PATTERN, escape="/"),
            func.lower(users.c.name).like(_PATTERN, escape="/"),
        ),
    )
    .order_by(users.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_FIND_OTHER_ADMINISTRATOR = Query(
    IdRow,
    select(users.c.id)
    .where(
        users.c.is_admin.is_(True),
        users.c.disabled_at.is_(None),
        users.c.id != bindparam("user_id"),
    )
    .limit(1),
)
_FIND_ANY_USER = Query(IdRow, select(users.c.id).limit(1))
_SELECT_PASSWORD = select(
    users.c.id, users.c.email, users.c.disabled_at, credentials.c.secret
).outerjoin(
    credentials, and_(credentials.c.user_id == users.c.id, credentials.c.kind == "password")
)
_FIND_PASSWORD_BY_EMAIL = Query(
    PasswordRow, _SELECT_PASSWORD.where(users.c.email == bindparam("email"))
)
_FIND_PASSWORD_BY_ID = Query(
    PasswordRow, _SELECT_PASSWORD.where(users.c.id == bindparam("user_id"))
)
_GET_INVITATION = Query(
    InvitationRow, select(invitations).where(invitations.c.id == bindparam("id"))
)
_LIST_INVITATIONS = Query(
    InvitationRow,
    select(invitations)
    .where(invitations.c.id > bindparam("after_id"))
    .order_by(invitations.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)


async def get_user(reader: Reader, user_id: str) -> UserRow:
    """Return a user.

    Raises:
        NotFoundError: there is no such user.
    """
    row = await reader.fetch_one(_GET_USER, {"user_id": user_id})
    if row is None:
        raise NotFoundError(f"There is no user {user_id}.")
    return row


async def find_user_by_email(reader: Reader, email: str) -> UserRow | None:
    """Return the user with a normalised e-mail address, or None."""
    return await reader.fetch_one(_GET_BY_EMAIL, {"email": email})


async def list_users(reader: Reader, *, after_id: str, limit: int) -> list[UserRow]:
    """Return users, oldest account first."""
    return await reader.fetch_all(_LIST_USERS, {"after_id": after_id, "limit": limit})


async def search_users(reader: Reader, text: str, *, after_id: str, limit: int) -> list[UserRow]:
    """Return users whose e-mail address or name contains the text, oldest account first.

    Upper and lower case are equal.
    """
    escaped = re.sub("([/%_])", r"/\1", text.lower())
    values = {"pattern": f"%{escaped}%", "after_id": after_id, "limit": limit}
    return await reader.fetch_all(_SEARCH_USERS, values)


async def has_other_administrator(reader: Reader, user_id: str) -> bool:
    """Return whether there is another administrator who is not disabled."""
    return await reader.fetch_one(_FIND_OTHER_ADMINISTRATOR, {"user_id": user_id}) is not None


async def has_users(reader: Reader) -> bool:
    """Return whether there is any user."""
    return await reader.fetch_one(_FIND_ANY_USER, {}) is not None


async def find_password_by_email(reader: Reader, email: str) -> PasswordRow | None:
    """Return a user with their password hash, or None if there is no such user."""
    return await reader.fetch_one(_FIND_PASSWORD_BY_EMAIL, {"email": email})


async def find_password_by_id(reader: Reader, user_id: str) -> PasswordRow | None:
    """Return a user with their password hash, or None if there is no such user."""
    return await reader.fetch_one(_FIND_PASSWORD_BY_ID, {"user_id": user_id})


async def get_invitation(reader: Reader, invitation_id: str) -> InvitationRow:
    """Return an invitation, used or not.

    Raises:
        NotFoundError: there is no such invitation.
    """
    row = await reader.fetch_one(_GET_INVITATION, {"id": invitation_id})
    if row is None:
        raise NotFoundError(f"There is no invitation {invitation_id}.")
    return row


async def list_invitations(reader: Reader, *, after_id: str, limit: int) -> list[InvitationRow]:
    """Return invitations, including used ones, oldest first."""
    return await reader.fetch_all(_LIST_INVITATIONS, {"after_id": after_id, "limit": limit})
