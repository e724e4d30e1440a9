"""Refuses request bodies that are compressed, or over the limit: at once, or as soon as one is."""

from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.errors import BodyTooLargeError, TasksteadError, UnsupportedMediaTypeError
from taskstead.http.problems import build_problem_response

_UNENCODED = (b"", b"identity")


class _LimitReachedError(Exception):
    """Breaks off the reading of a body."""


class BodyLimitMiddleware:
    """Answers 413 to a body of more than ``max_bytes`` bytes, and never holds more than that.

    Nothing is unpacked, so that nothing swells: a body with a Content-Encoding is answered 415.

    Paths in ``larger``, which take their body in pieces, have limits of their own. A body without
    Content-Length is counted while it is read. Whatever the application answers to the reading that
    was broken off is replaced.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, larger: Mapping[str, int]) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        max_bytes = self._larger.get(scope["path"], self._max_bytes)
        if error := _find_error(scope, max_bytes):
            await build_problem_response(Request(scope), error)(scope, receive, send)
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

        async def send_unless_refused(message: Message) -> None:
            if received <= max_bytes:
                await send(message)

        with suppress(_LimitReachedError):
            await self._app(scope, receive_counted, send_unless_refused)
        if received > max_bytes:
            error = _make_too_large(max_bytes)
            await build_problem_response(Request(scope), error)(scope, receive, send)


def _find_error(scope: Scope, max_bytes: int) -> TasksteadError | None:
    """Return what the headers alone tell to be wrong with the body."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > max_bytes:
            return _make_too_large(max_bytes)
        if name == b"content-encoding" and value.lower() not in _UNENCODED:
            message = "The body has a Content-Encoding: send it as it is, without."
            # RFC 9110, 15.5.16: that is how a client learns what it may send.
            return UnsupportedMediaTypeError(message, headers={"Accept-Encoding": "identity"})
    return None


def _make_too_large(max_bytes: int) -> BodyTooLargeError:
    message = f"The body is larger than the {max_bytes} bytes that this server takes."
    # The rest of the body stays unread: the connection cannot be used again.
    return BodyTooLargeError(message, headers={"Connection": "close"})
