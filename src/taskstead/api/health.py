"""``/health``: for load balancers, monitors and people."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from taskstead import __version__
from taskstead.clock import get_now
from taskstead.db.migrate import find_revision, get_head
from taskstead.db.postgresql_trouble import find_trouble
from taskstead.errors import (
    HeadersTooLargeError,
    InternalError,
    TasksteadError,
    UnknownHostError,
    UriTooLongError,
)
from taskstead.http.problems import document_problems
from taskstead.http.responses import build_json_response
from taskstead.http.state import Server, ServerParts
from taskstead.schemas.health import Health, Liveness
from taskstead.tables.all import TABLE_NAMES

UNAVAILABLE: dict[int | str, dict[str, Any]] = {
    503: {"model": Health, "description": "Not able to serve."}
}
REFUSALS = (InternalError, UriTooLongError, UnknownHostError, HeadersTooLargeError)

router = APIRouter(prefix="/health", tags=["health"], responses=document_problems(*REFUSALS))


@router.get("", summary="Get health", response_model=Health, responses=UNAVAILABLE)
async def get_health(server: ServerParts) -> Response:
    """Tell whether the server can serve: the database answers and is migrated; 503 if not."""
    return await _build_health(server)


@router.get("/live", summary="Get liveness", response_model=Liveness)
async def get_liveness() -> Response:
    """Tell that the process answers. If it does not, restart it."""
    return build_json_response({"status": "ok"})


@router.get("/ready", summary="Get readiness", response_model=Health, responses=UNAVAILABLE)
async def get_readiness(server: ServerParts) -> Response:
    """The same as /health, for load balancers: send requests while it is 200.

    A server that is about to stop answers 503 here, and goes on serving for a while.
    """
    return await _build_health(server, is_stopping=server.stopping.is_draining)


async def _build_health(server: Server, *, is_stopping: bool = False) -> Response:
    current: str | None = None
    try:
        current = await find_revision(server.database, server.database.dialect)
        is_reachable = await _is_usable(server)
    except TasksteadError:
        is_reachable = False
    is_ok = is_reachable and current == get_head()
    redis = await _check_redis(server)
    replica = await _check_replica(server)
    serving = "degraded" if "unavailable" in (redis, replica) else "ok"
    if is_stopping:
        serving = "stopping"
    health = {
        "status": serving if is_ok else "unavailable",
        "version": __version__,
        "timestamp": get_now(),
        "database": "ok" if is_reachable else "unavailable",
        "database_engine": server.database.dialect,
        "migrations": {"current": current, "needed": get_head()},
        "replica": replica,
        "redis": redis,
    }
    headers = {"Cache-Control": "no-store"}
    status = 200 if is_ok and not is_stopping else 503
    return build_json_response(health, status=status, headers=headers)


async def _is_usable(server: Server) -> bool:
    """Tell whether the database can be written to, as far as that shows without writing."""
    database = server.database
    return database.dialect != "postgresql" or await find_trouble(database, TABLE_NAMES) is None


async def _check_replica(server: Server) -> str | None:
    if server.replica is None:
        return None
    return "ok" if await server.replica.is_well() else "unavailable"


async def _check_redis(server: Server) -> str | None:
    if server.settings.redis_url is None:
        return None
    return "ok" if await server.counters.is_well() else "unavailable"
