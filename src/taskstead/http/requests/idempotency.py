"""``Idempotency-Key``: a request that is repeated with the same key is executed once.

The rules follow draft-ietf-httpapi-idempotency-key-header. ``services/idempotency.py`` detects
repeated requests and stores the response in the transaction of the write.

The key is checked after the dependencies of the endpoint, which authenticate the request and
validate its body. A client that has lost its access therefore gets no stored response. The endpoint
receives a ``Server`` object whose database is one open transaction. Its writes and its response are
therefore committed together.

If the endpoint reads the body as a stream, the body is stored before that transaction begins. See
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
from taskstead.domain.principal import Principal
from taskstead.errors import (
    FieldError,
    RequestInProgressError,
    ResponseNotStoredError,
    ValidationFailedError,
)
from taskstead.http.app_state import Server
from taskstead.jobs.wakeup import JobSignal
from taskstead.services.content_reader import ContentReader
from taskstead.services.idempotency import KeyedRequest, StoredResponse, run_request_once

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
# A string as specified by RFC 9651, section 3.3.3. A key without quotation marks is also accepted,
# because many clients send it.
KEY_PATTERN = r'^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~]{1,255})$'

# The headers in the fingerprint of a request. A key must not be reused for a request with another
# fingerprint. Method, URL and body are also part of it.
_FINGERPRINT_HEADERS = ("if-match", "if-none-match")

Endpoint = Callable[..., Awaitable[Response]]
StoredBody = TypeVar("StoredBody")

_match_key = re.compile(KEY_PATTERN).fullmatch


def make_idempotent(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with support for ``Idempotency-Key``.

    The endpoint needs parameters for the principal and the ``Server``, whose database it uses for
    all its statements. It must return a complete ``Response``, not a stream.
    """
    parameter_names = {kind: name for name, kind in get_type_hints(endpoint).items()}
    principal_name, server_name = parameter_names[Principal], parameter_names[Server]
    takes_request = Request in parameter_names
    request_name = parameter_names.get(Request, "request")

    @wraps(endpoint)
    async def idempotent_endpoint(**arguments: Any) -> Response:
        request: Request = arguments[request_name]
        if not takes_request:
            del arguments[request_name]
        if KEY_HEADER not in request.headers:
            return await endpoint(**arguments)
        server: Server = arguments[server_name]
        with _hold_key(request, arguments[principal_name], server) as key_hash:
            return await _run_once(
                server,
                _make_keyed_request(
                    request, arguments[principal_name], key_hash, await request.body()
                ),
                lambda transaction_server: endpoint(
                    **{**arguments, server_name: transaction_server}
                ),
            )

    if not takes_request:
        signature = inspect.signature(endpoint)
        parameter = inspect.Parameter(
            request_name, inspect.Parameter.KEYWORD_ONLY, annotation=Request
        )
        parameters = [*signature.parameters.values(), parameter]
        idempotent_endpoint.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return idempotent_endpoint


async def receive_once(
    request: Request,
    principal: Principal,
    server: Server,
    store_body: Callable[[AsyncIterator[bytes]], AbstractAsyncContextManager[StoredBody]],
    respond: Callable[[Server, StoredBody], Awaitable[Response]],
) -> Response:
    """Store a request body that is read as a stream, and execute the request.

    A request with a key is executed once, even if two processes receive it at the same time.

    Args:
        request: the request; its body must be unread.
        principal: the principal of the request.
        server: the application state.
        store_body: returns a context manager that stores the body. At its end, it deletes the
            stored data that the request did not use.
        respond: executes the request and returns the response. It must use the database of the
            ``Server`` object that it receives.
    """
    if KEY_HEADER not in request.headers:
        async with store_body(request.stream()) as stored:
            return await respond(server, stored)
    # The content type is part of the hash because it determines how the body is parsed.
    hasher = sha256(request.headers.get("content-type", "").encode() + b"\n")

    async def hash_blocks() -> AsyncIterator[bytes]:
        async for block in request.stream():
            hasher.update(block)
            yield block

    with _hold_key(request, principal, server) as key_hash:
        async with store_body(hash_blocks()) as stored:
            keyed_request = _make_keyed_request(request, principal, key_hash, hasher.digest())
            return await _run_once(
                server,
                keyed_request,
                lambda transaction_server: respond(transaction_server, stored),
            )


