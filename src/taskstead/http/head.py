"""HEAD (RFC 9110, 9.3.2) wherever there is GET: the same answer, without its body."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Answers HEAD as GET is answered, and leaves the body out.

    Args:
        app: what knows GET.
        streams: paths whose GET has no end; HEAD is not allowed there.
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

        # A scope of its own: the server has to know that it was HEAD, to send no body of a length
        # that Content-Length tells.
        inner = {**scope, "method": "GET"}
        try:
            await self._app(inner, receive, send_without_body)
        finally:
            # The access log and the metrics outside name the route by these.
            for name in ("route", "root_path", "app_root_path"):
                if name in inner:
                    scope[name] = inner[name]
