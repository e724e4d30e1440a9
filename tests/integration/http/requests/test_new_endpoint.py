"""A new endpoint, added as CONTRIBUTING.md describes.

The endpoint of this test exists only here. It gets authentication, validation, problem documents,
idempotency keys, ETags, the change log and its entry in the OpenAPI document from the layers below.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request
from pydantic import Field
from starlette.responses import Response

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.domain.due_dates import shift_due_date
from taskstead.formats.json.tasks import render_task
from taskstead.http.requests.authentication import TasksWrite
from taskstead.http.requests.path_params import TaskReferenceParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import (
    PRECONDITION_ERRORS,
    build_resource,
    read_precondition,
)
from taskstead.queries.tasks.tasks import get_task
from taskstead.schemas.base import Input
from taskstead.schemas.tasks.tasks import Task
from taskstead.services.changelog import open_batch
from taskstead.services.context import WriteContext
from taskstead.services.preconditions import Precondition, check_precondition
from taskstead.services.tasks.update import TaskUpdate, update_task_in_batch
from taskstead.tables.tasks import TaskDetailRow
from tests.harness.client import Client


# schemas/tasks/postponement.py
class Postponement(Input):
    """The request body."""

    days: Annotated[int, Field(ge=1, le=365)]


# services/tasks/postpone.py
async def postpone_task(
    ctx: WriteContext,
    reference: str,
    days: int,
    precondition: Precondition,
) -> TaskDetailRow:
    """Move the due date of a task; return the task."""
    async with open_batch(ctx) as batch:
        old = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, old)
        due_date = old["due_date"]
        if due_date is None:
            return old
        new = shift_due_date(due_date, days, old["due_time_zone"])
        return await update_task_in_batch(batch, TaskUpdate(old, {"due_date": new}))


# faces/api/tasks/postponement.py
router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=Route)


@router.post(
    "/{task}/postpone",
    summary="Postpone task",
    response_model=Task,
    responses=document_problems(
        *COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, *PRECONDITION_ERRORS
    ),
)
async def postpone(
    request: Request,
    ctx: TasksWrite,
    task: TaskReferenceParameter,
    body: Postponement,
) -> Response:
    """Move the due date of a task."""
    precondition = read_precondition(request)
    row = await postpone_task(ctx, task, body.days, precondition)
    return build_resource(row, render_task(row))


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application with the new route. ``app.py`` would list the module."""
    application = create_app(settings)
    application.router.routes[:0] = router.routes
    async with application.router.lifespan_context(application):
        yield application


async def postpone_first(client: Client, **options: Any) -> httpx2.Response:
    return await client.post("/api/v1/tasks/1/postpone", {"days": 2}, **options)


async def test_new_endpoint_writes_one_batch(owner: Client) -> None:
    await owner.create_task(title="Tax return", due_date="2026-12-01")
    answer = await postpone_first(owner)
    assert answer.status_code == 200, answer.text
    assert answer.json()["due_date"] == "2026-12-03"
    undone = await owner.post(f"/api/v1/batches/{answer.headers['Taskstead-Batch']}/undo")
    assert undone.status_code == 200, undone.text
    assert (await owner.get("/api/v1/tasks/1")).json()["due_date"] == "2026-12-01"


async def test_new_endpoint_respects_if_match(owner: Client) -> None:
    task = await owner.create_task(due_date="2026-12-01")
    stale = {"If-Match": f'"{task["revision"] - 1}"'}
    assert (await postpone_first(owner, headers=stale)).status_code == 412


async def test_new_endpoint_accepts_an_idempotency_key(owner: Client) -> None:
    await owner.create_task(due_date="2026-12-01")
    key = {"Idempotency-Key": "postpone-once"}
    first, second = [await postpone_first(owner, headers=key) for _ in range(2)]
    assert (second.json(), second.headers["ETag"]) == (first.json(), first.headers["ETag"])
    assert first.json()["due_date"] == "2026-12-03"


async def test_new_endpoint_rejects_invalid_requests(client: Client, owner: Client) -> None:
    await owner.create_task(due_date="2026-12-01")
    path = "/api/v1/tasks/1/postpone"
    for sender, sent_path, body, status, code in (
        (client, path, {"days": 2}, 401, "unauthenticated"),
        (owner, path, {"days": 0}, 422, "validation_failed"),
        (owner, path, {"days": 2, "dais": 2}, 422, "validation_failed"),
        (owner, f"{path}?days=2", {"days": 2}, 422, "validation_failed"),
        (owner, "/api/v1/tasks/2/postpone", {"days": 2}, 404, "not_found"),
    ):
        answer = await sender.post(sent_path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_new_endpoint_is_documented(client: Client) -> None:
    document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/api/v1/tasks/{task}/postpone"]["post"]
    assert {"200", "412", "422", "default"} <= operation["responses"].keys()
    assert document["components"]["schemas"]["Postponement"]["required"] == ["days"]
