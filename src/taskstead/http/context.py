"""The outermost middleware: an id for every request, and an answer for every failure.

Pure ASGI (asgi.readthedocs.io), so that it costs microseconds and streams pass through it.
"""

import logging
import re
from time import perf_counter
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.errors import InternalError
from taskstead.http.problems import build_problem_response
from taskstead.ids import make_id
from taskstead.telemetry.logs import ACCESS_LOGGER, write_access_line
from taskstead.telemetry.metrics import REQUEST_SECONDS, REQUESTS, Metrics
from taskstead.telemetry.requests import RequestRecord, current_request
from taskstead.telemetry.traces import Traces

REQUEST_ID_HEADER = "X-Request-ID"

# What a proxy may hand us: printable, short, harmless in a log.
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._=+/-]{8,100}\Z")
_GIVEN_ID_HEADER = REQUEST_ID_HEADER.lower().encode()

# What is found at no route, and what is not HTTP's: there are few labels, whatever clients send.
UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER_METHOD = "other"
_LONGEST_PATH = 200
# A token that somebody has put there by mistake; its first letters tell what it was.
_TOKEN = re.compile("(ts[a-z]_)[A-Za-z0-9_-]+")
# Nobody was left to be answered; what nginx calls it.
_GONE = 499

logger = logging.getLogger("taskstead.http")
access_logger = logging.getLogger(ACCESS_LOGGER)


def _find_given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _GIVEN_ID_HEADER and _GIVEN_ID.match(value):
            return str(value, "ascii")
    return None


def _find_address(scope: Scope) -> str | None:
    client = scope.get("client")
    # IPv4 that came over a socket for both; longer than 64 characters no address is.
    return str(client[0])[:64].removeprefix("::ffff:") if client else None


def find_route_template(scope: Scope) -> str:
    """Return the path of the matched route, for example ``/api/v1/tasks/{task}``.

    A mounted application, such as the documentation's files, has the path that it is mounted at. A
    route inside of it has that path as prefix. If no route matched, this is ``UNMATCHED``.
    """
    route = scope.get("route")
    if route is None:
        return UNMATCHED
    # Starlette appends the path of each mount to `root_path`. It keeps the server's own prefix as
    # `app_root_path`, which is missing as long as no mount has matched.
    root_path: str = scope["root_path"]
    mounted = root_path.removeprefix(scope.get("app_root_path", root_path))
    return mounted if isinstance(route, Mount) else f"{mounted}{route.path}"


class RequestContextMiddleware:
    """Gives each request an id, or keeps the one it came with, and sends it back; logs its end.

    An error that nothing else has answered becomes a problem document with status 500; its
    traceback goes to the log under the same id, and nothing of it to the client.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, traces: Traces | None) -> None:
        self._app = app
        self._traces = traces
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        self._metrics.in_flight += 1
        id_ = _find_given_id(scope) or make_id()
        scope.setdefault("state", {})["request_id"] = id_
        record = RequestRecord(id_, _find_address(scope))
        if self._traces is not None:
            record.trace = self._traces.begin_request(
                scope["headers"],
                request_id=id_,
                method=_name_method(scope),
                path=_render_path(scope),
            )
        token = current_request.set(record)
        status = 0
        size = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = id_
                message["headers"].extend(scope["state"].get("headers", ()))
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            where = find_route_template(scope)
            logger.exception("Unhandled error in request %s: %s %s", id_, scope["method"], where)
            if status:
                # The status is out already: breaking off is the only honest answer left.
                raise
            error = InternalError(f"The server's log tells more under request id {id_}.")
            response = build_problem_response(Request(scope), error)
            await response(scope, receive, send_with_id)
        finally:
            self._metrics.in_flight -= 1
            self._tell(scope, record, status or _GONE, perf_counter() - began, size)
            current_request.reset(token)

    def _tell(
        self, scope: Scope, record: RequestRecord, status: int, seconds: float, size: int
    ) -> None:
        """Count the request, and log it."""
        route = find_route_template(scope)
        method = _name_method(scope)
        self._metrics.count(REQUESTS, method, route, str(status))
        self._metrics.observe(REQUEST_SECONDS, seconds, method, route)
        if access_logger.isEnabledFor(logging.INFO):
            _log_request(scope, record, status, seconds, size)
        if record.trace is not None:
            record.trace.end(route=route, status=status, user_id=record.user_id)


def _name_method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else _OTHER_METHOD


def _render_path(scope: Scope) -> str:
    path: str = scope["path"]
    return (_TOKEN.sub(r"\1…", path) if "_" in path else path)[:_LONGEST_PATH]


def _log_request(
    scope: Scope, request: RequestRecord, status: int, seconds: float, size: int
) -> None:
    """Log the end of a request. What it asked and was told, its query included, is not logged."""
    level = logging.ERROR if status == 500 else logging.INFO
    client = scope.get("client")
    fields: dict[str, Any] = {
        "request_id": request.request_id,
        "user_id": request.user_id,
        "workspace_id": request.workspace_id,
        "method": scope["method"],
        "route": find_route_template(scope),
        "path": _render_path(scope),
        "status": status,
        "duration_ms": round(seconds * 1000, 3),
        "database_ms": round(request.database_seconds * 1000, 3),
        "statements": request.statements,
        "client": client[0] if client else None,
        "bytes": size,
    }
    if request.trace is not None:
        fields["trace_id"] = request.trace.trace_id
    write_access_line(level, fields)
