"""Authorisation: a table with a row for each route and a column for each kind of principal.

The test fails for a route without a row and for a row without a route.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.faces.legacy.errors import LEGACY_PREFIXES
from taskstead.faces.web import app_files
from taskstead.ids import make_id
from tests.harness.client import PASSWORD, Client
from tests.harness.settings import make_settings
from tests.integration.http.requests.world import ENDS_SESSIONS, Row, World, build_world

# All requests name the shared workspace in the header, except `elsewhere`.
#
#   nobody     no token                        viewer, editor, owner: members with that role
#   expired    the owner's token of yesterday  elsewhere: the owner, naming another workspace
#   unscoped   a token of the owner (for scope admin: of the administrator) with all scopes but
#              the one that is needed
#   stranger   another user, no member         bound: the owner's token for another workspace
#   admin      the server's administrator, no member either: no power over others' workspaces
#
# Objects in paths are the shared workspace's; API tokens are the owner's own.
COLUMNS = (
    *("nobody", "expired", "unscoped", "stranger", "admin"),
    *("viewer", "editor", "owner", "elsewhere", "bound"),
)
TABLE = """
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/tasks
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /api/v1/tasks
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /api/v1/tasks/quick
401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /api/v1/tasks/{task}
401 401 403 404 404 403 200 200 404 403  tasks:write    PATCH  /api/v1/tasks/{task}
401 401 403 404 404 403 200 200 201 403  tasks:write    PUT    /api/v1/tasks/{task}
401 401 403 404 404 403 204 204 404 403  tasks:write    DELETE /api/v1/tasks/{task}
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/tasks/{task}/move
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/tasks/{task}/complete
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/tasks/{task}/skip
401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /api/v1/tasks/{task}/occurrences
401 401 403 404 404 200 200 200 200 403  tasks:read     POST   /api/v1/repeat/preview
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/tasks/stats
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/tasks/export
401 401 403 404 404 403 202 202 202 403  tasks:write    POST   /api/v1/tasks/import
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/filters/parse
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/filters
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /api/v1/filters
401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /api/v1/filters/{filter_id}
401 401 403 404 404 403 200 200 404 403  tasks:write    PATCH  /api/v1/filters/{filter_id}
401 401 403 404 404 403 204 204 404 403  tasks:write    DELETE /api/v1/filters/{filter_id}
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/filters/{filter_id}/move
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/trash
401 401 403 404 404 403 200 200 200 403  tasks:purge    POST   /api/v1/trash/empty
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/tasks/{task}/restore
401 401 403 404 404 403 200 200 200 403  tasks:write    POST   /api/v1/tasks/bulk
401 401 403 404 404 403 202 202 202 403  tasks:write    POST   /api/v1/tasks/bulk-process

401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /api/v1/tasks/{task}/history
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/activity
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/changes
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/changes/{revision}/undo
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/batches/{batch_id}/undo
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/events

401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/jobs
401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /api/v1/jobs/{job_id}
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/jobs/{job_id}/cancel

401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /items
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /items
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /todos/
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /todos/
401 401 403 404 404 403 200 200 200 403  tasks:write    POST   /todos/bulk-process
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /todos/stats
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /todos/statistics
401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /todos/{number}
401 401 403 404 404 403 200 200 404 403  tasks:write    PUT    /todos/{number}
401 401 403 404 404 403 200 200 404 403  tasks:write    PATCH  /todos/{number}
401 401 403 404 404 403 204 204 404 403  tasks:write    DELETE /todos/{number}
401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/todo
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /api/todo
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /api/todo/bulk
401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /api/todo/{number}
401 401 403 404 404 403 200 200 404 403  tasks:write    PUT    /api/todo/{number}
401 401 403 404 404 403 200 200 404 403  tasks:write    PATCH  /api/todo/{number}
401 401 403 404 404 403 204 204 404 403  tasks:write    DELETE /api/todo/{number}

401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/categories
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /api/v1/categories
401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /api/v1/categories/{category_id}
401 401 403 404 404 403 200 200 404 403  tasks:write    PATCH  /api/v1/categories/{category_id}
401 401 403 404 404 403 204 204 404 403  tasks:write    DELETE /api/v1/categories/{category_id}

