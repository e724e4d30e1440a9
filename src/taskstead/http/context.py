"""The outermost middleware: an id for every request, and an answer for every failure.

Pure ASGI (asgi.readthedocs.io), so that it costs microseconds and streams pass through it.
"""

import logging
import re
from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.errors import InternalError
from taskstead.http.problems import build_problem_response
from taskstead.ids import make_id

REQUEST_ID_HEADER = "X-Request-ID"

# What a proxy may hand us: printable, short, harmless in a log.
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._=+/-]{8,100}\Z")
_GIVEN_ID_HEADER = REQUEST_ID_HEADER.lower().encode()

logger = logging.getLogger("taskstead.http")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def _find_given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _GIVEN_ID_HEADER and _GIVEN_ID.match(value):
            return str(value, "ascii")
    return None


class RequestContextMiddleware:
    """Gives each request an id, or keeps the one it came with, and sends it back.

    An error that nothing else has answered becomes a problem document with status 500; its
    traceback goes to the log under the same id, and nothing of it to the client.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id_ = _find_given_id(scope) or make_id()
        scope.setdefault("state", {})["request_id"] = id_
        token = request_id.set(id_)
        is_started = False

        async def send_with_id(message: Message) -> None:
            nonlocal is_started
            if message["type"] == "http.response.start":
                is_started = True
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = id_
                message["headers"].extend(scope["state"].get("headers", ()))
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            logger.exception("Unhandled error in request %s %s", id_, scope["path"])
            if is_started:
                # The status is out already: breaking off is the only honest answer left.
                raise
            error = InternalError(f"The server's log tells more under request id {id_}.")
            response = build_problem_response(Request(scope), error)
            await response(scope, receive, send_with_id)
        finally:
            request_id.reset(token)
