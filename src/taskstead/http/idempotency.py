"""``Idempotency-Key``: a request that is repeated with the same key is done once.

The rules are those of draft-ietf-httpapi-idempotency-key-header. What is a repetition, and how the
answer is kept with the write, is in ``services/idempotency.py``.

The endpoint runs as ever, after its dependencies: whoever may not do it (any more) gets no answer
that is kept, and the body has been read and is valid. It is handed a ``Server`` whose database is
one transaction, so what it does and its answer are committed together.

A body that is read as a stream is stored before that, and counts only with what is done in the end:
:func:`receive_once`.
"""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar, get_type_hints

from fastapi import Request
from starlette.responses import Response

from taskstead.db.database import Database
from taskstead.errors import (
    AnswerNotKeptError,
    FieldError,
    RequestUnderWayError,
    ValidationFailedError,
)
from taskstead.http.state import Server
from taskstead.jobs.wakeup import JobSignal
from taskstead.queries.principals import Principal
from taskstead.services.idempotency import KeyedRequest, StoredResponse, run_once

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
# A string as RFC 9651, section 3.3.3, writes it; or, since many clients send it so, without quotes.
KEY_PATTERN = r'^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~]{1,255})$'

# What else says what a client wants, besides method, address and body.
_FINGERPRINTED = ("if-match", "if-none-match")

Endpoint = Callable[..., Awaitable[Response]]
Stored = TypeVar("Stored")

_is_key = re.compile(KEY_PATTERN).fullmatch


def make_repeatable(endpoint: Endpoint) -> Endpoint:
    """Have an endpoint take an ``Idempotency-Key``.

    It needs parameters for the principal and the server's parts, of which it uses the database for
    all that it does, and it returns a ``Response`` that is whole.
    """
    names = {kind: name for name, kind in get_type_hints(endpoint).items()}
    caller_name, server_name = names[Principal], names[Server]
    takes_request = Request in names
    request_name = names.get(Request, "request")

    @wraps(endpoint)
    async def repeatable(**arguments: Any) -> Response:
        request: Request = arguments[request_name]
        if not takes_request:
            del arguments[request_name]
        if KEY_HEADER not in request.headers:
            return await endpoint(**arguments)
        server: Server = arguments[server_name]
        with _holding_key(request, arguments[caller_name], server) as key_hash:
            return await _run_once(
                server,
                _make_keyed(request, arguments[caller_name], key_hash, await request.body()),
                lambda joined: endpoint(**{**arguments, server_name: joined}),
            )

    if not takes_request:
        signature = inspect.signature(endpoint)
        given = inspect.Parameter(request_name, inspect.Parameter.KEYWORD_ONLY, annotation=Request)
        parameters = [*signature.parameters.values(), given]
        repeatable.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return repeatable


async def receive_once(
    request: Request,
    principal: Principal,
    server: Server,
    store: Callable[[AsyncIterator[bytes]], AbstractAsyncContextManager[Stored]],
    answer: Callable[[Server, Stored], Awaitable[Response]],
) -> Response:
    """Take a body that is read as a stream; once, if the request has a key.

    Another process may take the same body at the same time. Whoever has it first answers it.

    Args:
        request: whose body has not been read.
        principal: whose request it is.
        server: the running application's parts.
        store: stores the body; what of it no answer was made from is gone after the block.
        answer: does the rest, in the database of the server that it is given, and answers.
    """
    if KEY_HEADER not in request.headers:
        async with store(request.stream()) as stored:
            return await answer(server, stored)
    # Which says how the body is to be read.
    hash_ = sha256(request.headers.get("content-type", "").encode() + b"\n")

    async def read() -> AsyncIterator[bytes]:
        async for block in request.stream():
            hash_.update(block)
            yield block

    with _holding_key(request, principal, server) as key_hash:
        async with store(read()) as stored:
            keyed = _make_keyed(request, principal, key_hash, hash_.digest())
            return await _run_once(server, keyed, lambda joined: answer(joined, stored))


