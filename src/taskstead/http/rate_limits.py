"""Fixed-window rate limits and the ``RateLimit`` headers.

A limit allows a number of requests per window of time. Windows start at multiples of their length,
so processes that share a Redis server need no coordination, and counting takes one round trip. Only
the windows for attempts to log in to one account start at the first attempt. The headers follow
draft-ietf-httpapi-ratelimit-headers-10. ``ratelimit/storage.py`` stores the counters.
"""

import hashlib
import ipaddress
import math
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import Scope

from taskstead.clock import Clock
from taskstead.config.settings import Settings
from taskstead.domain.email_addresses import normalise_email
from taskstead.errors import (
    LoginFailedError,
    RateLimitedError,
    ServerError,
    TasksteadError,
    ValidationFailedError,
)
from taskstead.ratelimit.storage import Counters

# The error code of a wrong current password.
_WRONG_PASSWORD = "wrong_password"  # noqa: S105 - no secret
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
# Parameters of slow reads: searches, filters that may contain searches, rendering of Markdown.
_COSTLY_PARAMETERS = (b"q=", b"filter=", b"render=")
_MAX_WAIT_SECONDS = 3600
_STRIKES_SECONDS = 86400
# The time for which a successful login from an address is stored.
_LOGIN_MEMORY_SECONDS = 30 * 86400
# The value of Retry-After if the user has too many streams. The end of a stream is unpredictable.
_STREAM_RETRY_SECONDS = 30
# One IPv6 client usually controls a whole /64 network.
_IPV6_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """A named limit.

    Attributes:
        amount: the number of requests per window.
        seconds: the length of the window.
        policy: the value of the ``RateLimit-Policy`` header.
    """

    name: str
    amount: int
    seconds: int
    policy: bytes

    def render(self, remaining: int, seconds: int) -> list[tuple[bytes, bytes]]:
        """Return the ``RateLimit-Policy`` and ``RateLimit`` headers."""
        header = f'"{self.name}";r={max(0, remaining)};t={seconds}'
        return [(b"ratelimit-policy", self.policy), (b"ratelimit", header.encode())]


def parse_limit(name: str, text: str) -> Limit:
    """Parse a limit in the format of the settings, for example ``5/minute``."""
    amount, _, unit = text.partition("/")
    seconds = _UNITS[unit]
    return Limit(name, int(amount), seconds, f'"{name}";q={amount};w={seconds}'.encode())


