"""``/api/v1/events``: the live event stream of a workspace."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from taskstead.http.app_state import AppState
from taskstead.http.requests.authentication import TasksRead, is_still_allowed_to_read
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.sse import EventStream
from taskstead.schemas.history.events import ChangeEvent, ResetEvent

_MAX_REVISION = 2**53 - 1
# The OpenAPI schema of one event.
_EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "A revision."},
        "event": {"type": "string", "enum": ["change", "reset"]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
                "anyOf": [ChangeEvent.model_json_schema(), ResetEvent.model_json_schema()]
            },
        },
        "retry": {
            "type": "integer",
            "description": "The time to wait before a new connection, in milliseconds.",
        },
    },
}
_EXAMPLE = (
    "id: 43\n"
    "event: change\n"
    'data: {"revision":43,"kind":"task","id":"01a1fbe6-20bc-7000-8e52-ea79cce82543",'
    '"action":"updated","batch_id":"01a1fbe6-20bd-7000-9a3d-5d0a6f1c2b3e",'
    '"user_id":"01a1fbe6-1f00-7000-8c4f-0e1d2c3b4a59","at":"2026-11-21T02:18:45.309047Z"}\n\n'
)
LastEventIdHeader = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        le=_MAX_REVISION,
        description="The id of the last received event. The stream resumes after it.",
    ),
]
LastEventIdParameter = Annotated[
    int | None,
    Query(
        alias="last_event_id",
        ge=0,
        le=_MAX_REVISION,
        description="Like `Last-Event-ID`, for clients that cannot set headers. The header takes "
        "precedence.",
    ),
]
Seconds = Annotated[
    float | None,
    Query(
        ge=0,
        le=86400,
        description="The maximum duration of the stream in seconds. Default: unlimited.",
    ),
]

router = APIRouter(prefix="/api/v1/events", tags=["sync"], route_class=Route)


@router.get(
    "",
    summary="Listen to events",
    response_class=Response,
    responses={
        200: {
            "description": "A stream of events (`text/event-stream`).",
            "content": {"text/event-stream": {"schema": _EVENT, "example": _EXAMPLE}},
        },
        **document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS),
    },
)
async def listen(
    request: Request,
    ctx: TasksRead,
    server: AppState,
    *,
    last_event_id: LastEventIdHeader = None,
    query_event_id: LastEventIdParameter = None,
    seconds: Seconds = None,
) -> Response:
    """Stream each change as soon as it is committed, in revision order.

    Changes of other members' own saved filters are omitted. The id of a `change` event is its
    revision. Its `data` is a JSON object with `revision`, `kind`, `id`, `action`, `batch_id`,
    `user_id` and `at`. A `reset` event means that the changes that you missed are no longer
    available, so you must fetch everything again. The server periodically sends comments as
    heartbeats. The stream ends when the token or session becomes invalid.
    """
    server.limits.open_stream(ctx.principal.user_id)
    last_revision = last_event_id if last_event_id is not None else query_event_id
    return EventStream(
        server.broker,
        server.broker.subscribe(
            ctx.principal.workspace_id,
            current_revision=ctx.principal.revision or 0,
            last_revision=last_revision,
        ),
        ctx.principal.user_id,
        lambda: is_still_allowed_to_read(request),
        lambda: server.limits.close_stream(ctx.principal.user_id),
        heartbeat_seconds=server.settings.events_heartbeat_seconds,
        seconds=seconds,
    )
