"""Refuses request bodies over the limit: at once by Content-Length, else as soon as one is."""

from contextlib import suppress

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.errors import BodyTooLargeError
from taskstead.http.problems import build_problem_response


class _LimitReachedError(Exception):
    """Breaks off the reading of a body."""


class BodyLimitMiddleware:
    """Answers 413 to a body of more than ``max_bytes`` bytes, and never holds more than that.

    A body without Content-Length is counted while it is read. Whatever the application answers to
    the reading that was broken off is replaced.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        length = _find_content_length(scope)
        if length is not None and length > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self._max_bytes:
                    raise _LimitReachedError
            return message

        async def send_unless_refused(message: Message) -> None:
            if received <= self._max_bytes:
                await send(message)

        with suppress(_LimitReachedError):
            await self._app(scope, receive_counted, send_unless_refused)
        if received > self._max_bytes:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"The body is larger than the {self._max_bytes} bytes that this server takes."
        # The rest of the body stays unread: the connection cannot be used again.
        error = BodyTooLargeError(message, headers={"Connection": "close"})
        response = build_problem_response(Request(scope), error)
        await response(scope, receive, send)


def _find_content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
    return None
