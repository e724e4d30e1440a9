"""``Idempotency-Key``: a request that is repeated with the same key is executed once.

The rules follow draft-ietf-httpapi-idempotency-key-header. ``services/idempotency.py`` detects
repeated requests and stores the response in the transaction of the write.

The key is checked after the request was authenticated and its body was validated. A client that has
lost its access therefore gets no stored response.
"""

import re
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from hashlib import sha256

from fastapi import Request
from starlette.responses import Response

from taskstead.domain.principal import Principal
from taskstead.errors import (
    FieldError,
    RequestInProgressError,
    ResponseNotStoredError,
    ValidationFailedError,
)
from taskstead.http.app_state import Server
from taskstead.services.context import WriteContext
from taskstead.services.idempotency import KeyedRequest, StoredResponse, keyed_run

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
# A string as specified by RFC 9651, section 3.3.3. A key without quotation marks is also accepted,
# because many clients send it.
KEY_PATTERN = r'^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~]{1,255})$'

# The headers in the fingerprint of a request. A key must not be reused for a request with another
# fingerprint. Method, URL and body are also part of it.
_FINGERPRINT_HEADERS = ("if-match", "if-none-match")

_match_key = re.compile(KEY_PATTERN).fullmatch


@contextmanager
def held_key(request: Request, ctx: WriteContext) -> Generator[bytes | None]:
    """Reserve the key of a request in this process for the duration of the block.

    The context manager returns the hash of the key, or None if the request has no key.

    Raises:
        ValidationFailedError: the header is not a valid key.
        RequestInProgressError: a request with this key is in progress.
    """
    if KEY_HEADER not in request.headers:
        yield None
        return
    key = parse_key(request.headers.getlist(KEY_HEADER))
    key_hash = _hash_parts(_get_key_workspace(ctx.principal), ctx.principal.user_id, key)
    server: Server = request.app.state.server
    if key_hash in server.running_keys:
        raise RequestInProgressError
    server.running_keys.add(key_hash)
    try:
        yield key_hash
    finally:
        server.running_keys.discard(key_hash)


async def run_once(
    request: Request,
    ctx: WriteContext,
    key_hash: bytes | None,
    body: bytes,
    respond: Callable[[], Awaitable[Response]],
) -> Response:
    """Execute a request, or return the stored response if it was executed before.

    A request with a key is one transaction, which also stores the response. Until the commit,
    everything that is written through ``ctx.database`` belongs to this transaction.

    Args:
        request: the request.
        ctx: the context of the request.
        key_hash: the hash from :func:`held_key`. A request without a key is always executed.
        body: the body of the request, or a hash of it.
        respond: executes the request and returns a complete response, not a stream.

    Raises:
        RequestInProgressError: another process executes a request with this key.
        IdempotencyKeyReusedError: the key was used for another request.
        ResponseNotStoredError: the stored response contained a secret, so its body was not stored.
    """
    if key_hash is None:
        return await respond()
    server: Server = request.app.state.server
    keyed_request = _make_keyed_request(request, ctx.principal, key_hash, body)
    async with keyed_run(ctx, keyed_request) as run:
        stored = run.stored
        if stored is None:
            response = await respond()
            hours = server.settings.idempotency_hours
            await run.store(_make_stored_response(response), now=ctx.clock(), hours=hours)
            return response
    # After the commit, which waits until the write of the earlier request is durable. The error for
    # a secret acknowledges that write, too.
    return _build_response(stored)


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
    message = (
        f"Send the header {KEY_HEADER} once, with 1 to 255 printable ASCII characters. Put a key "
        "with spaces in quotation marks."
    )
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


def _make_stored_response(response: Response) -> StoredResponse:
    # Only responses with a secret have no-store, which forbids storing them (RFC 9111, section
    # 5.2.2.5).
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
        message = "The response contained a secret that is shown once. If you have lost it, "
        if location is None:
            message += f"repeat the request with a new {KEY_HEADER}."
        else:
            message += f"DELETE {location} and repeat the request with a new {KEY_HEADER}."
        raise ResponseNotStoredError(message, created_url=location)
    response = Response(stored.body, stored.status)
    for name, value in stored.headers:
        response.headers.append(name, value)
    response.headers[REPLAYED_HEADER] = "true"
    return response