@contextmanager
def _holding_key(request: Request, principal: Principal, server: Server) -> Generator[bytes]:
    """Keep others in this process from answering the request too; give the hash of its key.

    Raises:
        ValidationFailedError: the header is no key.
        RequestUnderWayError: it is being answered.
    """
    key = parse_key(request.headers.getlist(KEY_HEADER))
    key_hash = _hash_parts(_get_place(principal), principal.user_id, key)
    if key_hash in server.running_keys:
        raise RequestUnderWayError
    server.running_keys.add(key_hash)
    try:
        yield key_hash
    finally:
        server.running_keys.discard(key_hash)


def _get_place(principal: Principal) -> str:
    """Return the workspace that a principal's keys lie in."""
    # What does not act in a workspace may name one that is not there: its keys lie at home.
    return principal.personal_workspace_id if principal.role is None else principal.workspace_id


def _make_keyed(
    request: Request, principal: Principal, key_hash: bytes, body: bytes
) -> KeyedRequest:
    """Return what identifies the request.

    Args:
        request: the request.
        principal: whose it is.
        key_hash: of its key.
        body: the request's, or a hash of it.
    """
    parts = [
        request.method,
        request.url.path,
        request.url.query,
        *(request.headers.get(name, "") for name in _FINGERPRINTED),
    ]
    return KeyedRequest(_get_place(principal), key_hash, _hash_parts(*parts, body))


def parse_key(values: list[str]) -> str:
    """Return the key of a request from all its headers of that name.

    Raises:
        ValidationFailedError: it is none, or there are several.
    """
    if len(values) == 1 and _is_key(values[0]):
        (value,) = values
        return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
    message = (
        f"The header {KEY_HEADER} has to be one string of 1 to 255 printable ASCII characters."
    )
    wrong = FieldError(f"header/{KEY_HEADER}", message, "idempotency_key")
    raise ValidationFailedError(message, errors=[wrong])


def _hash_parts(*parts: str | bytes) -> bytes:
    hash_ = sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        # With its length before it, so that no two lists of parts look alike.
        hash_.update(b"%d:" % len(data))
        hash_.update(data)
    return hash_.digest()


async def _run_once(
    server: Server, keyed: KeyedRequest, run: Callable[[Server], Awaitable[Response]]
) -> Response:
    # What rings before the commit would wake the worker too early.
    wakeup = JobSignal()
    response: Response | None = None

    async def act(database: Database) -> StoredResponse:
        nonlocal response
        response = await run(replace(server, database=database, wakeup=wakeup))
        return _make_answer(response)

    hours = server.settings.idempotency_hours
    answer = await run_once(server.database, keyed, act, hours=hours)
    if wakeup.is_set:
        server.wakeup.notify()
    return response if response is not None else _build_response(answer)


def _make_answer(response: Response) -> StoredResponse:
    # RFC 9111, section 5.2.2.5: what says so is stored nowhere. It holds a secret.
    is_secret = "no-store" in response.headers.get("cache-control", "")
    headers = [item for item in response.headers.items() if item[0] != "content-length"]
    body = None if is_secret else bytes(response.body)
    return StoredResponse(response.status_code, headers, body)


def _build_response(answer: StoredResponse) -> Response:
    """Build the response from an answer that was kept.

    Raises:
        AnswerNotKeptError: it held a secret and was not.
    """
    if answer.body is None:
        place = dict(answer.headers).get("location")
        message = "The answer held a secret that is shown once. If it was lost, take a new key"
        message += f" to make another, and DELETE {place}." if place else " to make another."
        raise AnswerNotKeptError(message, headers={"Location": place} if place else None)
    response = Response(answer.body, answer.status)
    for name, value in answer.headers:
        response.headers.append(name, value)
    response.headers[REPLAYED_HEADER] = "true"
    return response
