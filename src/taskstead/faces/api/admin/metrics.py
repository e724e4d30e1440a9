"""``/metrics`` for Prometheus, and ``/admin/pool`` with the statistics of the connection pools."""

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from taskstead.http.app_state import AppState, Server
from taskstead.http.metrics_collector import make_report, read_shared_samples
from taskstead.http.requests.authentication import AdminRead, Scraper
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_json_response
from taskstead.observability.exposition import CONTENT_TYPE, render_samples
from taskstead.observability.multiprocess import Report
from taskstead.schemas.system.pool import Pools

router = APIRouter(tags=["operation"], responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS))

_EXAMPLE = """\
# HELP taskstead_requests_total Requests answered.
# TYPE taskstead_requests_total counter
taskstead_requests_total{method="GET",route="/api/v1/tasks",status="200"} 12.0
"""
_NO_STORE = {"Cache-Control": "no-store"}


@router.get(
    "/metrics",
    summary="Get metrics",
    response_class=Response,
    responses={
        200: {
            "description": "The metrics.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        }
    },
)
async def get_metrics(access: Scraper, server: AppState) -> Response:
    """Return the metrics of all processes of this server in the Prometheus text format.

    Requires the token of the setting `TASKSTEAD_METRICS_TOKEN` or an administrator's token.
    """
    del access
    samples = {report.process: report.samples for report in await _gather_reports(server)}
    shared = await read_shared_samples(server)
    samples[""] = [*samples.get("", ()), *shared]
    return Response(render_samples(samples), 200, _NO_STORE, CONTENT_TYPE)


@router.get("/admin/pool", summary="Get pool", response_model=Pools)
async def get_pool(ctx: AdminRead, server: AppState) -> Response:
    """Return the connection pool statistics of each process of the server."""
    del ctx
    processes = [
        {
            "process": int(report.process) if report.process else 0,
            "pid": report.pid,
            **msgspec.structs.asdict(report.pool),
        }
        for report in await _gather_reports(server)
    ]
    processes.sort(key=lambda one: one["process"])
    return build_json_response({"processes": processes}, headers=_NO_STORE)


async def _gather_reports(server: Server) -> list[Report]:
    return [make_report(server), *await server.siblings.fetch_reports()]
