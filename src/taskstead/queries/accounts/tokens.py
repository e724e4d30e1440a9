"""Queries for API tokens and refresh tokens."""

from datetime import datetime

from sqlalchemy import BigInteger, bindparam, select

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query
from taskstead.errors import NotFoundError
from taskstead.tables.tokens import (
    ApiTokenRow,
    RefreshTokenRow,
    api_tokens,
    refresh_tokens,
    sessions,
)


class SessionRefreshRow(RefreshTokenRow):
    """A refresh token, and the start of its session."""

    started_at: datetime


_LIST_API_TOKENS = Query(
    ApiTokenRow,
    select(api_tokens)
    .where(api_tokens.c.user_id == bindparam("user_id"), api_tokens.c.id > bindparam("after_id"))
    .order_by(api_tokens.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_GET_API_TOKEN = Query(
    ApiTokenRow,
    select(api_tokens).where(
        api_tokens.c.user_id == bindparam("user_id"), api_tokens.c.id == bindparam("id")
    ),
)
_FIND_REFRESH_TOKEN = Query(
    SessionRefreshRow,
    select(refresh_tokens, sessions.c.created_at.label("started_at"))
    .join(sessions, sessions.c.id == refresh_tokens.c.session_id)
    .where(refresh_tokens.c.token_hash == bindparam("token_hash")),
)


async def list_api_tokens(
    reader: Reader, user_id: str, *, after_id: str, limit: int
) -> list[ApiTokenRow]:
    """Return a user's API tokens, including expired ones, oldest first."""
    return await reader.fetch_all(
        _LIST_API_TOKENS, {"user_id": user_id, "after_id": after_id, "limit": limit}
    )


async def get_api_token(reader: Reader, user_id: str, token_id: str) -> ApiTokenRow:
    """Return one of a user's API tokens, expired or not.

    Raises:
        NotFoundError: the user has no such token.
    """
    row = await reader.fetch_one(_GET_API_TOKEN, {"user_id": user_id, "id": token_id})
    if row is None:
        raise NotFoundError(f"You have no API token {token_id}.")
    return row


async def find_refresh_token(reader: Reader, token_hash: bytes) -> SessionRefreshRow | None:
    """Return the refresh token with this SHA-256 hash, used or not, or None."""
    return await reader.fetch_one(_FIND_REFRESH_TOKEN, {"token_hash": token_hash})
