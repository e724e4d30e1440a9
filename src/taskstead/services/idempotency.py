"""Idempotency keys: a repeated request gets the stored response instead of running again.

The client chooses the key (draft-ietf-httpapi-idempotency-key-header). The response is stored in
the transaction of the request's changes, so that either both are committed or neither. A failed
request stores nothing and can be repeated.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert

from taskstead.db.database import Database, Transaction
from taskstead.db.nested import NestedDatabase
from taskstead.errors import IdempotencyKeyReusedError, RequestInProgressError
from taskstead.queries.idempotency import find_stored_response, list_expired_keys
from taskstead.services.context import WriteContext
from taskstead.tables.idempotency import idempotency_keys

_CHUNK = 500

_INSERT = insert(idempotency_keys)
_DELETE = delete(idempotency_keys).where(
    idempotency_keys.c.workspace_id == bindparam("workspace_id"),
    idempotency_keys.c.key_hash == bindparam("key_hash"),
)


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with an ``Idempotency-Key``.

    Attributes:
        workspace_id: the workspace with which the key is stored. It is that of the request, or the
            personal workspace of a user without a role in it.
        key_hash: SHA-256 of the workspace, the user and the key.
        fingerprint: SHA-256 of the request. It detects the use of a key for another request.
    """

    workspace_id: str
    key_hash: bytes
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response as it is stored.

    Attributes:
        status: the HTTP status.
        headers: (name, value) pairs.
        body: the body, or None if it must not be stored.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes | None


class KeyedRun:
    """The open transaction of a request with a key.

    Attributes:
        stored: the response of an earlier request with the key, if any. The caller must then not
            execute the request.
    """

    def __init__(
        self, transaction: Transaction, request: KeyedRequest, stored: StoredResponse | None
    ) -> None:
        self.stored = stored
        self._transaction = transaction
        self._request = request

    async def store(self, response: StoredResponse, *, now: datetime, hours: int) -> None:
        """Store the response of the request for a number of hours."""
        await self._transaction.execute(
            _INSERT,
            {
                "workspace_id": self._request.workspace_id,
                "key_hash": self._request.key_hash,
                "fingerprint": self._request.fingerprint,
                "status": response.status,
                "headers": response.headers,
                "body": response.body,
                "created_at": now,
                "expires_at": now + timedelta(hours=hours),
            },
        )


@asynccontextmanager
async def keyed_run(ctx: WriteContext, request: KeyedRequest) -> AsyncGenerator[KeyedRun]:
    """Open a transaction for a request with a key, and look for a stored response.

    During the block, transactions on ``ctx.database`` are parts of this transaction. It is
    committed when the block ends, or rolled back after an error. The block must await only database
    calls, because the transaction stays open.

    Raises:
        RequestInProgressError: a request with the same key is being executed.
        IdempotencyKeyReusedError: the key was used for another request.
    """
    database = ctx.database
    async with database.transaction(request.workspace_id) as transaction:
        stored = await _find_response(transaction, request, ctx.clock())
        ctx.database = NestedDatabase(database, transaction)
        try:
            yield KeyedRun(transaction, request, stored)
        finally:
            ctx.database = database


async def _find_response(
    transaction: Transaction, request: KeyedRequest, now: datetime
) -> StoredResponse | None:
    """Lock the key until the end of the transaction; return the response stored for it, if any."""
    # Lock ids are 64-bit integers, so the first eight bytes of the hash are used.
    if not await transaction.try_lock(int.from_bytes(request.key_hash[:8], signed=True)):
        raise RequestInProgressError
    row = await find_stored_response(transaction, request.workspace_id, request.key_hash)
    if row is None:
        return None
    if row["expires_at"] <= now:
        key = {"workspace_id": request.workspace_id, "key_hash": request.key_hash}
        await transaction.execute(_DELETE, key)
        return None
    if row["fingerprint"] != request.fingerprint:
        raise IdempotencyKeyReusedError(
            "This Idempotency-Key was used for another request. Use a new key."
        )
    return StoredResponse(
        row["status"], [(name, value) for name, value in row["headers"]], row["body"]
    )


async def delete_expired_keys(database: Database, *, now: datetime) -> int:
    """Delete the keys that have expired at the time ``now``, in chunks; return their number."""
    count = 0
    while True:
        async with database.transaction() as transaction:
            rows = await list_expired_keys(transaction, now, limit=_CHUNK)
            await transaction.execute_many(_DELETE, rows)
        count += len(rows)
        if len(rows) < _CHUNK:
            return count
