"""A new face, added as CONTRIBUTING.md describes: tasks as lines of plain text.

The face of this test exists only here. It parses, calls a use case and renders. Filters, search
corrections, cursors, access rights and the change log come from the layers below.
"""

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import PlainTextResponse, Response

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.http.requests.authentication import TasksRead, TasksWrite
from taskstead.http.requests.query_params import document_query, read_query
from taskstead.http.requests.route_class import Route
from taskstead.schemas.tasks.listing import TaskListing
from taskstead.schemas.tasks.tasks import TaskCreate
from taskstead.services.tasks.create import create_task
from taskstead.services.tasks.listing import prepare_listing
from tests.harness.client import Client

# faces/text/tasks.py
# The OpenAPI document describes only the API.
router = APIRouter(prefix="/text", route_class=Route, include_in_schema=False)


@router.get("/tasks", openapi_extra=document_query(TaskListing))
async def list_lines(request: Request, ctx: TasksRead) -> Response:
    """List tasks, one per line. The header ``Next`` has the cursor of the next page."""
    query = read_query(request, TaskListing)
    listing = await prepare_listing(ctx, query)
    page = await listing.read()
    lines = [f"{row['number']} {row['title']}\n" for row in page.rows]
    headers = {} if page.next_cursor is None else {"Next": page.next_cursor}
    return PlainTextResponse("".join(lines), headers=headers)


@router.post("/tasks", status_code=201)
async def create_from_line(ctx: TasksWrite, request: Request) -> Response:
    """Create the task in the body."""
    body = TaskCreate(title=(await request.body()).decode())
    row = await create_task(ctx, body)
    return PlainTextResponse(f"{row['number']}\n", 201)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application with the new face. ``app.py`` would add its routes."""
    application = create_app(settings)
    application.router.routes.extend(router.routes)
    async with application.router.lifespan_context(application):
        yield application


async def test_new_face_lists_like_the_api(owner: Client) -> None:
    for number in range(5):
        await owner.create_task(title=f"Water plant {number}", priority=1 + number % 2)
    parameters = "priority=1&sort=title&q=watre&limit=2"
    listed = (await owner.get(f"/api/v1/tasks?{parameters}")).json()
    lines = await owner.get(f"/text/tasks?{parameters}")
    assert lines.text == "1 Water plant 0\n3 Water plant 2\n"
    assert [int(line.split()[0]) for line in lines.text.splitlines()] == [
        task["number"] for task in listed["items"]
    ]
    rest = await owner.get(f"/text/tasks?{parameters}&cursor={lines.headers['Next']}")
    assert (rest.text, "Next" in rest.headers) == ("5 Water plant 4\n", False)
    # A cursor of one face continues the listing in the other.
    rest = await owner.get(f"/api/v1/tasks?{parameters}&cursor={lines.headers['Next']}")
    assert [task["number"] for task in rest.json()["items"]] == [5]


async def test_new_face_writes_like_the_api(owner: Client) -> None:
    path = "/text/tasks"
    key = {"Idempotency-Key": "one-line-once"}
    answers = [
        await owner.request("POST", path, content=b"Buy milk", headers=key) for _ in range(2)
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(201, "1\n")] * 2
    await owner.post(f"/api/v1/batches/{answers[0].headers['Taskstead-Batch']}/undo")
    assert (await owner.get(path)).text == ""


async def test_new_face_rejects_invalid_requests(client: Client, owner: Client) -> None:
    path = "/text/tasks"
    assert (await client.request("POST", path, content=b"Buy milk")).status_code == 401
    assert (await owner.get(f"{path}?sort=colour")).json()["code"] == "validation_failed"


async def test_new_face_is_not_in_the_document_of_the_api(client: Client) -> None:
    document = (await client.get("/openapi.json")).json()
    assert "/text/tasks" not in document["paths"]
