"""HTML pages with a Content-Security-Policy (CSP level 3)."""

import base64
import hashlib
import re

from starlette.responses import HTMLResponse

# The default policy. It is strict enough for API responses, and allows a web app that is served
# from static files.
DEFAULT_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def render_policy(policy: dict[str, str]) -> str:
    """Return the value of a Content-Security-Policy header."""
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def build_html_page(content: str, *, status: int = 200) -> HTMLResponse:
    """Return an HTML page with a Content-Security-Policy for its scripts and styles.

    The inline scripts of the page are allowed by hash (CSP level 3), so the browser does not
    execute injected scripts. All inline styles are allowed, because the scripts of the
    documentation pages create styles at run time.
    """
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(content)
    ]
    policy = {
        **DEFAULT_POLICY,
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "worker-src": "'self' blob:",
    }
    headers = {"Content-Security-Policy": render_policy(policy)}
    return HTMLResponse(content, status, headers)
