"""Doing what a request asks for once, however often the request comes.

As draft-ietf-httpapi-idempotency-key-header has it: the key is the client's, and names one request.
The answer is kept in the transaction of the write that it answers, so that either both are there or
neither is. A request that fails does nothing and keeps nothing: it can be repeated.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, insert

from taskstead.clock import get_now
from taskstead.db.database import Database, Transaction
from taskstead.db.joined import JoinedDatabase
from taskstead.errors import IdempotencyKeyReusedError, RequestUnderWayError
from taskstead.queries.idempotency import find_kept_answer, list_expired_keys
from taskstead.tables.idempotency import idempotency_keys

_CHUNK = 500

_INSERT = insert(idempotency_keys)
_DELETE = delete(idempotency_keys).where(
    idempotency_keys.c.workspace_id == bindparam("workspace_id"),
    idempotency_keys.c.key_hash == bindparam("key_hash"),
)


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that came with a key.

    Attributes:
        workspace_id: where the key is kept: the workspace that the request acts in.
        key_hash: SHA-256 of the workspace, the user and the key.
        fingerprint: SHA-256 of all that makes two requests the same.
    """

    workspace_id: str
    key_hash: bytes
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is kept.

    Attributes:
        status: its HTTP status.
        headers: pairs of name and value.
        body: None where it must not be kept.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes | None


async def answer_once(
    database: Database,
    request: KeyedRequest,
    act: Callable[[Database], Awaitable[Answer]],
    *,
    hours: int,
) -> Answer:
    """Act and keep the answer, in one transaction; or return the answer that is kept.

    Args:
        database: the application's database.
        request: what is to be done at most once.
        act: does it, in the database that it is given, and awaits nothing but that database. An
            error that it raises undoes all that it has done.
        hours: how long to keep the answer.

    Raises:
        RequestUnderWayError: another process is answering the request.
        IdempotencyKeyReusedError: the key came with another request before.
    """
    async with database.transaction(request.workspace_id) as transaction:
        kept = await _find_answer(transaction, request)
        if kept is not None:
            return kept
        answer = await act(JoinedDatabase(database, transaction))
        now = get_now()
        await transaction.execute(
            _INSERT,
            {
                "workspace_id": request.workspace_id,
                "key_hash": request.key_hash,
                "fingerprint": request.fingerprint,
                "status": answer.status,
                "headers": answer.headers,
                "body": answer.body,
                "created_at": now,
                "expires_at": now + timedelta(hours=hours),
            },
        )
        return answer


async def _find_answer(transaction: Transaction, request: KeyedRequest) -> Answer | None:
    """Hold the key to the end of the transaction; return the answer that is kept of it."""
    if not await transaction.try_lock(int.from_bytes(request.key_hash[:8], signed=True)):
        raise RequestUnderWayError
    row = await find_kept_answer(transaction, request.workspace_id, request.key_hash)
    if row is None:
        return None
    if row["expires_at"] <= get_now():
        key = {"workspace_id": request.workspace_id, "key_hash": request.key_hash}
        await transaction.execute(_DELETE, key)
        return None
    if row["fingerprint"] != request.fingerprint:
        raise IdempotencyKeyReusedError(
            "This Idempotency-Key came with another request before; take a new one."
        )
    return Answer(row["status"], [(name, value) for name, value in row["headers"]], row["body"])


async def delete_expired_keys(database: Database) -> int:
    """Delete the keys whose time is over, in chunks; return how many."""
    count = 0
    while True:
        async with database.transaction() as transaction:
            rows = await list_expired_keys(transaction, get_now(), limit=_CHUNK)
            await transaction.execute_many(_DELETE, rows)
        count += len(rows)
        if len(rows) < _CHUNK:
            return count
