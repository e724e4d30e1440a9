"""Middleware for HEAD (RFC 9110, section 9.3.2): the response of GET without its body."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Handles HEAD as GET and drops the body.

    Args:
        app: the application that handles GET.
        streams: paths that return endless streams. HEAD is rejected there.
    """

    def __init__(self, app: ASGIApp, *, streams: Collection[str]) -> None:
        self._app = app
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if (
            scope["type"] != "http"
            or scope["method"] != "HEAD"
            or scope["path"].rstrip("/") in self._streams
        ):
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # Uses a copy of the scope: the server must still see HEAD, so that it sends no body despite
        # Content-Length.
        inner = {**scope, "method": "GET"}
        try:
            await self._app(inner, receive, send_without_body)
        finally:
            # The access log and metrics in outer middleware read the route from these.
            for name in ("route", "root_path", "app_root_path"):
                if name in inner:
                    scope[name] = inner[name]
