"""Error responses: problem documents (RFC 9457), or the error format of the path.

Their timestamps are those of the clock in ``app.state.clock``, because an error may occur before
``app.state.server`` exists.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from taskstead.clock import Clock, render_instant
from taskstead.errors import FieldError, SoleOwnerError, TasksteadError, UndoConflictError
from taskstead.http.responses.error_formats import find_error_format, list_error_formats
from taskstead.http.responses.error_mapping import get_status, make_error_headers
from taskstead.http.responses.json import build_json_response, replace_surrogates

MEDIA_TYPE = "application/problem+json"
# The page that explains every code. A relative reference, so it works behind any proxy.
ERRORS_PATH = "/docs/errors"
NO_SUCH_PATH = "This path does not exist. /docs lists all paths."


def build_problem_response(
    request: Request, error: TasksteadError, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error response: a problem document, or the error format of the path.

    Args:
        request: the failed request.
        error: the error.
        headers: headers in addition to those of the error.
    """
    status = get_status(type(error))
    all_headers = {**make_error_headers(error), **(headers or {})}
    error_format = find_error_format(list_error_formats(request.app), request.scope["path"])
    if error_format is not None:
        content = error_format.render(error, _get_now(request))
        return build_json_response(content, status=status, headers=all_headers)
    problem = render_problem(request, error)
    return Response(msgspec.json.encode(problem), status, all_headers, MEDIA_TYPE)


def render_problem(request: Request, error: TasksteadError) -> dict[str, Any]:
    """Return the JSON data of the error of a request, as described by ``Problem``."""
    request_id = request.scope.get("state", {}).get("request_id", "")
    return make_problem(error, request_id=request_id, now=_get_now(request))


def make_problem(error: TasksteadError, *, request_id: str, now: datetime) -> dict[str, Any]:
    """Return the JSON data of an error, as described by ``Problem``."""
    problem: dict[str, Any] = {
        "type": f"{ERRORS_PATH}#{error.code}",
        "title": error.title,
        "status": get_status(type(error)),
        "detail": replace_surrogates(error.detail),
        "code": error.code,
        "request_id": request_id,
        "timestamp": render_instant(now),
    }
    if error.errors:
        problem["errors"] = [_render_field_error(field_error) for field_error in error.errors]
    match error:
        case UndoConflictError():
            problem["conflicts"] = error.conflicts
        case SoleOwnerError():
            problem["workspaces"] = error.workspaces
    return problem


def _render_field_error(error: FieldError) -> dict[str, Any]:
    """Return the JSON data of an invalid value, as described by ``ProblemField``."""
    rendered: dict[str, Any] = {
        "pointer": replace_surrogates(error.pointer),
        "message": replace_surrogates(error.message),
        "code": error.code,
    }
    if error.start is not None:
        rendered |= {"start": error.start, "end": error.end}
    if error.expected:
        rendered["expected"] = list(error.expected)
    return rendered


def _get_now(request: Request) -> datetime:
    clock: Clock = request.app.state.clock
    return clock()