@contextmanager
def _hold_key(request: Request, principal: Principal, server: Server) -> Generator[bytes]:
    """Reserve the key of a request in this process for the duration of the block.

    The context manager returns the hash of the key.

    Raises:
        ValidationFailedError: the header is not a valid key.
        RequestInProgressError: a request with this key is in progress.
    """
    key = parse_key(request.headers.getlist(KEY_HEADER))
    key_hash = _hash_parts(_get_key_workspace(principal), principal.user_id, key)
    if key_hash in server.running_keys:
        raise RequestInProgressError
    server.running_keys.add(key_hash)
    try:
        yield key_hash
    finally:
        server.running_keys.discard(key_hash)


def _get_key_workspace(principal: Principal) -> str:
    """Return the workspace in which the principal's keys are stored."""
    # Without a role, the user is not a member of the workspace in the header, or it does not exist.
    # Requests that need no workspace are still allowed. Their keys are stored in the user's
    # personal workspace.
    return principal.personal_workspace_id if principal.role is None else principal.workspace_id


def _make_keyed_request(
    request: Request, principal: Principal, key_hash: bytes, body: bytes
) -> KeyedRequest:
    """Return the key and the fingerprint of a request.

    Args:
        request: the request.
        principal: the principal of the request.
        key_hash: the hash of its key.
        body: the request body, or a hash of it.
    """
    parts = [
        request.method,
        request.url.path,
        request.url.query,
        *(request.headers.get(name, "") for name in _FINGERPRINT_HEADERS),
    ]
    return KeyedRequest(_get_key_workspace(principal), key_hash, _hash_parts(*parts, body))


def parse_key(values: list[str]) -> str:
    """Return the key from the values of all ``Idempotency-Key`` headers of a request.

    Raises:
        ValidationFailedError: the key is invalid or there are several.
    """
    if len(values) == 1 and _match_key(values[0]):
        (value,) = values
        return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
    message = f"The header {KEY_HEADER} must be one string of 1 to 255 printable ASCII characters."
    field_error = FieldError(f"header/{KEY_HEADER}", message, "idempotency_key")
    raise ValidationFailedError(message, errors=[field_error])


def _hash_parts(*parts: str | bytes) -> bytes:
    hasher = sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        # The length prefix ensures that different lists of parts have different hashes.
        hasher.update(b"%d:" % len(data))
        hasher.update(data)
    return hasher.digest()


async def _run_once(
    server: Server, keyed_request: KeyedRequest, respond: Callable[[Server], Awaitable[Response]]
) -> Response:
    # A separate signal collects the notifications until the commit. If the worker were woken
    # earlier, it would not see the new job.
    wakeup = JobSignal()
    response: Response | None = None

    async def execute(database: Database) -> StoredResponse:
        nonlocal response
        response = await respond(
            replace(server, database=database, content=ContentReader(database), wakeup=wakeup)
        )
        return _make_stored_response(response)

    hours = server.settings.idempotency_hours
    stored = await run_request_once(server.database, keyed_request, execute, hours=hours)
    if wakeup.is_set:
        server.wakeup.notify()
    return response if response is not None else _build_response(stored)


def _make_stored_response(response: Response) -> StoredResponse:
    # RFC 9111, section 5.2.2.5: a no-store response must not be stored. It contains a secret.
    is_secret = "no-store" in response.headers.get("cache-control", "")
    headers = [item for item in response.headers.items() if item[0] != "content-length"]
    body = None if is_secret else bytes(response.body)
    return StoredResponse(response.status_code, headers, body)


def _build_response(stored: StoredResponse) -> Response:
    """Build the response from the stored response.

    Raises:
        ResponseNotStoredError: the response contained a secret, so its body was not stored.
    """
    if stored.body is None:
        location = dict(stored.headers).get("location")
        message = (
            "The response contained a secret that is shown once. If it was lost, use a new key"
        )
        message += (
            f" to create another, and DELETE {location}." if location else " to create another."
        )
        raise ResponseNotStoredError(message, created_url=location)
    response = Response(stored.body, stored.status)
    for name, value in stored.headers:
        response.headers.append(name, value)
    response.headers[REPLAYED_HEADER] = "true"
    return response
