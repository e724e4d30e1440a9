"""Queries for responses stored by ``Idempotency-Key``."""

from datetime import datetime

from sqlalchemy import bindparam, select

from taskstead.db.database import Reader
from taskstead.db.query import untyped
from taskstead.db.statements import Row
from taskstead.tables.idempotency import idempotency_keys

_FIND_RESPONSE = select(
    idempotency_keys.c.fingerprint,
    idempotency_keys.c.status,
    idempotency_keys.c.headers,
    idempotency_keys.c.body,
    idempotency_keys.c.expires_at,
).where(
    idempotency_keys.c.workspace_id == bindparam("workspace"),
    idempotency_keys.c.key_hash == bindparam("key_hash"),
)
_LIST_EXPIRED = (
    select(idempotency_keys.c.workspace_id, idempotency_keys.c.key_hash)
    .where(idempotency_keys.c.expires_at <= bindparam("now"))
    .order_by(idempotency_keys.c.expires_at)
    .limit(bindparam("limit"))
)


async def find_stored_response(reader: Reader, workspace_id: str, key_hash: bytes) -> Row | None:
    """Return the response stored for a key and the request's fingerprint, or None.

    The response may have expired.
    """
    return await reader.fetch_one(
        untyped(_FIND_RESPONSE), {"workspace": workspace_id, "key_hash": key_hash}
    )


async def list_expired_keys(reader: Reader, now: datetime, *, limit: int) -> list[Row]:
    """Return up to ``limit`` expired keys, oldest first."""
    return await reader.fetch_all(untyped(_LIST_EXPIRED), {"now": now, "limit": limit})
