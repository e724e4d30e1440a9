"""Headers that tell browsers to be careful, on every answer; and which pages may run scripts.

What may be kept, and by whom, says ``http/conditions.py``; of all else that is private, nothing is.

Cross-origin requests (CORS) are Starlette's; who may send what is in ``http/admission.py``.
"""

import base64
import hashlib
import re
from collections.abc import Iterable

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CSP = b"content-security-policy"
_CACHE = b"cache-control"
# Where answers are somebody's own: what does not say how it may be kept is not kept.
_PRIVATE = ("/api/", "/auth/", "/admin/", "/items", "/todos")
# For the API, which is never a page, and for a web app from files of this server.
_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Without includeSubDomains: other names below this one may be other people's machines.
_HSTS = ("Strict-Transport-Security", "max-age=31536000")
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def _render_policy(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _encode_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers]


def build_html_page(content: str, *, status: int = 200) -> HTMLResponse:
    """Answer with a page of ours whose own scripts and styles may run, and no others.

    Its scripts are allowed by their hashes (CSP level 3), so that text in it that looks like a
    script is none. Styles are allowed as such: what draws the documentation makes them as it goes.
    """
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(content)
    ]
    policy = {
        **_POLICY,
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "worker-src": "'self' blob:",
    }
    headers = {"Content-Security-Policy": _render_policy(policy)}
    return HTMLResponse(content, status, headers)


class SecurityHeadersMiddleware:
    """Puts the headers on every answer; a page's own Content-Security-Policy is kept.

    Args:
        app: what answers.
        is_production: whether to tell browsers to come by HTTPS only, from now on and for a year.
            That is told over HTTPS only (RFC 6797, section 7.2).
    """

    def __init__(self, app: ASGIApp, *, is_production: bool) -> None:
        self._app = app
        self._headers = _encode_headers(_HEADERS.items())
        self._https_headers = _encode_headers([_HSTS] if is_production else [])
        self._policy = (_CSP, _render_policy(_POLICY).encode())

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
