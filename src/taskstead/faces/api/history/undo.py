"""``/api/v1/changes/{revision}/undo`` and ``/api/v1/batches/{batch_id}/undo``: undo changes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from taskstead.errors import LogCompactedError, NotUndoableError, UndoConflictError
from taskstead.http.requests.authentication import TasksWrite
from taskstead.http.requests.path_params import IdParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_json_response
from taskstead.schemas.history.undo import Undone
from taskstead.services.history.undo import (
    UndoResult,
    preview_undo_of_batch,
    undo_batch,
    undo_change,
)

COMMON_RESPONSES = document_problems(
    *COMMON_ERRORS, *WORKSPACE_ERRORS, UndoConflictError, LogCompactedError, NotUndoableError
)

router = APIRouter(prefix="/api/v1", tags=["history"], route_class=Route)

Force = Annotated[
    bool,
    Query(
        description="Restore old values where possible, even if they were changed after the change "
        "to undo."
    ),
]
RevisionParameter = Annotated[
    int,
    Path(ge=1, lt=2**63, description="The revision of a change in the change log.", examples=[17]),
]


@router.post(
    "/changes/{revision}/undo",
    summary="Undo change",
    response_model=Undone,
    responses=COMMON_RESPONSES,
)
async def undo_one(
    ctx: TasksWrite, revision: RevisionParameter, *, force: Force = False
) -> Response:
    """Undo one change.

    The old values of the changed fields are restored. A row that the change created is moved to the
    trash. If a value was changed again after the change, there is a conflict and nothing is
    written. An undo is a batch in the change log too, so you can undo it.
    """
    return _build_undo_response(await undo_change(ctx, revision, force=force))


@router.post(
    "/batches/{batch_id}/undo",
    summary="Undo batch",
    response_model=Undone,
    responses=COMMON_RESPONSES,
)
async def undo_all(
    ctx: TasksWrite,
    batch_id: IdParameter,
    *,
    force: Force = False,
    dry_run: Annotated[
        bool, Query(description="Return the same response without writing.")
    ] = False,
) -> Response:
    """Undo all changes of one request, either all or none.

    With `force`, fields that were changed again later are restored too, and changes that cannot be
    undone are skipped.
    """
    if dry_run:
        return _build_undo_response(await preview_undo_of_batch(ctx, batch_id, force=force))
    return _build_undo_response(await undo_batch(ctx, batch_id, force=force))


def _build_undo_response(result: UndoResult) -> Response:
    return build_json_response(
        {
            "batch": result.batch_id,
            "changes": result.changes,
            "revision": result.revision,
            "skipped": result.skipped,
        }
    )
