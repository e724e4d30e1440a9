"""Deprecation headers on responses of deprecated routes, and a count of their use.

The headers are ``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594) and ``Link: …;
rel="successor-version"`` (RFC 5829). docs/reference/versioning.md describes them for clients.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskstead.observability.metrics import DEPRECATED_CALLS, Metrics

logger = logging.getLogger("taskstead.http")


@dataclass(frozen=True, slots=True)
class Retirement:
    """A group of deprecated routes.

    Attributes:
        paths: the path prefixes of the group, for example ``/items``.
        since: the time at which the routes became deprecated, in UTC.
        until: the time at which the routes will be removed, in UTC.
        successor: the path of the replacement.
    """

    paths: tuple[str, ...]
    since: datetime
    until: datetime
    successor: str

    def includes(self, path: str) -> bool:
        """Return whether a path belongs to the group."""
        return path.startswith(self.paths) and any(
            path == prefix or path.startswith(f"{prefix}/") for prefix in self.paths
        )

    def build_headers(self) -> dict[str, str]:
        """Return the deprecation headers of the group."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": format_datetime(self.until, usegmt=True),
            "Link": f'<{self.successor}>; rel="successor-version"',
        }


class DeprecationMiddleware:
    """Adds the deprecation headers to every response, including errors, and counts calls by route.

    It wraps most other middleware, because each of them may send a response that needs the headers.
    """

    def __init__(self, app: ASGIApp, *, retirement: Retirement) -> None:
        self._app = app
        self._retirement = retirement
        self._headers = list(retirement.build_headers().items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http" or not self._retirement.includes(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers:
                    headers.append(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            _count_call(scope)


def _count_call(scope: Scope) -> None:
    """Count a call by its route, not its path, so that the number of labels is bounded."""
    route = scope.get("route")
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    if route is None or method not in (getattr(route, "methods", None) or ()):
        return
    metrics: Metrics = scope["app"].state.server.metrics
    metrics.count(DEPRECATED_CALLS, method, route.path)
    logger.info(
        "deprecated call",
        extra={
            "method": method,
            "route": route.path,
            "request_id": scope.get("state", {}).get("request_id", ""),
        },
    )
