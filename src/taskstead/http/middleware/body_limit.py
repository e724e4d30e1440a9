"""Middleware that rejects compressed request bodies (415) and oversized ones (413)."""

from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.errors import BodyTooLargeError, UnsupportedMediaTypeError
from taskstead.http.responses.problem_details import build_problem_response

_ACCEPTED_ENCODINGS = (b"", b"identity")


class _LimitReachedError(Exception):
    """Aborts the reading of a body that exceeds the limit."""


class BodyLimitMiddleware:
    """Rejects oversized bodies with 413 and compressed bodies with 415.

    Bodies are never decompressed, so a small body cannot expand in memory. If a body has no
    Content-Length, its bytes are counted while the application reads it. If they exceed the limit,
    the middleware discards the response of the application and sends 413.

    Args:
        app: the application that handles accepted requests.
        max_bytes: the maximum size of a body.
        path_limits: the maximum sizes for single paths. These endpoints read the body as a stream.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, path_limits: Mapping[str, int]) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = path_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        max_bytes = self._larger.get(scope["path"], self._max_bytes)
        if rejection := _find_rejection(scope, max_bytes):
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


def _find_rejection(scope: Scope, max_bytes: int) -> Response | None:
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