401 401 403 404 404 200 200 200 200 403  tasks:read     GET    /api/v1/tags
401 401 403 404 404 403 201 201 201 403  tasks:write    POST   /api/v1/tags
401 401 403 404 404 200 200 200 404 403  tasks:read     GET    /api/v1/tags/{tag_id}
401 401 403 404 404 403 200 200 404 403  tasks:write    PATCH  /api/v1/tags/{tag_id}
401 401 403 404 404 403 204 204 404 403  tasks:write    DELETE /api/v1/tags/{tag_id}
401 401 403 404 404 403 200 200 404 403  tasks:write    POST   /api/v1/tags/{tag_id}/merge

401 401 403 200 200 200 200 200 200 200  account:read   GET    /api/v1/workspaces
401 401 403 201 201 201 201 201 201 403  account:write  POST   /api/v1/workspaces
401 401 403 404 404 200 200 200 200 403  account:read   GET    /api/v1/workspaces/{workspace_id}
401 401 403 404 404 403 403 200 200 403  account:write  PATCH  /api/v1/workspaces/{workspace_id}
401 401 403 404 404 403 403 422 422 403  account:write  DELETE /api/v1/workspaces/{workspace_id}
401 401 403 404 404 403 403 200 200 403  account:write  POST   /api/v1/workspaces/{workspace_id}/restore
401 401 403 404 404 200 200 200 200 403  account:read   GET    /api/v1/workspaces/{workspace_id}/members
401 401 403 404 404 403 403 201 201 403  account:write  POST   /api/v1/workspaces/{workspace_id}/members
401 401 403 404 404 403 403 200 200 403  account:write  PATCH  /api/v1/workspaces/{workspace_id}/members/{user_id}
401 401 403 404 404 403 403 204 204 403  account:write  DELETE /api/v1/workspaces/{workspace_id}/members/{user_id}

201 201 201 201 201 201 201 201 201 201  -              POST   /auth/register
200 200 200 200 200 200 200 200 200 200  -              POST   /auth/login
200 200 200 200 200 200 200 200 200 200  -              POST   /auth/token
200 200 200 200 200 200 200 200 200 200  -              POST   /auth/refresh
200 200 200 200 200 200 200 200 200 200  -              POST   /auth/session
204 204 204 204 204 204 204 204 204 204  -              DELETE /auth/session
401 401 403 204 204 204 204 204 204 403  account:write  POST   /auth/logout
401 401 403 200 200 200 200 200 200 200  account:read   GET    /auth/sessions
401 401 403 204 204 204 204 204 204 204  account:write  POST   /auth/sessions/end-others
401 401 403 404 404 404 404 204 204 204  account:write  DELETE /auth/sessions/{session_id}
401 401 403 200 200 200 200 200 200 200  account:read   GET    /auth/me
401 401 403 200 200 200 200 200 200 200  account:write  PATCH  /auth/me
401 401 403 204 204 204 204 204 204 204  account:write  POST   /auth/password
401 401 403 422 422 422 422 422 422 403  account:write  POST   /auth/me/delete
401 401 403 422 422 422 422 422 422 403  account:write  POST   /auth/me/export

401 401 403 200 200 200 200 200 200 200  account:read   GET    /api/v1/preferences
401 401 403 200 200 200 200 200 200 200  account:write  PUT    /api/v1/preferences
401 401 403 200 200 200 200 200 200 200  account:write  PATCH  /api/v1/preferences
401 401 403 200 200 200 200 200 200 200  account:read   GET    /api/v1/tokens
401 401 403 201 201 201 201 201 201 403  account:write  POST   /api/v1/tokens
401 401 403 404 404 404 404 404 404 200  account:read   GET    /api/v1/tokens/current
401 401 403 404 404 404 404 404 404 204  account:read   DELETE /api/v1/tokens/current
401 401 403 404 404 404 404 200 200 200  account:read   GET    /api/v1/tokens/{token_id}
401 401 403 404 404 404 404 204 204 204  account:write  DELETE /api/v1/tokens/{token_id}

401 401 403 403 200 403 403 403 403 403  admin          GET    /api/v1/invitations
401 401 403 403 201 403 403 403 403 403  admin          POST   /api/v1/invitations
401 401 403 403 200 403 403 403 403 403  admin          GET    /api/v1/invitations/{invitation_id}
401 401 403 403 204 403 403 403 403 403  admin          DELETE /api/v1/invitations/{invitation_id}

