"""Security headers on every response, including the Content-Security-Policy of pages.

The middleware adds ``Cache-Control: no-store`` to private responses that have no ``Cache-Control``
header. ``http/responses/etags.py`` sets that header for cacheable responses. Starlette handles
CORS, and ``http/middleware/request_limits.py`` checks hosts.
"""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.http.responses.html_page import DEFAULT_POLICY, render_policy

_CSP = b"content-security-policy"
_CACHE = b"cache-control"
# Paths of private responses: without a Cache-Control header, they get no-store.
_PRIVATE = ("/api/", "/auth/", "/admin/", "/items", "/todos")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers without support for frame-ancestors
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# No includeSubDomains: subdomains may belong to other hosts.
_HSTS = ("Strict-Transport-Security", "max-age=31536000")


def _encode_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers]


class SecurityHeadersMiddleware:
    """Adds the headers to every response; an existing Content-Security-Policy is kept.

    Args:
        app: the application.
        is_production: whether to send Strict-Transport-Security for one year. It is sent over HTTPS
            only (RFC 6797, section 7.2).
    """

    def __init__(self, app: ASGIApp, *, is_production: bool) -> None:
        self._app = app
        self._headers = _encode_headers(_HEADERS.items())
        self._https_headers = _encode_headers([_HSTS] if is_production else [])
        self._policy = (_CSP, render_policy(DEFAULT_POLICY).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                names = {name for name, _ in headers}
                if _CSP not in names:
                    headers.append(self._policy)
                if _CACHE not in names and scope["path"].startswith(_PRIVATE):
                    headers.append((_CACHE, b"no-store"))
                headers += self._headers
                if scope["scheme"] == "https":
                    headers += self._https_headers
            await send(message)

        await self._app(scope, receive, send_with_headers)
