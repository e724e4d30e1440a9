"""``/docs`` and ``/redoc``: the API's documentation, from files of our own, with no internet."""

import html
import re
from importlib import resources

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)
from fastapi.staticfiles import StaticFiles
from starlette.responses import HTMLResponse

from taskstead.api.layout import ICON_PATH, build_site_page
from taskstead.errors import TasksteadError
from taskstead.http.problems import ERRORS_PATH, describe_error_kind, list_error_kinds
from taskstead.http.security import build_html_page

ASSETS_PATH = "/docs/assets"
OPENAPI_PATH = "/openapi.json"
REDIRECT_PATH = "/docs/oauth2-redirect"
TITLE = "Taskstead API"

_CODE = re.compile("`([^`]+)`")

router = APIRouter(include_in_schema=False)


def mount_assets(app: FastAPI) -> None:
    """Serve the scripts and styles of the pages below."""
    with resources.as_file(resources.files("fastapi_offline") / "static") as folder:
        app.mount(ASSETS_PATH, StaticFiles(directory=folder), name="documentation-assets")


@router.get("/docs")
async def get_docs() -> HTMLResponse:
    """Swagger UI, where requests can be tried; "Authorize" logs in."""
    page = get_swagger_ui_html(
        openapi_url=OPENAPI_PATH,
        title=TITLE,
        swagger_js_url=f"{ASSETS_PATH}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS_PATH}/swagger-ui.css",
        swagger_favicon_url=ICON_PATH,
        oauth2_redirect_url=REDIRECT_PATH,
        swagger_ui_parameters={"persistAuthorization": True, "docExpansion": "none"},
    )
    return build_html_page(_get_text(page))


@router.get(REDIRECT_PATH)
async def get_redirect() -> HTMLResponse:
    """Where Swagger UI's "Authorize" comes back to."""
    return build_html_page(_get_text(get_swagger_ui_oauth2_redirect_html()))


@router.get("/redoc")
async def get_redoc() -> HTMLResponse:
    """ReDoc, for reading."""
    page = get_redoc_html(
        openapi_url=OPENAPI_PATH,
        title=TITLE,
        redoc_js_url=f"{ASSETS_PATH}/redoc.standalone.js",
        redoc_favicon_url=ICON_PATH,
        with_google_fonts=False,
    )
    return build_html_page(_get_text(page))


def _get_text(page: HTMLResponse) -> str:
    return bytes(page.body).decode()


@router.get(ERRORS_PATH)
async def get_errors() -> HTMLResponse:
    """What each error code means: the page that a problem's ``type`` points to."""
    sections = "".join(_render_error(kind) for kind in list_error_kinds())
    return build_site_page("Errors", sections)


def _render_error(kind: type[TasksteadError]) -> str:
    meaning = _CODE.sub(r"<code>\1</code>", html.escape(describe_error_kind(kind)))
    return (
        f"<h2 id={kind.code}><code>{kind.code}</code> ({kind.status})</h2>"
        f"<p><b>{html.escape(kind.title)}.</b> {meaning}</p>"
    )