401 401 403 403 200 403 403 403 403 403  admin          GET    /api/v1/admin/users
401 401 403 403 200 403 403 403 403 403  admin          GET    /api/v1/admin/users/{user_id}
401 401 403 403 200 403 403 403 403 403  admin          PATCH  /api/v1/admin/users/{user_id}
401 401 403 403 204 403 403 403 403 403  admin          POST   /api/v1/admin/users/{user_id}/sign-out
401 401 403 403 204 403 403 403 403 403  admin          POST   /api/v1/admin/users/{user_id}/delete
401 401 403 403 200 403 403 403 403 403  admin          GET    /api/v1/admin/registration
401 401 403 403 200 403 403 403 403 403  admin          GET    /api/v1/admin/jobs
401 401 403 403 200 403 403 403 403 403  admin          GET    /api/v1/admin/jobs/{job_id}
401 401 403 403 200 403 403 403 403 403  admin          POST   /api/v1/admin/jobs/{job_id}/cancel
401 401 403 403 409 403 403 403 403 403  admin          POST   /api/v1/admin/jobs/{job_id}/retry
401 401 403 403 200 403 403 403 403 403  admin          GET    /api/v1/admin/audit

401 401 403 403 200 403 403 403 403 403  admin          GET    /metrics
401 401 403 403 200 403 403 403 403 403  admin          GET    /admin/pool

200 200 200 200 200 200 200 200 200 200  -              GET    /api/v1/server
200 200 200 200 200 200 200 200 200 200  -              GET    /health
200 200 200 200 200 200 200 200 200 200  -              GET    /health/live
200 200 200 200 200 200 200 200 200 200  -              GET    /health/ready
200 200 200 200 200 200 200 200 200 200  -              GET    /openapi.json
200 200 200 200 200 200 200 200 200 200  -              GET    /docs
200 200 200 200 200 200 200 200 200 200  -              GET    /docs/oauth2-redirect
200 200 200 200 200 200 200 200 200 200  -              GET    /docs/errors
200 200 200 200 200 200 200 200 200 200  -              GET    /redoc
200 200 200 200 200 200 200 200 200 200  -              GET    /docs/assets
404 404 404 404 404 404 404 404 404 404  -              GET    /
200 200 200 200 200 200 200 200 200 200  -              GET    /favicon.svg
200 200 200 200 200 200 200 200 200 200  -              GET    /favicon.ico
200 200 200 200 200 200 200 200 200 200  -              GET    /robots.txt
"""  # noqa: E501 - one table row per line

# The error code that must accompany a status, for columns where the status alone is ambiguous.
CODES = {
    "nobody": {401: "unauthenticated"},
    "expired": {401: "token_expired"},
    "unscoped": {403: "insufficient_scope"},
    "viewer": {403: "insufficient_role"},
    "editor": {403: "insufficient_role"},
    "bound": {403: "forbidden"},
}


@pytest.fixture
def settings(database_url: str) -> Settings:
    # Without a worker, jobs stay in the queue and can be cancelled.
    return make_settings(database_url, run_worker=False)


def parse_table() -> Iterator[Row]:
    for line in TABLE.splitlines():
        if line:
            *statuses, scope, method, path = line.split()
            expected = dict(zip(COLUMNS, map(int, statuses), strict=True))
            yield Row(method, path, scope, expected)


def make_factories(world: World) -> dict[str, Callable[[], Awaitable[str]]]:
    """Return a factory for each path parameter, so that no request affects another's objects."""
    owner = world.users["owner"].in_workspace(world.shared)

    async def make(path: str, body: dict[str, Any], maker: Client = owner, key: str = "id") -> str:
        answer = await maker.post(path, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()[key])

    async def make_member() -> str:
        email = f"{make_id()}@example.com"
        await world.anonymous.register(email)
        path = f"/api/v1/workspaces/{world.shared}/members"
        return await make(path, {"email": email, "role": "editor"}, key="user_id")

    async def make_job() -> str:
        body = {"filter": {"tag": ["x"]}, "action": "complete"}
        return str((await owner.post("/api/v1/tasks/bulk-process", body)).json()["id"])

    async def make_change(name: str) -> str:
        await make("/api/v1/tasks", {"title": "A task"})
        newest = (await owner.get("/api/v1/activity?limit=1")).json()["items"][0]
        return str(newest[name])

    async def make_session() -> str:
        await world.anonymous.log_in("owner@example.com")
        newest: str = (await owner.get("/auth/sessions?limit=200")).json()["items"][-1]["id"]
        return newest

    async def get_shared() -> str:
        return world.shared

    scopes = ["tasks:read"]
    admin = world.users["admin"]
    return {
        "task": lambda: make("/api/v1/tasks", REPEATING),
        "number": lambda: make("/api/v1/tasks", {"title": "A task"}, key="number"),
        "category_id": lambda: make("/api/v1/categories", {"name": f"Named {make_id()}"}),
        "tag_id": lambda: make("/api/v1/tags", {"name": f"Named {make_id()}"}),
        "filter_id": lambda: make("/api/v1/filters", make_filter()),
        "token_id": lambda: make("/api/v1/tokens", {"name": "x", "scopes": scopes}),
        "invitation_id": lambda: make("/api/v1/invitations", {}, admin),
        "user_id": make_member,
        "job_id": make_job,
        "revision": lambda: make_change("revision"),
        "session_id": make_session,
        "batch_id": lambda: make_change("batch"),
        "workspace_id": get_shared,
    }


