"""``/health``: for load balancers, monitors and people."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from taskstead import __version__
from taskstead.clock import get_now
from taskstead.db.migrate import get_head
from taskstead.db.probe import Probe
from taskstead.errors import (
    HeadersTooLargeError,
    InternalError,
    UnknownHostError,
    UriTooLongError,
)
from taskstead.http.problems import document_problems
from taskstead.http.responses import build_json_response
from taskstead.http.state import AppState, Server
from taskstead.schemas.health import Health, Liveness

UNAVAILABLE: dict[int | str, dict[str, Any]] = {
    503: {"model": Health, "description": "Not able to serve."}
}
REFUSALS = (InternalError, UriTooLongError, UnknownHostError, HeadersTooLargeError)

router = APIRouter(prefix="/health", tags=["health"], responses=document_problems(*REFUSALS))


@router.get("", summary="Get health", response_model=Health, responses=UNAVAILABLE)
async def get_health(server: AppState) -> Response:
    """Tell whether the server can serve: the database answers and is migrated; 503 if not.

    The answer comes within a second, however busy the server is.
    """
    return await _build_health(server)


@router.get("/live", summary="Get liveness", response_model=Liveness)
async def get_liveness() -> Response:
    """Tell that the process answers. If it does not, restart it."""
    return build_json_response({"status": "ok"})


@router.get("/ready", summary="Get readiness", response_model=Health, responses=UNAVAILABLE)
async def get_readiness(server: AppState) -> Response:
    """The same as /health, for load balancers: send requests while it is 200.

    A server that is about to stop answers 503 here, and goes on serving for a while.
    """
    return await _build_health(server, is_stopping=server.stopping.is_draining)


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
        "timestamp": get_now(),
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
    """Return the state of a service that the server can do without; None where there is none."""
    if probe is None:
        return None
    return "ok" if (await probe.check()).reason is None else "unavailable"
