"""Logins over HTTP: rate limits, metrics, and the name of the client."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.requests import Request

from taskstead.errors import ForbiddenError, LoginFailedError
from taskstead.http.app_state import Server
from taskstead.http.requests.user_agents import describe_user_agent
from taskstead.observability.metrics import LOGINS


@asynccontextmanager
async def login_attempt(request: Request, server: Server, email: str) -> AsyncGenerator[None]:
    """Limit and count the attempt to log in for the duration of the block.

    Raises:
        RateLimitedError: there were too many attempts.
    """
    try:
        async with server.limits.login_guard(request, email):
            yield
    except (LoginFailedError, ForbiddenError):
        server.metrics.count(LOGINS, "failed")
        raise
    server.metrics.count(LOGINS, "ok")


def get_client_name(request: Request) -> str | None:
    """Return the short name of the client of a request; None if it sends no ``User-Agent``."""
    return describe_user_agent(request.headers.get("user-agent"))
