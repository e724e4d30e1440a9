"""``/api/v1/tasks/stats``: task statistics."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.formats.json.filters import render_warnings
from taskstead.http.requests.authentication import TasksRead
from taskstead.http.requests.query_params import document_query, read_query
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import NOT_MODIFIED
from taskstead.http.responses.json import build_json_response
from taskstead.http.responses.response_cache import build_cached_response
from taskstead.schemas.tasks.statistics import Statistics, StatisticsQuery
from taskstead.services.tasks.statistics import TaskStatistics, prepare_statistics

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=Route)


@router.get(
    "/stats",
    summary="Get task statistics",
    response_model=Statistics,
    responses={**NOT_MODIFIED, **document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)},
    openapi_extra=document_query(StatisticsQuery),
)
async def get_stats(request: Request, ctx: TasksRead) -> Response:
    """Count the matching tasks by status, priority, category, tag and day.

    The filter parameters are those of the task list. Days are calculated in `time_zone`. The
    default is the time zone of your profile.
    """
    query = read_query(request, StatisticsQuery)
    statistics = await prepare_statistics(ctx, query)
    return await build_cached_response(request, ctx, statistics, _build_statistics)


def _build_statistics(statistics: TaskStatistics) -> Response:
    warnings = render_warnings(statistics["warnings"])
    shown = {name: value for name, value in statistics.items() if name != "warnings"}
    return build_json_response({**shown, **warnings})
