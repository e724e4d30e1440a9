"""``/api/v1/tasks/quick``: create a task from one line of text."""

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.responses import Response

from taskstead.faces.api.tasks.tasks import LOCATION
from taskstead.formats.json.quick_add import render_preview, render_reading
from taskstead.formats.json.tasks import render_task
from taskstead.http.requests.authentication import TasksWrite
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import build_resource
from taskstead.http.responses.json import build_json_response
from taskstead.schemas.tasks.quick_add import QuickAddedTask, QuickAddPreview, QuickAddRequest
from taskstead.services.tasks.quick_add.create import create_quick_task
from taskstead.services.tasks.quick_add.read import read_quick_add

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=Route)


@router.post(
    "/quick",
    summary="Create task from text",
    response_model=QuickAddPreview,
    responses={
        201: {
            "model": QuickAddedTask,
            "description": "The task was created.",
            "headers": LOCATION,
        },
        **document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS),
    },
)
async def create(
    ctx: TasksWrite,
    body: Annotated[
        QuickAddRequest,
        Body(
            examples=[
                {"text": "Buy oat milk tomorrow at 9 #Household @errand p2"},
                {"text": "Zahnarzt übermorgen um 14:30", "language": "de", "dry_run": True},
            ]
        ),
    ],
) -> Response:
    """Create a task from one line of text.

    With `dry_run`, nothing is created. The response has the fields that the text sets, and the
    recognised parts of the text with their positions.

    A text with errors creates nothing. Each error has the pointer `/text` and its position in the
    text: `start` and `end`.
    """
    if body.dry_run:
        read = await read_quick_add(ctx, body)
        return build_json_response(render_preview(read.task))
    row, task = await create_quick_task(ctx, body)
    headers = {"Location": f"/api/v1/tasks/{row['id']}"}
    return build_resource(
        row, {**render_task(row), **render_reading(task)}, status=201, headers=headers
    )