REPEATING = {"title": "A task", "due_date": "2026-12-01", "repeat_rule": "FREQ=DAILY"}
LEGACY_BODIES: dict[str, Any] = {
    "POST /items": {"title": "x"},
    "POST /todos/": {"title": "x"},
    "POST /todos/bulk-process": {"ids": [1], "action": "complete"},
    "PUT /todos/{number}": {"title": "x"},
    "PATCH /todos/{number}": {"priority": 1},
    "POST /api/todo": {"title": "x"},
    "POST /api/todo/bulk": [{"title": "x"}],
    "PUT /api/todo/{number}": {"title": "x"},
    "PATCH /api/todo/{number}": {"priority": 1},
}


def make_filter() -> dict[str, Any]:
    return {"name": f"Named {make_id()}", "filter": "today", "shared": True}


async def make_body(row: Row, world: World) -> Any:
    """Return a body that the route accepts, or None for routes without a body."""
    if row.path == "/api/v1/tags/{tag_id}/merge":
        owner = world.users["owner"].in_workspace(world.shared)
        return {
            "into": (await owner.post("/api/v1/tags", {"name": f"Named {make_id()}"})).json()["id"]
        }
    if row.path == "/auth/refresh":
        session = await world.anonymous.log_in("owner@example.com")
        return {"refresh_token": session.refresh_token}
    email = f"{make_id()}@example.com"
    if row.path.endswith("/members") and row.method == "POST":
        await world.anonymous.register(email)
    login = {"email": "owner@example.com", "password": PASSWORD}
    bodies: dict[str, dict[str, Any]] = {
        "POST /api/v1/tasks": {"title": "Another"},
        "POST /api/v1/tasks/quick": {"text": "Another friday #Home"},
        "POST /api/v1/tasks/bulk": {"operations": [{"op": "create", "task": {"title": "x"}}]},
        "POST /api/v1/tasks/bulk-process": {"filter": {"tag": ["x"]}, "action": "complete"},
        "PATCH /api/v1/tasks/{task}": {"title": "Changed"},
        "PUT /api/v1/tasks/{task}": {"title": "Replaced"},
        "POST /api/v1/tasks/{task}/move": {"to": "start"},
        "POST /api/v1/repeat/preview": {"repeat_rule": "FREQ=DAILY", "due_date": "2026-12-01"},
        "POST /api/v1/categories": {"name": f"Named {make_id()}"},
        "PATCH /api/v1/categories/{category_id}": {"color": "#123456"},
        "POST /api/v1/tags": {"name": f"Named {make_id()}"},
        "PATCH /api/v1/tags/{tag_id}": {"color": "#123456"},
        "POST /api/v1/filters": make_filter(),
        "PATCH /api/v1/filters/{filter_id}": {"color": "#123456"},
        "POST /api/v1/filters/{filter_id}/move": {"to": "start"},
        "POST /api/v1/workspaces": {"name": "Another"},
        "PATCH /api/v1/workspaces/{workspace_id}": {"name": "Renamed"},
        "POST /api/v1/workspaces/{workspace_id}/members": {"email": email},
        "PATCH /api/v1/workspaces/{workspace_id}/members/{user_id}": {"role": "viewer"},
        "POST /auth/register": {"email": email, "password": PASSWORD},
        "POST /auth/login": login,
        "POST /auth/session": login,
        "PUT /api/v1/preferences": {"theme": "dark"},
        "PATCH /api/v1/preferences": {"theme": None},
        "PATCH /auth/me": {"time_zone": "Europe/Berlin"},
        "POST /auth/password": {"current_password": PASSWORD, "new_password": PASSWORD},
        "POST /api/v1/tokens": {"name": "x", "scopes": ["account:read"]},
        "POST /api/v1/invitations": {},
        "PATCH /api/v1/admin/users/{user_id}": {"disabled": True},
        "POST /api/v1/admin/users/{user_id}/delete": {},
        # The password is wrong. Permitted requests are rejected for that, and the accounts remain.
        "POST /auth/me/delete": {"current_password": "wrong"},
        "POST /auth/me/export": {"current_password": "wrong"},
    }
    call = f"{row.method} {row.path}"
    return bodies.get(call, LEGACY_BODIES.get(call))


