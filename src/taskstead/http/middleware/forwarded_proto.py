"""Reads the scheme that the client used from ``X-Forwarded-Proto``, if there are several proxies.

uvicorn's ``ProxyHeadersMiddleware`` accepts only a single scheme in lower case. Two proxies send a
list, such as ``https, http``, in which the first scheme is that of the client.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

_HEADER = b"x-forwarded-proto"
_SCHEMES = {b"ws": b"http", b"wss": b"https"}


class ForwardedProtoMiddleware:
    """Reduces ``X-Forwarded-Proto`` to ``http`` or ``https``, for ``ProxyHeadersMiddleware``.

    That middleware ignores the header if the request does not come from a trusted proxy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] == "http":
            values = [value for name, value in scope["headers"] if name == _HEADER]
            if values:
                first = values[0].partition(b",")[0].strip().lower()
                others = [header for header in scope["headers"] if header[0] != _HEADER]
                proto = (_HEADER, _SCHEMES.get(first, first))
                scope = {**scope, "headers": [*others, proto]}
        await self._app(scope, receive, send)
