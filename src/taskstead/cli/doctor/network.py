"""Checks of the server's port and of Redis."""

import socket
from collections.abc import Iterator

from taskstead.cache.diagnostics import find_redis_facts
from taskstead.cli.console import CommandFailedError
from taskstead.cli.doctor.findings import Finding
from taskstead.cli.serving.sockets import close_sockets, open_sockets
from taskstead.config.settings import Settings
from taskstead.config.validators import split_list

_TIMEOUT_SECONDS = 10.0
_MAX_RESPONSE_BYTES = 20_000
# The body of GET /health/live.
_LIVE_BODY = b'{"status":"ok"}'
# Wildcard addresses, and the loopback address to connect to for each.
_WILDCARD_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - no socket is bound to it


def check_port(settings: Settings) -> Iterator[Finding]:
    """Check that the port is free or used by a Taskstead server."""
    try:
        close_sockets(open_sockets(settings.host, settings.port))
    except CommandFailedError as error:
        if _is_taskstead_serving(settings):
            message = f"A Taskstead server is using port {settings.port} on {settings.host}."
            yield Finding("port", "ok", message)
        else:
            # The messages of ``open_sockets`` have the form "problem; fix".
            problem, _, fix = str(error).partition("; ")
            fix = fix or "choose another host or port"
            yield Finding(
                "port", "problem", f"{problem}.", f"{fix[0].upper()}{fix[1:].rstrip('.')}."
            )
    else:
        message = f"Port {settings.port} on {settings.host} is free."
        yield Finding("port", "ok", message)


def _is_taskstead_serving(settings: Settings) -> bool:
    """Return whether a Taskstead server responds on the configured host and port."""
    host = _WILDCARD_HOSTS.get(settings.host, settings.host)
    # The server rejects requests for hosts that are not in allowed_hosts. An entry may contain a
    # wildcard, such as `*.example.com`, which stands for any name.
    names = split_list(settings.allowed_hosts) or [host]
    request = f"GET /health/live HTTP/1.0\r\nHost: {names[0].replace('*', 'x')}\r\n\r\n"
    try:
        with socket.create_connection((host, settings.port), _TIMEOUT_SECONDS) as connection:
            connection.sendall(request.encode())
            with connection.makefile("rb") as response:
                return response.read(_MAX_RESPONSE_BYTES).endswith(_LIVE_BODY)
    except OSError:
        return False


async def check_redis(settings: Settings) -> list[Finding]:
    """Check that Redis is reachable, limits its memory and evicts old entries."""
    if settings.redis_url is None:
        return [Finding("redis", "ok", "Redis is not used.")]
    facts = await find_redis_facts(settings.redis_url)
    if facts is None:
        message = (
            "Redis cannot be reached. Rate limits apply to each process separately, and responses "
            "are not cached."
        )
        fix = "Start Redis, or correct TASKSTEAD_REDIS_URL."
        return [Finding("redis", "problem", message, fix)]
    if not facts.max_memory:
        message = "Redis has no memory limit, so the response cache can use all memory."
        fix = "Set maxmemory to a limit and maxmemory-policy to allkeys-lru."
        return [Finding("redis", "warning", message, fix)]
    if facts.eviction == "noeviction":
        message = "Redis rejects writes when its memory is full (noeviction)."
        fix = "Set maxmemory-policy to allkeys-lru."
        return [Finding("redis", "warning", message, fix)]
    message = (
        f"Redis is reachable (maxmemory {facts.max_memory >> 20:,} MiB, maxmemory-policy "
        f"{facts.eviction})."
    )
    return [Finding("redis", "ok", message)]
