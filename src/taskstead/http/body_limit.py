"""Refuses request bodies over the limit: at once by Content-Length, else as soon as one is."""

from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.errors import BodyTooLargeError
from taskstead.http.problems import build_problem_response


class _LimitReachedError(Exception):
    """Breaks off the reading of a body."""


class BodyLimitMiddleware:
    """Answers 413 to a body of more than ``max_bytes`` bytes, and never holds more than that.

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
        length = _find_content_length(scope)
        if length is not None and length > max_bytes:
            await _refuse(max_bytes, scope, receive, send)
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
            await _refuse(max_bytes, scope, receive, send)


async def _refuse(max_bytes: int, scope: Scope, receive: Receive, send: Send) -> None:
    message = f"The body is larger than the {max_bytes} bytes that this server takes."
    # The rest of the body stays unread: the connection cannot be used again.
    error = BodyTooLargeError(message, headers={"Connection": "close"})
    response = build_problem_response(Request(scope), error)
    await response(scope, receive, send)


def _find_content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None
