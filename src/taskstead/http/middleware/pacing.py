"""Pacing middleware: starts few requests in each iteration of the event loop, fairly by credential.

A burst of requests with one token then delays the requests of others by milliseconds, not by the
time that the burst takes.
"""

from collections.abc import Hashable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.concurrency.pacing import Pacer
from taskstead.observability.request_record import current_request

# Headers that identify the sender of a request before it is authenticated.
_IDENTIFYING = frozenset({b"authorization", b"cookie", b"taskstead-workspace"})
_HEALTH = "/health"


class PacingMiddleware:
    """Lets a request wait for the pacer when it starts, and again when its body arrives later.

    Health checks do not wait.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pacer = Pacer()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or scope["path"].startswith(_HEALTH):
            await self._app(scope, receive, send)
            return
        pacer = self._pacer
        key: tuple[Hashable, ...] = tuple(
            [value for name, value in scope["headers"] if name in _IDENTIFYING]
        )
        record = current_request.get()
        if record is not None:
            record.share = key
            key = key or (record.address,)
        await pacer.wait(key)
        iteration = pacer.iteration

        async def receive_paced() -> Message:
            nonlocal iteration
            message = await receive()
            is_body = message["type"] == "http.request"
            if is_body and pacer.iteration != iteration and not message.get("more_body", False):
                # The end of the body may have arrived together with those of many requests.
                await pacer.wait(key)
                iteration = pacer.iteration
            return message

        await self._app(scope, receive_paced, send)