async def send(row: Row, column: str, world: World) -> httpx2.Response:
    """Send the row's request as the column's principal, to objects created for it."""
    factories = make_factories(world)
    path = row.path
    for name, make in factories.items():
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", await make())
    if row.path == "/docs/assets":
        path += "/favicon.png"
    if row.path == "/api/v1/events":
        path += "?seconds=0"
    if (row.method, row.path) == ("DELETE", "/api/v1/workspaces/{workspace_id}"):
        # The name is wrong. Permitted requests are rejected for that, and the workspace remains.
        path += "?name=Another"
    body = await make_body(row, world)
    options: dict[str, Any] = {} if body is None else {"json": body}
    if row.path == "/auth/token":
        options = {"data": {"username": "owner@example.com", "password": PASSWORD}}
    if row.path == "/api/v1/tasks/import":
        options = {"content": "x", "params": {"format": "todotxt"}}
    if row.path == "/auth/session":
        options["headers"] = {"Taskstead-Client": "test"}
    # The requests of the table have tokens or nothing, and never a cookie.
    world.anonymous.http.cookies.clear()
    principal = await world.get_client(column, row)
    workspace = world.other if column == "elsewhere" else world.shared
    return await principal.in_workspace(workspace).request(row.method, path, **options)


def find_mismatch(row: Row, column: str, answer: httpx2.Response) -> str | None:
    """Return a description of an unexpected response, or None."""
    expected = row.statuses[column]
    asked = f"{row.method} {row.path} as {column}"
    if answer.status_code != expected:
        return f"{asked}: expected {expected}, got {answer.status_code} {answer.text[:200]}"
    code = CODES.get(column, {}).get(expected)
    # Legacy APIs have error formats of their own.
    has_code = row.scope not in ("-", "admin") and not row.path.startswith(LEGACY_PREFIXES)
    if has_code and code and answer.json()["code"] != code:
        is_logout_by_token = row.path == "/auth/logout"
        return None if is_logout_by_token else f"{asked}: not {code} but {answer.json()['code']}"
    return None


def list_routes(app: FastAPI) -> set[tuple[str, str]]:
    """Return method and path of every route of the application. A mount counts as GET."""
    routes = set()
    for route in app.routes:
        methods: set[str] = getattr(route, "methods", None) or {"GET"}
        routes |= {(method, getattr(route, "path", "?")) for method in methods - {"HEAD"}}
    return routes


def list_web_files() -> set[tuple[str, str]]:
    """Return the routes of the web app. They are public files without data of a user."""
    return {("GET", route.path) for route in app_files.router.routes if isinstance(route, APIRoute)}


async def test_each_route_has_a_row(app: FastAPI) -> None:
    rows = [(row.method, row.path) for row in parse_table()]
    assert len(rows) == len(set(rows))
    assert set(rows) | list_web_files() == list_routes(app)


async def test_each_route_requires_the_scope_of_its_row(app: FastAPI) -> None:
    operations = app.openapi()["paths"]
    for row in parse_table():
        operation = operations.get(row.path, {}).get(row.method.lower(), {})
        demanded = [scope for way in operation.get("security", ()) for (scope,) in way.values()]
        # Each scope is offered for two security schemes: password login and bearer token.
        assert demanded == ([] if row.scope == "-" else [row.scope] * 2), row


async def test_each_route_answers_each_principal_as_in_the_table(
    client: Client, database: Database
) -> None:
    world = await build_world(client, database)
    # Requests that end sessions run last, because the other rows use these sessions.
    rows = sorted(parse_table(), key=lambda row: row.path in ENDS_SESSIONS)
    faults = [
        fault
        for row in rows
        for column in COLUMNS
        if (fault := find_mismatch(row, column, await send(row, column, world)))
    ]
    assert not faults, "\n".join(faults)
