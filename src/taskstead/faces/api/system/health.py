"""``/health``: health, liveness and readiness checks."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from taskstead import __version__
from taskstead.db.migrate import get_head
from taskstead.db.probe import Probe
from taskstead.errors import (
    HeadersTooLargeError,
    InternalError,
    UnknownHostError,
    UriTooLongError,
)
from taskstead.http.app_state import AppState, Server
from taskstead.http.responses.documented_errors import document_problems
from taskstead.http.responses.json import build_json_response
from taskstead.schemas.system.health import Health, Liveness

UNAVAILABLE_RESPONSE: dict[int | str, dict[str, Any]] = {
    503: {"model": Health, "description": "The server cannot serve requests."}
}
HEALTH_ERRORS = (InternalError, UriTooLongError, UnknownHostError, HeadersTooLargeError)

router = APIRouter(prefix="/health", tags=["health"], responses=document_problems(*HEALTH_ERRORS))


@router.get("", summary="Get health", response_model=Health, responses=UNAVAILABLE_RESPONSE)
async def get_health(server: AppState) -> Response:
    """Return whether the server can serve requests; 503 if it cannot.

    The check succeeds if the database responds and its schema is at the newest migration. The
    response takes at most one second, even under load.
    """
    return await _build_health(server)


@router.get("/live", summary="Get liveness", response_model=Liveness)
async def get_liveness() -> Response:
    """Return 200. If there is no response, the process hangs and should be restarted."""
    return build_json_response({"status": "ok"})


@router.get(
    "/ready", summary="Get readiness", response_model=Health, responses=UNAVAILABLE_RESPONSE
)
async def get_readiness(server: AppState) -> Response:
    """Return 200 if load balancers should send requests to this server, otherwise 503.

    The response is the same as for `/health`, except during a shutdown. In the drain period, the
    server still serves requests but returns 503 here.
    """
    return await _build_health(server, is_stopping=server.shutdown.is_draining)


async def _build_health(server: Server, *, is_stopping: bool = False) -> Response:
    probes = server.probes
    database, replica, redis = await asyncio.gather(
        probes.database.check(), _check(probes.replica), _check(probes.redis)
    )
    needed = get_head()
    is_ok = database.reason is None and database.revision == needed
    serving = "degraded" if "unavailable" in (redis, replica) else "ok"
    if is_stopping:
        serving = "stopping"
    health = {
        "status": serving if is_ok else "unavailable",
        "reason": database.reason,
        "version": __version__,
        "timestamp": server.clock(),
        "checked_at": database.at,
        "database": "ok" if database.reason is None else "unavailable",
        "database_engine": server.database.dialect,
        "migrations": {"current": database.revision, "needed": needed},
        "replica": replica,
        "redis": redis,
    }
    headers = {"Cache-Control": "no-store"}
    status = 200 if is_ok and not is_stopping else 503
    return build_json_response(health, status=status, headers=headers)


async def _check(probe: Probe | None) -> str | None:
    """Return the state of an optional service; None if it is not configured."""
    if probe is None:
        return None
    return "ok" if (await probe.check()).reason is None else "unavailable"
