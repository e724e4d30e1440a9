"""Middleware that starts a few requests in each turn of the event loop, fairly by credential.

A burst of requests with one token then costs everybody else a moment and not its whole length.
"""

from collections.abc import Hashable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.pacing import Pacer
from taskstead.telemetry.requests import current_request

# What says whose request it is, before it has been authenticated.
_IDENTIFYING = frozenset({b"authorization", b"cookie", b"taskstead-workspace"})
_HEALTH = "/health"


class PacingMiddleware:
    """Starts a few requests in each turn of the event loop; so does the arrival of bodies.

    Health checks start at once.
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
            item[1] for item in scope["headers"] if item[0] in _IDENTIFYING
        )
        record = current_request.get()
        if record is not None:
            record.share = key
            key = key or (record.address,)
        await pacer.wait(key)
        turn = pacer.turn

        async def receive_in_turn() -> Message:
            nonlocal turn
            message = await receive()
            is_body = message["type"] == "http.request"
            if is_body and pacer.turn != turn and not message.get("more_body", False):
                # The rest of the body came later, maybe together with that of many others.
                await pacer.wait(key)
                turn = pacer.turn
            return message

        await self._app(scope, receive_in_turn, send)
