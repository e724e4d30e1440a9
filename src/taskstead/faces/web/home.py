"""Pages for browsers: the start page ``/``, the 404 page, the icons and ``robots.txt``.

Only clients that prefer HTML get the pages. Other clients get problem documents.
"""

from functools import cache
from importlib import resources

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from taskstead.errors import NotFoundError
from taskstead.faces.web.app_files import build_app_page
from taskstead.http.app_state import AppState
from taskstead.http.responses.html_layout import build_site_page
from taskstead.http.responses.negotiation import NEGOTIATION_HEADERS, prefers_html
from taskstead.http.responses.problem_details import NO_SUCH_PATH, build_problem_response

_NOT_BUILT = """
<p>The web app is not built. <code>make run</code> builds it if a package registry can be reached.
The API works without it.</p>
"""
_HOME = """
<p>Taskstead is a self-hosted task server: tasks with categories, tags, sub-tasks and due dates, in
workspaces that can be shared.</p>
<p><strong>This server is running.</strong></p>

<h2>Documentation</h2>
<ul class="links">
<li><a href="/docs"><strong>API console</strong>All operations, to try in the browser</a></li>
<li><a href="/redoc"><strong>API reference</strong>All operations, for reading</a></li>
<li><a href="/docs/errors"><strong>Errors</strong>The meaning of each error code</a></li>
<li><a href="/openapi.json"><strong>OpenAPI document</strong>To generate clients</a></li>
<li><a href="/health"><strong>Health</strong>The state of the server and its database</a></li>
</ul>

<h2>First steps</h2>
<p>Create an account on the server. The first account is an administrator:</p>
<pre><code>taskstead user create you@example.com</code></pre>
<p>Log in with “Authorize” in the <a href="/docs">API console</a>, or import a list:</p>
<pre><code>taskstead import todo.txt --user you@example.com</code></pre>
"""
_UNKNOWN = """
<p>This page does not exist.</p>
<p><a href="/">Start page</a> · <a href="/docs">API documentation</a></p>
"""
_ICON_PATH = "/favicon.svg"
# The server is private, so search engines must not index it.
_ROBOTS = "User-agent: *\nDisallow: /\n"
_ICON_HEADERS = {"Cache-Control": "public, max-age=86400"}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def get_home(request: Request, server: AppState) -> Response:
    """Return the web app, or without it a page with links to the documentation."""
    if not prefers_html(request.headers):
        error = NotFoundError(NO_SUCH_PATH)
        return build_problem_response(request, error, headers=NEGOTIATION_HEADERS)
    page = build_app_page(server, request)
    if page is None:
        notice = _NOT_BUILT if server.settings.web_app else ""
        page = build_site_page("Taskstead", notice + _HOME, icon_path=_ICON_PATH)
    page.headers.add_vary_header(NEGOTIATION_HEADERS["Vary"])
    return page


def build_unknown_page() -> HTMLResponse:
    """Return the HTML page for unknown paths, with status 404."""
    return build_site_page("Page not found", _UNKNOWN, icon_path=_ICON_PATH, status=404)


@router.get(_ICON_PATH)
async def get_icon() -> Response:
    """Return the icon of the pages."""
    return Response(_read_asset("favicon.svg"), 200, _ICON_HEADERS, "image/svg+xml")


@router.get("/favicon.ico")
async def get_old_icon() -> Response:
    """Return the icon at the path that browsers request by default."""
    return Response(_read_asset("favicon.ico"), 200, _ICON_HEADERS, "image/vnd.microsoft.icon")


@router.get("/robots.txt")
async def get_robots() -> PlainTextResponse:
    """Return ``robots.txt``, which excludes search engines."""
    return PlainTextResponse(_ROBOTS)


@cache
def _read_asset(name: str) -> bytes:
    return resources.files("taskstead.faces.web").joinpath("assets", name).read_bytes()
