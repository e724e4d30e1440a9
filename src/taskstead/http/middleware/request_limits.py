"""Request limits and trusted hosts: rejects requests for unknown hosts and oversized requests.

``http/middleware/body_limit.py`` limits request bodies. ``cli/serving/protocol.py`` limits the time
and the size of headers while the client sends them.
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
from taskstead.http.responses.problem_details import build_problem_response

# The maximum length of path and query together.
MAX_TARGET_BYTES = 16 << 10
MAX_HEADERS = 100
# The maximum length of the names and values of all headers together.
MAX_HEADER_BYTES = 32 << 10


class AdmissionMiddleware:
    """Rejects oversized targets (414), unknown hosts (421) and oversized headers (431).

    Args:
        app: the application that handles accepted requests.
        hosts: the accepted host names, without port. ``*.example.org`` accepts all subdomains. If
            empty, any host is accepted.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts if not host.startswith("*."))
        self._domain_suffixes = tuple(host.lower()[1:] for host in hosts if host.startswith("*."))

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
            message = (
                f"Path and query are longer than {MAX_TARGET_BYTES} bytes. Send a shorter URL."
            )
            return UriTooLongError(message)
        headers = scope["headers"]
        size = sum([len(name) + len(value) for name, value in headers])
        if len(headers) > MAX_HEADERS or size > MAX_HEADER_BYTES:
            message = (
                f"The request has more than {MAX_HEADERS} headers or more than {MAX_HEADER_BYTES} "
                "bytes of headers. Send fewer or shorter headers."
            )
            return HeadersTooLargeError(message)
        if (self._hosts or self._domain_suffixes) and not self._is_allowed_host(scope):
            message = (
                "The Host header does not name this server. "
                "Add the host to TASKSTEAD_ALLOWED_HOSTS to accept it."
            )
            return UnknownHostError(message)
        return None

    def _is_allowed_host(self, scope: Scope) -> bool:
        host_headers = [value for name, value in scope["headers"] if name == b"host"]
        if len(host_headers) != 1:
            return False
        host = host_headers[0].decode("latin-1").lower()
        host = (
            host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        )
        return host in self._hosts or host.endswith(self._domain_suffixes or (" ",))
