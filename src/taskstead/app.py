"""The composition root: creates the FastAPI application and opens its parts.

This is the only module that imports all parts. Importing it neither reads settings nor opens
connections.
"""

import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from functools import cache, partial

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from taskstead import __version__
from taskstead.background import background_tasks, configured_database
from taskstead.cache.factory import open_cache
from taskstead.clock import Clock, get_now
from taskstead.config.loader import load_settings
from taskstead.config.settings import Environment, Settings
from taskstead.config.validators import split_list
from taskstead.consumers.event_broker import EventBroker
from taskstead.db.factory import open_replica
from taskstead.faces.api import filters, saved_filters, workspaces
from taskstead.faces.api.accounts import auth, invitations, preferences, session, sessions, tokens
from taskstead.faces.api.admin import audit, users
from taskstead.faces.api.admin import jobs as server_jobs
from taskstead.faces.api.admin import metrics as metrics_routes
from taskstead.faces.api.history import activity, events, sync, undo
from taskstead.faces.api.labels import categories, tags
from taskstead.faces.api.openapi.document import document_api
from taskstead.faces.api.system import documentation, health, jobs
from taskstead.faces.api.system import server as server_info
from taskstead.faces.api.tasks import (
    bulk,
    moves,
    quick,
    repeats,
    statistics,
    tasks,
    transfer,
    trash,
)
from taskstead.faces.legacy import routes as legacy
from taskstead.faces.legacy.errors import LEGACY_ERROR_FORMATS
from taskstead.faces.web import app_files, home
from taskstead.http.app_state import Server
from taskstead.http.metrics_collector import make_report
from taskstead.http.middleware.compression import CompressionMiddleware
from taskstead.http.middleware.deprecation import DeprecationMiddleware
from taskstead.http.middleware.forwarded_proto import ForwardedProtoMiddleware
from taskstead.http.middleware.head import HeadMiddleware
from taskstead.http.middleware.pacing import PacingMiddleware
from taskstead.http.middleware.request_context import RequestContextMiddleware
from taskstead.http.middleware.request_limits import RequestLimitsMiddleware
from taskstead.http.middleware.security_headers import SecurityHeadersMiddleware
from taskstead.http.probes import open_probes
from taskstead.http.rate_limits import RateLimits
from taskstead.http.requests.route_class import exclude_fixed_paths
from taskstead.http.responses.exception_handlers import add_exception_handlers
from taskstead.http.shutdown import shutdown_signals
from taskstead.observability.descriptors import descriptor_monitor
from taskstead.observability.metrics import Metrics
from taskstead.observability.traces import Traces, open_traces
from taskstead.ratelimit.storage import open_counters
from taskstead.services.accounts.passwords import Passwords

DESCRIPTION = """
Tasks with categories, tags and sub-tasks, in workspaces that can be shared.

Log in with **Authorize** (the username is your e-mail address), or paste an API token there.
Requests send the token as `Authorization: Bearer …`. They act in your personal workspace unless the
header `Taskstead-Workspace` contains the id of another one. Lists return
`{"items": […], "next_cursor": …}`. Errors are problem documents (RFC 9457). Their `code` is stable,
and [the error reference](/docs/errors) explains each code. Every response has the headers
`X-Request-ID` and `Taskstead-Version`, the version of the server. Responses to rate-limited
requests also have `RateLimit` and `RateLimit-Policy`, and responses of deprecated operations have
`Deprecation` and `Sunset`.
"""

# In matching order. A path without parameters must precede a path that has a parameter at the same
# position.
ROUTE_MODULES = (
    statistics,
    bulk,
    transfer,
    quick,
    tasks,
    moves,
    repeats,
    filters,
    saved_filters,
    activity,
    undo,
    trash,
    categories,
    tags,
    sync,
    events,
    jobs,
    workspaces,
    auth,
    session,
    sessions,
    preferences,
    tokens,
    invitations,
    users,
    server_jobs,
    audit,
    server_info,
    health,
    metrics_routes,
    legacy,
    documentation,
    home,
    app_files,
)

# Thresholds of the garbage collector (``gc.set_threshold``). A collection stops all requests. With
# a thousand requests in progress, a collection of 50,000 new objects takes up to 70 ms, and one of
# the older objects up to 300 ms. One of 2,000 new objects takes less than a millisecond. Older
# objects need few collections, because most objects are freed by reference counting.
_GC_THRESHOLDS = (2_000, 1_000, 100)
# FastAPI's own telemetry is disabled, because it would record query strings and exception messages.
# Taskstead's telemetry is in ``observability/``.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


