"""``/api/v1/changes``: incremental sync, with which a client keeps a copy of a workspace."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from taskstead.entities.labels import CATEGORY, TAG
from taskstead.entities.occurrences import OCCURRENCE
from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.entities.tasks import TASK
from taskstead.errors import ResyncNeededError
from taskstead.formats.json.filters import render_warnings
from taskstead.formats.json.occurrences import render_synced_occurrence
from taskstead.formats.json.saved_filters import render_synced_filter
from taskstead.formats.json.sync import (
    render_synced_category,
    render_synced_member,
    render_synced_tag,
    render_synced_task,
    render_synced_workspace,
    render_task_counts,
)
from taskstead.http.app_state import AppState
from taskstead.http.requests.authentication import TasksRead, check_reader_again
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_json_response
from taskstead.http.responses.sse import wait_for_changes
from taskstead.schemas.history.sync import Changes
from taskstead.schemas.tasks.filters import FilterText
from taskstead.services.history.sync import SyncedChanges, read_changes

DEFAULT_LIMIT = 200
MAX_LIMIT = 1000
Wait = Annotated[
    float,
    Query(
        ge=0,
        le=60,
        description="How many seconds to wait for a change if there are no new changes.",
    ),
]

router = APIRouter(prefix="/api/v1/changes", tags=["sync"], route_class=Route)

Since = Annotated[
    str | None,
    Query(
        max_length=2000,
        description="The `next` of the previous response. Do not parse it. Default: the whole "
        "workspace.",
    ),
]
SyncFilter = Annotated[
    FilterText | None,
    Query(
        alias="filter",
        description="A filter in the filter language. Only tasks that match it are returned. Send "
        "the same filter with `since`.",
        examples=["#Household is:open"],
    ),
]
SyncLimit = Annotated[
    int, Query(ge=1, le=MAX_LIMIT, description="The maximum number of changes.", examples=[200])
]


@router.get(
    "",
    summary="List changes",
    response_model=Changes,
    responses=document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS, ResyncNeededError),
)
async def list_changes(
    request: Request,
    ctx: TasksRead,
    server: AppState,
    *,
    since: Since = None,
    task_filter: SyncFilter = None,
    limit: SyncLimit = DEFAULT_LIMIT,
    wait: Wait = 0,
) -> Response:
    """List the changes after a sync token. Without a token, list the whole workspace.

    While `has_more` is true, fetch the next page with `next` as `since`. Store the last `next` and
    send it the next time, to get only newer changes. Rows in the trash have `deleted_at` set.
    Permanently deleted rows are in `removed`. After a 410, start again without a token.
    When you have fetched all pages, delete from your copy every row that they did not contain.

    Without a token, the first page has the numbers of tasks in `counts`, and open tasks come before
    all others.

    With `filter`, your copy contains only the tasks that match it. A changed task that does not
    match is in `removed` with the action `unmatched`, whether or not your copy contains it. The
    filter is evaluated when a task changes. If it depends on the current time or on names (`today`,
    `overdue`, `#Household`), other tasks can begin to match or stop matching without a change, and
    these are not reported. `has:subtasks` depends on other tasks, so it is rejected.
    """
    changes = await read_changes(ctx, since, limit=limit, task_filter=task_filter)
    if wait and changes.page.is_empty:
        server.limits.open_stream(ctx.principal.user_id)
        try:
            await wait_for_changes(
                server.broker,
                request.receive,
                ctx.principal.workspace_id,
                after_revision=changes.page.position.revision,
                seconds=wait,
            )
        finally:
            server.limits.close_stream(ctx.principal.user_id)
        # The access of the client may have been revoked during the wait.
        ctx = await check_reader_again(request)
        changes = await read_changes(ctx, since, limit=limit, task_filter=task_filter)
    return build_json_response(render_changes(changes))


def render_changes(changes: SyncedChanges) -> dict[str, Any]:
    """Return one page of changes as JSON data of :class:`Changes`."""
    page = changes.page
    return {
        "workspace": page.workspace and render_synced_workspace(page.workspace),
        "counts": page.counts and render_task_counts(page.counts),
        "members": [render_synced_member(row) for row in page.members],
        "categories": [render_synced_category(row) for row in page.get_rows(CATEGORY)],
        "tags": [render_synced_tag(row) for row in page.get_rows(TAG)],
        "tasks": [render_synced_task(row) for row in page.get_rows(TASK)],
        "occurrences": [render_synced_occurrence(row) for row in page.get_rows(OCCURRENCE)],
        "filters": [render_synced_filter(row) for row in page.get_rows(SAVED_FILTER)],
        "removed": [
            *({"kind": kind, "id": id_, "action": "purged"} for kind, id_ in page.purged),
            *({"kind": TASK.kind, "id": id_, "action": "unmatched"} for id_ in page.unmatched),
        ],
        "revision": page.position.revision,
        "next": changes.next_token,
        "has_more": page.has_more,
        **render_warnings(changes.warnings),
    }
