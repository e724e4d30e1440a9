"""Queries for sessions."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, bindparam, select

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Instant
from taskstead.tables.tokens import SessionRow, sessions


class _SessionOwnerRow(TypedDict):
    """A session and its user."""

    id: str
    user_id: str


_FIND_BY_COOKIE = Query(
    _SessionOwnerRow,
    select(sessions.c.id, sessions.c.user_id).where(sessions.c.cookie_hash == bindparam("hash")),
)
_LIST = Query(
    SessionRow,
    select(
        sessions.c.id,
        sessions.c.created_at,
        sessions.c.expires_at,
        sessions.c.cookie_hash.is_not(None).label("has_cookie"),
        sessions.c.method,
        sessions.c.client,
        sessions.c.address,
        sessions.c.last_used_at,
    )
    .where(
        sessions.c.user_id == bindparam("user_id"),
        sessions.c.id > bindparam("after_id"),
        sessions.c.expires_at > bindparam("now", type_=Instant),
    )
    .order_by(sessions.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)


async def find_session_by_cookie(reader: Reader, cookie_hash: bytes) -> _SessionOwnerRow | None:
    """Return the session of a cookie with this SHA-256 hash, expired or not, or None."""
    return await reader.fetch_one(_FIND_BY_COOKIE, {"hash": cookie_hash})


async def list_sessions(
    reader: Reader, user_id: str, *, now: datetime, after_id: str, limit: int
) -> list[SessionRow]:
    """Return a user's sessions that have not expired, oldest first."""
    values = {"user_id": user_id, "now": now, "after_id": after_id, "limit": limit}
    return await reader.fetch_all(_LIST, values)