class RateLimits:
    """Counts requests and login attempts and rejects those over the limits.

    Attributes:
        rejected: the number of rejected requests since the start, by limit name.
    """

    def __init__(self, settings: Settings, counters: Counters, clock: Clock) -> None:
        self._is_enabled = settings.rate_limits
        self._counters = counters
        self._clock = clock
        self._reads = parse_limit("reads", settings.rate_limit_reads)
        self._writes = parse_limit("writes", settings.rate_limit_writes)
        self._search = parse_limit("search", settings.rate_limit_search)
        self._registration = parse_limit("registration", settings.rate_limit_registration)
        self._login = parse_limit("login", settings.rate_limit_login)
        self._login_by_address = parse_limit("login-address", settings.rate_limit_login_address)
        self._login_by_account = parse_limit("login-account", settings.rate_limit_login_account)
        self._max_streams = settings.events_streams
        self._streams: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()

    async def count_request(self, request: Request, key: str | None = None) -> None:
        """Count a request as a read, a search or a write.

        Args:
            request: the request; its response gets the ``RateLimit`` headers.
            key: the id of the user or API token; None to count by client address.

        Raises:
            RateLimitedError: the limit is exceeded.
        """
        if self._is_enabled:
            scope = request.scope
            await self._count_request(scope, self._choose_limit(scope), key or get_address(scope))

    async def count_registration(self, request: Request) -> None:
        """Count an attempt to register, by address.

        Raises:
            RateLimitedError: the limit is exceeded.
        """
        if self._is_enabled:
            await self._count_request(request.scope, self._registration, get_address(request.scope))

    def open_stream(self, user_id: str) -> None:
        """Count an event stream or a long poll; :meth:`close_stream` must be called at its end.

        Raises:
            RateLimitedError: the user already has the maximum number of streams in this process.
        """
        if self._is_enabled and self._streams[user_id] >= self._max_streams:
            self.rejected["streams"] += 1
            raise RateLimitedError(
                f"You already have {self._max_streams} open event streams or long polls. "
                "Close one or retry later.",
                retry_after_seconds=_STREAM_RETRY_SECONDS,
            )
        self._streams[user_id] += 1

    def close_stream(self, user_id: str) -> None:
        """Count the end of a stream that :meth:`open_stream` counted."""
        self._streams[user_id] -= 1
        if not self._streams[user_id]:
            del self._streams[user_id]

    @asynccontextmanager
    async def login_guard(self, request: Request, email: str) -> AsyncGenerator[None]:
        """Limit login attempts for the duration of the block, which checks the password.

        Three limits apply:

        1. Attempts for one account from one address. When the limit is exceeded, further attempts
           are rejected for some time. This time doubles with each violation.
        2. Attempts from one address for any account. The limit is higher.
        3. Attempts for one account from any address. The limit is higher. It stops distributed
           attacks. It does not apply to addresses from which the user has logged in before, so that
           an attacker cannot lock the user out.

        A successful login resets the counter of the first limit, and that of the third if the
        attempt was counted.

        Raises:
            RateLimitedError: the limit is exceeded.
        """
        if not self._is_enabled:
            yield
            return
        scope = request.scope
        address = get_address(scope)
        account = _hash_account(email)
        login_key = f"known:{address}:{account}"
        counter: str | None = None
        await self._count_request(scope, self._login_by_address, address)
        async with self._attempt_guard(scope, f"{address}:{account}"):
            # Counted inside the guard, because attempts that the guard rejects must not count
            # towards the limit of the account. The response keeps the headers of the guard's limit.
            if not await self._counters.get_ttl(login_key):
                shown_headers = scope["state"]["headers"]
                counter = await self._count_request(scope, self._login_by_account, account)
                scope["state"]["headers"] = shown_headers
            yield
        if counter is not None:
            await self._counters.reset(counter)
        await self._counters.reset(login_key)
        await self._counters.increment(login_key, _LOGIN_MEMORY_SECONDS)

    @asynccontextmanager
    async def password_guard(self, request: Request, user_id: str) -> AsyncGenerator[None]:
        """Apply the login limit to the password checks of a logged-in user.

        Raises:
            RateLimitedError: the limit is exceeded.
        """
        if not self._is_enabled:
            yield
            return
        async with self._attempt_guard(request.scope, f"user:{user_id}"):
            yield

    def _choose_limit(self, scope: Scope) -> Limit:
        if scope["method"] not in ("GET", "HEAD"):
            return self._writes
        # Decoded as in the application, because parameter names may be percent-encoded.
        query = unquote_to_bytes(scope["query_string"])
        # Slow reads have a separate limit.
        is_costly = any(part.startswith(_COSTLY_PARAMETERS) for part in query.split(b"&"))
        return self._search if is_costly else self._reads

    async def _count_request(self, scope: Scope, limit: Limit, key: str) -> str:
        """Count a request in the current window; return the counter's key."""
        window, passed = divmod(int(self._clock().timestamp()), limit.seconds)
        counter = f"{limit.name}:{key}:{window}"
        count = await self._counters.increment(counter, limit.seconds)
        remaining_seconds = limit.seconds - passed
        scope["state"]["headers"] = limit.render(limit.amount - count, remaining_seconds)
        if count > limit.amount:
            self._reject(limit, remaining_seconds)
        return counter

    @asynccontextmanager
    async def _attempt_guard(self, scope: Scope, key: str) -> AsyncGenerator[None]:
        limit = self._login
        wait = await self._counters.get_ttl(f"wait:{key}")
        count = 0 if wait else await self._counters.increment(f"login:{key}", limit.seconds)
        if count > limit.amount:
            # Several concurrent attempts may exceed the limit. Only the first lengthens the wait.
            wait = await self._lengthen_wait(key) if count == limit.amount + 1 else limit.seconds
        remaining_seconds = math.ceil(wait) if wait else limit.seconds
        scope["state"]["headers"] = limit.render(
            0 if wait else limit.amount - count, remaining_seconds
        )
        if wait:
            self._reject(limit, remaining_seconds)
        try:
            yield
        except TasksteadError as error:
            if _is_password_correct(error):
                await self._reset_attempts(key)
            raise
        await self._reset_attempts(key)

    async def _lengthen_wait(self, key: str) -> float:
        """Start a wait and return its length in seconds.

        It is twice as long as the previous wait of the last 24 hours, up to a maximum.
        """
        strikes = await self._counters.increment(f"strikes:{key}", _STRIKES_SECONDS)
        longest = max(self._login.seconds, _MAX_WAIT_SECONDS)
        wait: int = min(self._login.seconds * 2 ** min(strikes - 1, 20), longest)
        await self._counters.increment(f"wait:{key}", wait)
        return wait

    async def _reset_attempts(self, key: str) -> None:
        for kind in ("login", "strikes"):
            await self._counters.reset(f"{kind}:{key}")

    def _reject(self, limit: Limit, wait: int) -> None:
        self.rejected[limit.name] += 1
        raise RateLimitedError(
            f"The limit of {limit.amount} in {limit.seconds} seconds ({limit.name}) is exceeded. "
            f"Retry in {wait} seconds.",
            retry_after_seconds=wait,
        )


def _is_password_correct(error: TasksteadError) -> bool:
    """Return whether an error shows that the password was correct."""
    if isinstance(error, ValidationFailedError):
        return all(field_error.code != _WRONG_PASSWORD for field_error in error.errors)
    # After a rate limit or a server error, it is unknown whether the password was correct.
    is_unknown = isinstance(error, RateLimitedError | ServerError)
    return not is_unknown and not isinstance(error, LoginFailedError)


def get_address(scope: Scope) -> str:
    """Return the client address of a request; for IPv6, its /64 network."""
    client: tuple[str, Any] | None = scope.get("client")
    if client is None:
        return "unknown"
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return client[0]
    if isinstance(address, ipaddress.IPv4Address):
        return client[0]
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address.packed, _IPV6_PREFIX), strict=False))


def _hash_account(email: str) -> str:
    """Return a short hash of the normalised e-mail address.

    If the address is invalid, return a hash of the text as sent.
    """
    with suppress(ValueError):
        email = normalise_email(email)
    return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()[:32]
