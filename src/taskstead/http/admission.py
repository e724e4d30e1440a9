"""Which requests are looked at at all: those for a host that we are, of a bearable size.

The size of bodies is in ``http/body_limit.py``; how long a client may take, and heads that do not
end, are the server's (``cli/protocol.py``).
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from taskstead.errors import (
    HeadersTooLargeError,
    TasksteadError,
    UnknownHostError,
    UriTooLongError,
)
from taskstead.http.problems import build_problem_response

MAX_TARGET_BYTES = 16 << 10
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 << 10


class AdmissionMiddleware:
    """Answers 414, 421 or 431 to a request whose target, host or headers will not do.

    Args:
        app: what answers the others.
        hosts: the names that the server goes by, without port; ``*.example.org`` stands for all
            below it. None given: any.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts if not host.startswith("*."))
        self._domains = tuple(host.lower()[1:] for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        error = self._find_error(scope) if scope["type"] == "http" else None
        if error is None:
            await self._app(scope, receive, send)
        else:
            response = build_problem_response(Request(scope), error)
            await response(scope, receive, send)

    def _find_error(self, scope: Scope) -> TasksteadError | None:
        if len(scope["path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
            message = f"Path and query may have {MAX_TARGET_BYTES} bytes together."
            return UriTooLongError(message)
        headers = scope["headers"]
        size = sum([len(name) + len(value) for name, value in headers])
        if len(headers) > MAX_HEADERS or size > MAX_HEADER_BYTES:
            message = f"There may be {MAX_HEADERS} headers with {MAX_HEADER_BYTES} bytes together."
            return HeadersTooLargeError(message)
        if (self._hosts or self._domains) and not self._is_ours(scope):
            message = "This server does not go by that name; TASKSTEAD_ALLOWED_HOSTS has its names."
            return UnknownHostError(message)
        return None

    def _is_ours(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        if len(given) != 1:
            return False
        host = given[0].decode("latin-1").lower()
        host = (
            host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        )
        return host in self._hosts or host.endswith(self._domains or (" ",))
