"""Request limits: rejects unknown hosts, and oversized URLs, headers and bodies.

``cli/serving/protocol.py`` limits the time and the size of headers while the client sends them.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.errors import (
    BodyTooLargeError,
    HeadersTooLargeError,
    TasksteadError,
    UnknownHostError,
    UnsupportedMediaTypeError,
    UriTooLongError,
)
from taskstead.http.responses.problem_details import build_problem_response

# The maximum length of path and query together.
MAX_TARGET_BYTES = 16 << 10
MAX_HEADERS = 100
# The maximum length of the names and values of all headers together.
MAX_HEADER_BYTES = 32 << 10
_ACCEPTED_ENCODINGS = (b"", b"identity")


class _LimitReachedError(Exception):
    """Aborts the reading of a body that exceeds the limit."""


class RequestLimitsMiddleware:
    """Rejects oversized targets (414), headers (431) and bodies (413), and unknown hosts (421).

    It also rejects compressed bodies (415). Bodies are never decompressed, so a small body cannot
    expand in memory. If a body has no Content-Length, its bytes are counted while the application
    reads it. If they exceed the limit, the middleware discards the response of the application and
    sends 413.

    Args:
        app: the application that handles accepted requests.
        hosts: the accepted host names, without port. ``*.example.org`` accepts all subdomains. If
            empty, any host is accepted.
        max_body_bytes: the maximum size of a body.
        path_limits: the maximum sizes of bodies for single paths. These endpoints read the body as
            a stream.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Sequence[str],
        max_body_bytes: int,
        path_limits: Mapping[str, int],
    ) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts if not host.startswith("*."))
        self._domain_suffixes = tuple(host.lower()[1:] for host in hosts if host.startswith("*."))
        self._max_body_bytes = max_body_bytes
        self._path_limits = path_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif error := self._find_error(scope):
            await build_problem_response(Request(scope), error)(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
        else:
            await self._handle_with_body(scope, receive, send)

    async def _handle_with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        max_bytes = self._path_limits.get(scope["path"], self._max_body_bytes)
        if rejection := _find_body_rejection(scope, max_bytes):
            await rejection(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > max_bytes:
                    raise _LimitReachedError
            return message

        async def send_unless_too_large(message: Message) -> None:
            if received <= max_bytes:
                await send(message)

        with suppress(_LimitReachedError):
            await self._app(scope, receive_counted, send_unless_too_large)
        if received > max_bytes:
            await _build_too_large_response(scope, max_bytes)(scope, receive, send)

    def _find_error(self, scope: Scope) -> TasksteadError | None:
        if len(scope["path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
            message = (
                f"Path and query are longer than {MAX_TARGET_BYTES} bytes. Send a shorter URL."
            )
            return UriTooLongError(message)
        headers = scope["headers"]
        size = sum([len(name) + len(value) for name, value in headers])
        if len(headers) > MAX_HEADERS or size > MAX_HEADER_BYTES:
            message = (
                f"The request has more than {MAX_HEADERS} headers or more than {MAX_HEADER_BYTES} "
                "bytes of headers. Send fewer or shorter headers."
            )
            return HeadersTooLargeError(message)
        if (self._hosts or self._domain_suffixes) and not self._is_allowed_host(scope):
            message = (
                "The Host header does not name this server. "
                "Add the host to TASKSTEAD_ALLOWED_HOSTS to accept it."
            )
            return UnknownHostError(message)
        return None

    def _is_allowed_host(self, scope: Scope) -> bool:
        host_headers = [value for name, value in scope["headers"] if name == b"host"]
        if len(host_headers) != 1:
            return False
        host = host_headers[0].decode("latin-1").lower()
        host = (
            host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        )
        return host in self._hosts or host.endswith(self._domain_suffixes or (" ",))


def _find_body_rejection(scope: Scope, max_bytes: int) -> Response | None:
    """Return the error response to a body, if its headers are enough to reject it."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > max_bytes:
            return _build_too_large_response(scope, max_bytes)
        if name == b"content-encoding" and value.lower() not in _ACCEPTED_ENCODINGS:
            error = UnsupportedMediaTypeError(
                "The body has a Content-Encoding. Send it uncompressed, without that header."
            )
            # RFC 9110, section 15.5.16: Accept-Encoding lists the codings that the server accepts.
            headers = {"Accept-Encoding": "identity"}
            return build_problem_response(Request(scope), error, headers=headers)
    return None


def _build_too_large_response(scope: Scope, max_bytes: int) -> Response:
    error = BodyTooLargeError(
        f"The body is larger than {max_bytes} bytes, the limit for this path. Send less at once."
    )
    # The rest of the body stays unread, so the connection cannot be reused.
    return build_problem_response(Request(scope), error, headers={"Connection": "close"})
