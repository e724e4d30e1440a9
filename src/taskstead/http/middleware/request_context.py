"""Middleware for request ids, the access log, request metrics, traces and unhandled errors.

It uses the ASGI interface directly, so it adds only microseconds and does not buffer streams.
"""

import logging
import re
from time import perf_counter
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead import __version__
from taskstead.errors import InternalError
from taskstead.http.responses.problem_details import build_problem_response
from taskstead.ids import make_id
from taskstead.observability.logging import ACCESS_LOGGER, write_access_line
from taskstead.observability.metrics import REQUEST_SECONDS, REQUESTS, Metrics
from taskstead.observability.request_record import RequestRecord, current_request
from taskstead.observability.traces import Traces

REQUEST_ID_HEADER = "X-Request-ID"
# The version of the server. A web app that was loaded earlier learns that it is old.
VERSION_HEADER = "Taskstead-Version"

# The form of request ids accepted from clients: printable, short and safe in a log.
_ID_PATTERN = re.compile(rb"[A-Za-z0-9._=+/-]{8,100}\Z")
_ID_HEADER = REQUEST_ID_HEADER.lower().encode()

# Metric labels for unmatched paths and unknown methods. Without them, clients could create any
# number of label values.
UNMATCHED = "unmatched"
_KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER_METHOD = "other"
_MAX_PATH_LENGTH = 200
# A token that a client put into the path by mistake. The log shows only its prefix, which
# identifies the kind of token.
_TOKEN = re.compile("(ts[a-z]_)[A-Za-z0-9_-]+")
# Client closed the connection (nginx's 499).
_CLIENT_CLOSED = 499

logger = logging.getLogger("taskstead.http")
access_logger = logging.getLogger(ACCESS_LOGGER)


def _find_client_request_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _ID_HEADER and _ID_PATTERN.match(value):
            return str(value, "ascii")
    return None


def _find_address(scope: Scope) -> str | None:
    client = scope.get("client")
    # A dual-stack socket reports IPv4 addresses with the prefix `::ffff:`. The length is limited
    # because a trusted proxy may send any text.
    return str(client[0])[:64].removeprefix("::ffff:") if client else None


def find_route_template(scope: Scope) -> str:
    """Return the path of the matched route, for example ``/api/v1/tasks/{task}``.

    For a request to a mounted application, such as the documentation's static files, it is the path
    of the mount. For a route inside a mount, the path of the mount precedes the path of the route.
    If no route matched, it is ``UNMATCHED``.
    """
    route = scope.get("route")
    if route is None:
        return UNMATCHED
    # Starlette appends the path of each mount to `root_path`. It keeps the server's own prefix as
    # `app_root_path`, which is missing until a mount has matched.
    root_path: str = scope["root_path"]
    mounted = root_path.removeprefix(scope.get("app_root_path", root_path))
    return mounted if isinstance(route, Mount) else f"{mounted}{route.path}"


class RequestContextMiddleware:
    """Sets the request id and the version of each response, and logs and counts each request.

    A valid request id from the client is used, otherwise a new one is created. An unhandled error
    becomes a problem document with status 500. Its traceback is logged with the request id and is
    not sent to the client.
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
        id_ = _find_client_request_id(scope) or make_id()
        scope.setdefault("state", {})["request_id"] = id_
        record = RequestRecord(id_, _find_address(scope))
        if self._traces is not None:
            record.trace = self._traces.begin_request(
                scope["headers"],
                request_id=id_,
                method=_get_method_label(scope),
                path=_render_path(scope),
            )
        token = current_request.set(record)
        status = 0
        size = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = id_
                headers[VERSION_HEADER] = __version__
                message["headers"].extend(scope["state"].get("headers", ()))
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            route = find_route_template(scope)
            logger.exception("Unhandled error in request %s: %s %s", id_, scope["method"], route)
            if status:
                # The status is already sent. Aborting the response is the only way to report the
                # error.
                raise
            error = InternalError(f"See the server log for request id {id_}.")
            response = build_problem_response(Request(scope), error)
            await response(scope, receive, send_with_id)
        finally:
            self._metrics.in_flight -= 1
            self._record(scope, record, status or _CLIENT_CLOSED, perf_counter() - began, size)
            current_request.reset(token)

    def _record(
        self, scope: Scope, record: RequestRecord, status: int, seconds: float, size: int
    ) -> None:
        """Record the request in the metrics, the access log and the trace."""
        route = find_route_template(scope)
        method = _get_method_label(scope)
        self._metrics.count(REQUESTS, method, route, str(status))
        self._metrics.observe(REQUEST_SECONDS, seconds, method, route)
        if access_logger.isEnabledFor(logging.INFO):
            _log_request(scope, record, status, seconds, size)
        if record.trace is not None:
            record.trace.end(route=route, status=status, user_id=record.user_id)


def _get_method_label(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _KNOWN_METHODS else _OTHER_METHOD


def _render_path(scope: Scope) -> str:
    path: str = scope["path"]
    return (_TOKEN.sub(r"\1…", path) if "_" in path else path)[:_MAX_PATH_LENGTH]


def _log_request(
    scope: Scope, request: RequestRecord, status: int, seconds: float, size: int
) -> None:
    """Log a finished request, without query string, request body and response body."""
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
