"""Idempotency keys: a repeated request gets the stored response instead of running again.

The client chooses the key (draft-ietf-httpapi-idempotency-key-header). The response is stored in
the transaction of the request's changes, so that either both are committed or neither. A failed
request stores nothing and can be repeated.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, insert

from taskstead.clock import get_now
from taskstead.db.database import Database, Transaction
from taskstead.db.nested import JoinedDatabase
from taskstead.errors import IdempotencyKeyReusedError, RequestInProgressError
from taskstead.queries.idempotency import find_stored_response, list_expired_keys
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
        workspace_id: the workspace of the request. The key is stored with this workspace.
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


async def run_request_once(
    database: Database,
    request: KeyedRequest,
    run: Callable[[Database], Awaitable[StoredResponse]],
    *,
    hours: int,
) -> StoredResponse:
    """Return the stored response to a request, or run the request and store its response.

    Args:
        database: the application's database.
        request: the request and its key.
        run: runs the request. Transactions on the database passed to it are parts of the open
            transaction. It must await only database calls, because the transaction stays open. If
            it raises an error, the transaction is rolled back.
        hours: hours until the stored response expires.

    Raises:
        RequestInProgressError: a request with the same key is running.
        IdempotencyKeyReusedError: the key was used for another request.
    """
    async with database.transaction(request.workspace_id) as transaction:
        stored = await _find_response(transaction, request)
        if stored is not None:
            return stored
        response = await run(JoinedDatabase(database, transaction))
        now = get_now()
        await transaction.execute(
            _INSERT,
            {
                "workspace_id": request.workspace_id,
                "key_hash": request.key_hash,
                "fingerprint": request.fingerprint,
                "status": response.status,
                "headers": response.headers,
                "body": response.body,
                "created_at": now,
                "expires_at": now + timedelta(hours=hours),
            },
        )
        return response


async def _find_response(transaction: Transaction, request: KeyedRequest) -> StoredResponse | None:
    """Lock the key until the end of the transaction; return the response stored for it, if any."""
    # Lock ids are 64-bit integers, so the first eight bytes of the hash are used.
    if not await transaction.try_lock(int.from_bytes(request.key_hash[:8], signed=True)):
        raise RequestInProgressError
    row = await find_stored_response(transaction, request.workspace_id, request.key_hash)
    if row is None:
        return None
    if row["expires_at"] <= get_now():
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


async def delete_expired_keys(database: Database) -> int:
    """Delete the expired keys in chunks; return their number."""
    count = 0
    while True:
        async with database.transaction() as transaction:
            rows = await list_expired_keys(transaction, get_now(), limit=_CHUNK)
            await transaction.execute_many(_DELETE, rows)
        count += len(rows)
        if len(rows) < _CHUNK:
            return count