@asynccontextmanager
async def open_server(settings: Settings, clock: Clock, metrics: Metrics) -> AsyncGenerator[Server]:
    """Open the parts of an application for the duration of the block.

    If ``migrate_on_start`` is true, the database is migrated first.
    """
    async with configured_database(settings) as database:
        counters = open_counters(settings.redis_url)
        cache = open_cache(settings, version=__version__)
        limits = RateLimits(settings, counters, clock)
        broker = EventBroker(database, max_queued=settings.events_waiting)
        try:
            passwords = Passwords(settings)
            web_files = app_files.load_web_app(settings)
            async with (
                open_replica(
                    settings.database_read_url, database, pool_size=settings.database_pool_size
                ) as replica,
                open_probes(settings, database, replica, counters, clock) as probes,
            ):
                server = Server(
                    settings,
                    database,
                    replica,
                    clock,
                    *(passwords, counters, limits, broker, cache, metrics, probes, web_files),
                )
                with shutdown_signals(
                    broker.stop, server.shutdown, drain_seconds=settings.drain_seconds
                ):
                    yield server
        finally:
            await broker.close()
            await cache.close()
            await counters.close()


def create_app(settings: Settings, *, clock: Clock = get_now) -> FastAPI:
    """Create the application. Its parts are opened when its lifespan begins.

    Args:
        settings: the settings.
        clock: the clock for stored times, times in responses and the windows of rate limits.
    """
    metrics = Metrics()
    traces = Traces() if settings.traces else None

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncGenerator[None]:
        async with (
            open_traces(traces),
            descriptor_monitor(),
            open_server(settings, clock, metrics) as server,
            server.siblings.join(settings.processes_dir, partial(make_report, server)),
            background_tasks(server.database, server.wakeup, settings=settings, clock=clock)
            if settings.run_worker
            else nullcontext(),
        ):
            app.state.server = server
            yield

    app = FastAPI(
        title=documentation.TITLE,
        version=__version__,
        description=DESCRIPTION,
        lifespan=run,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # document_api serves it
        telemetry=_NO_TELEMETRY,
    )
    app.router.routes.extend(_collect_routes())
    app.state.clock = clock
    documentation.mount_assets(app)
    document_api(app, LEGACY_ERROR_FORMATS)
    add_exception_handlers(app, home.build_unknown_page, error_formats=LEGACY_ERROR_FORMATS)
    _add_middleware(app, settings, metrics, traces)
    return app


@cache
def _collect_routes() -> list[BaseRoute]:
    """Return the routes of all modules.

    ``include_router`` is not used, because it nests the routers and matches each level separately.
    That would take as long as the database read of a request.
    """
    routes = [route for module in ROUTE_MODULES for route in module.router.routes]
    exclude_fixed_paths(routes)
    return routes


def _add_middleware(
    app: FastAPI, settings: Settings, metrics: Metrics, traces: Traces | None
) -> None:
    """Add the middleware. The innermost middleware is added first."""
    app.add_middleware(CompressionMiddleware)
    app.add_middleware(
        RequestLimitsMiddleware,
        hosts=split_list(settings.allowed_hosts),
        max_body_bytes=settings.max_body_bytes,
        path_limits={transfer.IMPORT_PATH: settings.max_import_bytes},
    )
    origins = split_list(settings.cors_origins)
    if origins:
        # Added after the middleware that rejects requests, so that its error responses have CORS
        # headers and web pages can read them.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["*"],
        )
    app.add_middleware(HeadMiddleware, streams=[events.router.prefix])
    app.add_middleware(PacingMiddleware)
    app.add_middleware(RequestContextMiddleware, metrics=metrics, traces=traces)
    app.add_middleware(DeprecationMiddleware, retirement=legacy.RETIREMENT)
    is_production = settings.environment is Environment.PRODUCTION
    app.add_middleware(SecurityHeadersMiddleware, is_production=is_production)
    proxies = split_list(settings.trusted_proxies)
    if proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)
        app.add_middleware(ForwardedProtoMiddleware)


def create_app_from_environment() -> FastAPI:
    """Create the application of a worker process, with settings from the environment."""
    app = create_app(load_settings())
    tune_garbage_collector()
    return app


def tune_garbage_collector() -> None:
    """Let the garbage collector run in small steps, and exclude all existing objects from it.

    Objects that exist when the application has been created live as long as the process.
    """
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
