"""``/docs`` and ``/redoc``: the API documentation, served from local files."""

import asyncio
import html
import re
import zlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from taskstead.errors import TasksteadError
from taskstead.faces.api.openapi.document import OPENAPI_PATH
from taskstead.http.responses.documented_errors import describe_error_kind, list_error_kinds
from taskstead.http.responses.error_mapping import get_status
from taskstead.http.responses.etags import build_not_modified, is_not_modified
from taskstead.http.responses.html_layout import build_site_page
from taskstead.http.responses.html_page import build_html_page
from taskstead.http.responses.problem_details import ERRORS_PATH

ASSETS_PATH = "/docs/assets"
REDIRECT_PATH = "/docs/oauth2-redirect"
TITLE = "Taskstead API"

# The icon is a file of the web face.
_ICON_PATH = "/favicon.svg"
_REDOC = "redoc.standalone.js"
_REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_EMPTY_IMAGE = b"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"
_CODE = re.compile("`([^`]+)`")

router = APIRouter(include_in_schema=False)


def mount_assets(app: FastAPI) -> None:
    """Mount the scripts and styles of the documentation pages."""
    with resources.as_file(_get_assets()) as folder:
        files = StaticFiles(directory=folder)
    routes = [Route(f"/{_REDOC}", get_redoc_script), Mount("/", files)]
    app.router.routes.append(Mount(ASSETS_PATH, routes=routes, name="documentation-assets"))


def _get_assets() -> Traversable:
    return resources.files("fastapi_offline") / "static"


async def get_redoc_script(request: Request) -> Response:
    """Return the ReDoc script without the logo that it would load from an external host."""
    script = await asyncio.to_thread(_read_redoc_script)
    etag = f'"{zlib.crc32(script):x}"'
    if is_not_modified(request, etag):
        return build_not_modified(etag)
    return Response(script, 200, {"ETag": etag}, "text/javascript")


@cache
def _read_redoc_script() -> bytes:
    return (_get_assets() / _REDOC).read_bytes().replace(_REDOC_LOGO, _EMPTY_IMAGE)


@router.get("/docs")
async def get_docs() -> HTMLResponse:
    """Return the Swagger UI page, which can send requests; "Authorize" logs in."""
    page = get_swagger_ui_html(
        openapi_url=OPENAPI_PATH,
        title=TITLE,
        swagger_js_url=f"{ASSETS_PATH}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS_PATH}/swagger-ui.css",
        swagger_favicon_url=_ICON_PATH,
        oauth2_redirect_url=REDIRECT_PATH,
        swagger_ui_parameters={
            "persistAuthorization": True,
            "docExpansion": "none",
            "validatorUrl": None,  # no badge from an external host
        },
    )
    return build_html_page(_get_text(page))


@router.get(REDIRECT_PATH)
async def get_redirect() -> HTMLResponse:
    """Return the redirect page of Swagger UI's "Authorize"."""
    return build_html_page(_get_text(get_swagger_ui_oauth2_redirect_html()))


@router.get("/redoc")
async def get_redoc() -> HTMLResponse:
    """Return the ReDoc page, an API reference that cannot send requests."""
    page = get_redoc_html(
        openapi_url=OPENAPI_PATH,
        title=TITLE,
        redoc_js_url=f"{ASSETS_PATH}/{_REDOC}",
        redoc_favicon_url=_ICON_PATH,
        with_google_fonts=False,
    )
    return build_html_page(_get_text(page))


def _get_text(page: HTMLResponse) -> str:
    return bytes(page.body).decode()


@router.get(ERRORS_PATH)
async def get_errors() -> HTMLResponse:
    """Return the error reference. The ``type`` of a problem document refers to this page."""
    sections = "".join(_render_error(kind) for kind in list_error_kinds())
    return build_site_page("Errors", sections, icon_path=_ICON_PATH)


def _render_error(kind: type[TasksteadError]) -> str:
    meaning = _CODE.sub(r"<code>\1</code>", html.escape(describe_error_kind(kind)))
    meaning = meaning.replace("\n\n", "</p><p>")
    return (
        f"<h2 id={kind.code}><code>{kind.code}</code> ({get_status(kind)})</h2>"
        f"<p><b>{html.escape(kind.title)}.</b> {meaning}</p>"
    )
