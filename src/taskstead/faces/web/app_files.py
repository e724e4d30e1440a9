"""The web app: its files, and its page at every address that the app knows.

``python -m scripts.web`` builds the files. Without a build, these addresses are not served, and
``home.py`` explains at ``/`` how to build it.
"""

from importlib import resources
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.config.settings import Settings
from taskstead.errors import NotFoundError
from taskstead.http.app_state import AppState, Server
from taskstead.http.responses.etags import is_not_modified
from taskstead.http.responses.html_page import render_policy
from taskstead.http.responses.problem_details import NO_SUCH_PATH
from taskstead.http.static_files import StaticFile, load_static_files

# The first segments of the addresses of the app's pages: web/src/routes has the pages.
SECTIONS = (
    *("today", "upcoming", "inbox", "board", "category", "tag", "filter", "search", "t"),
    *("activity", "statistics", "trash", "settings", "administration", "add", "share"),
    *("signin", "signup", "invitation"),
)
# Files that are not in assets/, because their addresses are fixed.
_FIXED_FILES = ("sw.js", "theme.js", "manifest.webmanifest")
_PAGE = "index.html"
# No script can be injected, and the page can send data to no other server (CSP level 3).
_POLICY = render_policy(
    {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "taskstead",
    }
)
_REVALIDATED = "no-cache"
# The names in assets/ contain a hash of the content.
_IMMUTABLE = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


def load_web_app(settings: Settings) -> dict[str, StaticFile]:
    """Return the files of the built app by path; none if it is disabled or not built."""
    if not settings.web_app:
        return {}
    with resources.as_file(resources.files("taskstead.faces.web") / "build") as package_folder:
        return load_static_files(settings.web_dir or Path(package_folder))


def build_app_page(server: Server, request: Request) -> Response | None:
    """Return the page of the app, or None if there is no build."""
    page = server.web_files.get(_PAGE)
    if page is None:
        return None
    response = _build_response(request, page, _REVALIDATED)
    response.headers["Content-Security-Policy"] = _POLICY
    return response


async def _get_app_page(request: Request, server: AppState) -> Response:
    """Return the page of the app. Its script shows the content of the address."""
    page = build_app_page(server, request)
    if page is None:
        raise NotFoundError(NO_SUCH_PATH)
    return page


for _section in SECTIONS:
    router.add_api_route(f"/{_section}", _get_app_page, methods=["GET"])
    router.add_api_route(f"/{_section}/{{rest:path}}", _get_app_page, methods=["GET"])


@router.get("/assets/{name}")
async def get_asset(name: str, request: Request, server: AppState) -> Response:
    """Return a file that is cached for ever, because its name changes with its content."""
    return _get_file(server, request, f"assets/{name}", _IMMUTABLE)


async def _get_fixed_file(request: Request, server: AppState) -> Response:
    """Return a file with a fixed address. The policy also restricts the service worker."""
    response = _get_file(server, request, request.url.path.removeprefix("/"), _REVALIDATED)
    response.headers["Content-Security-Policy"] = _POLICY
    return response


for _name in _FIXED_FILES:
    router.add_api_route(f"/{_name}", _get_fixed_file, methods=["GET"])


@router.get("/icons/{name}")
async def get_app_icon(name: str, request: Request, server: AppState) -> Response:
    """Return an icon that the manifest names."""
    return _get_file(server, request, f"icons/{name}", _REVALIDATED)


def _get_file(server: Server, request: Request, path: str, cache_control: str) -> Response:
    file = server.web_files.get(path)
    if file is None:
        raise NotFoundError(NO_SUCH_PATH)
    return _build_response(request, file, cache_control)


def _build_response(request: Request, file: StaticFile, cache_control: str) -> Response:
    """Return the file, in the best form that ``Accept-Encoding`` allows, or a 304."""
    headers = {"Cache-Control": cache_control, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if is_not_modified(request, file.etag):
        return Response(None, 304, headers)
    content, coding = file.choose_form(request.headers.get("accept-encoding", ""))
    if coding is not None:
        headers["Content-Encoding"] = coding
    return Response(content, 200, headers, file.content_type)
