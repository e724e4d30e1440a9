"""Queries for responses stored by ``Idempotency-Key``."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import bindparam, select

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query
from taskstead.tables.idempotency import idempotency_keys


class StoredResponseRow(TypedDict):
    """The response stored for a key, and the fingerprint of its request."""

    fingerprint: bytes
    status: int
    headers: list[list[str]]
    body: bytes | None
    expires_at: datetime


class IdempotencyKeyRow(TypedDict):
    """The primary key of a stored response."""

    workspace_id: str
    key_hash: bytes


_FIND_RESPONSE = Query(
    StoredResponseRow,
    select(
        idempotency_keys.c.fingerprint,
        idempotency_keys.c.status,
        idempotency_keys.c.headers,
        idempotency_keys.c.body,
        idempotency_keys.c.expires_at,
    ).where(
        idempotency_keys.c.workspace_id == bindparam("workspace"),
        idempotency_keys.c.key_hash == bindparam("key_hash"),
    ),
)
_LIST_EXPIRED = Query(
    IdempotencyKeyRow,
    select(idempotency_keys.c.workspace_id, idempotency_keys.c.key_hash)
    .where(idempotency_keys.c.expires_at <= bindparam("now"))
    .order_by(idempotency_keys.c.expires_at)
    .limit(bindparam("limit")),
)


async def find_stored_response(
    reader: Reader, workspace_id: str, key_hash: bytes
) -> StoredResponseRow | None:
    """Return the response stored for a key, with a hash of its request; None if there is none.

    The response may have expired.
    """
    return await reader.fetch_one(_FIND_RESPONSE, {"workspace": workspace_id, "key_hash": key_hash})


async def list_expired_keys(
    reader: Reader, now: datetime, *, limit: int
) -> list[IdempotencyKeyRow]:
    """Return up to ``limit`` expired keys, oldest first."""
    return await reader.fetch_all(_LIST_EXPIRED, {"now": now, "limit": limit})
