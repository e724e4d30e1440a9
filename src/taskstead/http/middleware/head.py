"""Middleware for HEAD (RFC 9110, section 9.3.2): the response of GET without its body."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Handles HEAD as GET and drops the body.

    Args:
        app: the application that handles GET.
        streams: paths whose responses are endless streams. HEAD requests to them are not converted,
            so they get a 405.
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

        # A copy, because the method in the server's scope must remain HEAD. The server then expects
        # no body although the response has a Content-Length.
        inner = {**scope, "method": "GET"}
        try:
            await self._app(inner, receive, send_without_body)
        finally:
            # The access log and the metrics read the route from the original scope.
            for name in ("route", "root_path", "app_root_path"):
                if name in inner:
                    scope[name] = inner[name]
