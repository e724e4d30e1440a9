"""How much of what a client may ask for in a time, and how it is told so.

Windows follow the clock, so that all processes that share a Redis agree on them and counting is
one round trip. The headers are those of draft-ietf-httpapi-ratelimit-headers-10. Where the counts
are kept is the business of ``store/counters.py``.
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

from taskstead.clock import get_now
from taskstead.errors import (
    LoginFailedError,
    RateLimitedError,
    TasksteadError,
    ValidationFailedError,
)
from taskstead.schemas.accounts import normalise_email
from taskstead.settings import Settings
from taskstead.store.counters import Counters

# What a wrong current password is called in a problem document.
_WRONG_PASSWORD = "wrong_password"  # noqa: S105 - no secret
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LONGEST_WAIT = 3600
_STRIKES_REMEMBERED = 86400
# Where somebody has logged in well.
_KNOWN_REMEMBERED = 30 * 86400
# When a stream ends is not known; this is when it is worth another try.
_STREAM_RETRY_SECONDS = 30
# Who has an IPv6 address has all with the same first 64 bits.
_IPV6_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so many seconds, by a name that the headers tell."""

    name: str
    amount: int
    seconds: int
    policy: bytes

    def render(self, remaining: int, seconds: int) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell the limit and what is left of it."""
        left = f'"{self.name}";r={max(0, remaining)};t={seconds}'
        return [(b"ratelimit-policy", self.policy), (b"ratelimit", left.encode())]


def parse_limit(name: str, text: str) -> Limit:
    """Read a limit as the settings have it: ``5/minute``."""
    amount, _, unit = text.partition("/")
    seconds = _UNITS[unit]
    return Limit(name, int(amount), seconds, f'"{name}";q={amount};w={seconds}'.encode())


class RateLimits:
    """Counts requests and attempts to log in, and refuses what is too many.

    Attributes:
        refused: how many requests were refused since the start, by the name of the limit.
    """

    def __init__(self, settings: Settings, counters: Counters) -> None:
        self._is_on = settings.rate_limits
        self._counters = counters
        self._reads = parse_limit("reads", settings.rate_limit_reads)
        self._writes = parse_limit("writes", settings.rate_limit_writes)
        self._search = parse_limit("search", settings.rate_limit_search)
        self._registration = parse_limit("registration", settings.rate_limit_registration)
        self._login = parse_limit("login", settings.rate_limit_login)
        self._login_by_address = parse_limit("login-address", settings.rate_limit_login_address)
        self._login_by_account = parse_limit("login-account", settings.rate_limit_login_account)
        self._most_streams = settings.events_streams
        self._streams: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    async def count_request(self, request: Request, key: str | None = None) -> None:
        """Count a request as a read, a search or a write.

        Args:
            request: its answer will tell the limit in its headers.
            key: whose it is; None for the address that it comes from.

        Raises:
            RateLimitedError: it is one too many.
        """
        if self._is_on:
            scope = request.scope
            await self._count(scope, self._choose(scope), key or get_address(scope))

    async def count_registration(self, request: Request) -> None:
        """Count an attempt to make an account, by address.

        Raises:
            RateLimitedError: it is one too many.
        """
        if self._is_on:
            await self._count(request.scope, self._registration, get_address(request.scope))

    def open_stream(self, user_id: str) -> None:
        """Count a request that stays open for news; :meth:`close_stream` has to follow.

        Raises:
            RateLimitedError: the user has as many open in this process as anybody may.
        """
        if self._is_on and self._streams[user_id] >= self._most_streams:
            self.refused["streams"] += 1
            raise RateLimitedError(
                f"You listen or wait for changes {self._most_streams} times already; end one of "
                "these, or try again later.",
                seconds=_STREAM_RETRY_SECONDS,
            )
        self._streams[user_id] += 1

    def close_stream(self, user_id: str) -> None:
        """End what :meth:`open_stream` has begun."""
        self._streams[user_id] -= 1
        if not self._streams[user_id]:
            del self._streams[user_id]

    @asynccontextmanager
    async def guarding_login(self, request: Request, email: str) -> AsyncGenerator[None]:
        """Guard an attempt to log in; a successful one begins the count anew.

        Counted are attempts for one account from one address, whose waits grow; and, more
        generously, those from one address and those for one account. The latter keep many
        addresses from sharing the work; a good login begins that count anew too. So that they
        cannot keep anybody out either, it is not asked at an address of an earlier good login.

        Raises:
            RateLimitedError: it is one too many.
        """
        if not self._is_on:
            yield
            return
        scope = request.scope
        address = get_address(scope)
        account = _hash_account(email)
        known = f"known:{address}:{account}"
        counter: str | None = None
        await self._count(scope, self._login_by_address, address)
        async with self._guarding(scope, f"{address}:{account}"):
            # Behind the guard: what that refuses must not use up what the account has.
            if not await self._counters.get_seconds_left(known):
                shown = scope["state"]["headers"]
                counter = await self._count(scope, self._login_by_account, account)
                scope["state"]["headers"] = shown
            yield
        if counter is not None:
            await self._counters.forget(counter)
        await self._counters.forget(known)
        await self._counters.add_one(known, _KNOWN_REMEMBERED)

    @asynccontextmanager
    async def guarding_password(self, request: Request, user_id: str) -> AsyncGenerator[None]:
        """Guard the check of a password of somebody who is logged in, as that of a login.

        Raises:
            RateLimitedError: it is one too many.
        """
        if not self._is_on:
            yield
            return
        async with self._guarding(request.scope, f"user:{user_id}"):
            yield

    def _choose(self, scope: Scope) -> Limit:
        if scope["method"] not in ("GET", "HEAD"):
            return self._writes
        # As the application will read it: a name may come percent-encoded too.
        query = unquote_to_bytes(scope["query_string"])
        # These may take long: a search, and Markdown made HTML.
        is_costly = query.startswith((b"q=", b"render=")) or b"&q=" in query or b"&render=" in query
        return self._search if is_costly else self._reads

    async def _count(self, scope: Scope, limit: Limit, key: str) -> str:
        """Count one in the present window, and return the counter's key; refuse one too many."""
        window, passed = divmod(int(get_now().timestamp()), limit.seconds)
        counter = f"{limit.name}:{key}:{window}"
        count = await self._counters.add_one(counter, limit.seconds)
        left = limit.seconds - passed
        scope["state"]["headers"] = limit.render(limit.amount - count, left)
        if count > limit.amount:
            self._refuse(limit, left)
        return counter

    @asynccontextmanager
    async def _guarding(self, scope: Scope, key: str) -> AsyncGenerator[None]:
        limit = self._login
        wait = await self._counters.get_seconds_left(f"wait:{key}")
        count = 0 if wait else await self._counters.add_one(f"login:{key}", limit.seconds)
        if count > limit.amount:
            # Of several at once, the first over the limit makes the wait longer.
            wait = await self._lengthen_wait(key) if count == limit.amount + 1 else limit.seconds
        left = math.ceil(wait) if wait else limit.seconds
        scope["state"]["headers"] = limit.render(0 if wait else limit.amount - count, left)
        if wait:
            self._refuse(limit, left)
        try:
            yield
        except TasksteadError as error:
            if _is_past_password(error):
                await self._forgive(key)
            raise
        await self._forgive(key)

    async def _lengthen_wait(self, key: str) -> float:
        """Begin a wait, twice as long as the last one; return its seconds."""
        strikes = await self._counters.add_one(f"strikes:{key}", _STRIKES_REMEMBERED)
        longest = max(self._login.seconds, _LONGEST_WAIT)
        wait: int = min(self._login.seconds * 2 ** min(strikes - 1, 20), longest)
        await self._counters.add_one(f"wait:{key}", wait)
        return wait

    async def _forgive(self, key: str) -> None:
        for kind in ("login", "strikes"):
            await self._counters.forget(f"{kind}:{key}")

    def _refuse(self, limit: Limit, wait: int) -> None:
        self.refused[limit.name] += 1
        raise RateLimitedError(
            f"The limit of {limit.amount} in {limit.seconds} seconds ({limit.name}) is reached; "
            f"try again in {wait} seconds.",
            seconds=wait,
        )


def _is_past_password(error: TasksteadError) -> bool:
    """Tell whether an error shows that the password was right, and something else was not."""
    if isinstance(error, ValidationFailedError):
        return all(wrong.code != _WRONG_PASSWORD for wrong in error.errors)
    # Another limit, or a server in trouble, has not said whether it was.
    is_untold = isinstance(error, RateLimitedError) or error.status >= 500
    return not is_untold and not isinstance(error, LoginFailedError)


def get_address(scope: Scope) -> str:
    """Return the address that a request comes from; of an IPv6 address the network."""
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
    """Make a short key of an address, however it is written; what is none is a key too."""
    with suppress(ValueError):
        email = normalise_email(email)
    return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()[:32]
