"""Rate limits in memory and in Redis, and the ``RateLimit`` headers."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.ratelimit.storage import RedisCounters
from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem
from tests.harness.servers.valkey import ValkeyServer, running_valkey
from tests.harness.settings import make_settings

TASKS = "/api/v1/tasks"

DAY_SECONDS = 86_400


@pytest.fixture
def clock() -> ManualClock:
    """Stands still, so that no window begins during a test."""
    return ManualClock()


@asynccontextmanager
async def running_app(settings: Settings, address: str = "192.0.2.1") -> AsyncIterator[Client]:
    """Run an application whose clock stands still. Yield a client with the given address."""
    application = create_app(settings, clock=ManualClock())
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(application.router.lifespan_context(application))
        transport = httpx2.ASGITransport(app=application, client=(address, 123))
        http = httpx2.AsyncClient(transport=transport, base_url="http://testserver")
        yield Client(await stack.enter_async_context(http))


def read_limit(answer: httpx2.Response) -> tuple[str, int, int, int, int]:
    """Return the name, the quota, the window, the remaining requests and the seconds to reset."""
    policy = re.fullmatch(r'"([a-z-]+)";q=(\d+);w=(\d+)', answer.headers["RateLimit-Policy"])
    left = re.fullmatch(r'"([a-z-]+)";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert policy
    assert left
    assert policy[1] == left[1]
    return policy[1], int(policy[2]), int(policy[3]), int(left[2]), int(left[3])


def check_limited(answer: httpx2.Response, most: int) -> int:
    """Check that a response is a rejection by a limit. Return the seconds to wait."""
    check_problem(answer, 429, "rate_limited")
    *_, remaining, seconds = read_limit(answer)
    wait = int(answer.headers["Retry-After"])
    assert remaining == 0
    assert seconds == wait
    assert 0 < wait <= most
    return wait


class TestRequests:
    """Low request limits per day, in memory and in Redis."""

    @pytest.fixture(params=["memory", "redis"])
    def redis_url(self, request: pytest.FixtureRequest) -> str | None:
        if request.param == "memory":
            return None
        server: ValkeyServer = request.getfixturevalue("valkey")
        return server.patient_url

    @pytest.fixture
    def settings(self, database_url: str, redis_url: str | None) -> Settings:
        few = {"rate_limit_reads": "4/day", "rate_limit_writes": "3/day"}
        return make_settings(database_url, redis_url=redis_url, rate_limit_search="2/day", **few)

    async def test_reads_writes_and_searches_have_separate_limits(self, client: Client) -> None:
        ann = await client.register("ann@example.com")
        for remaining in (2, 1, 0):
            answer = await ann.post(TASKS, {"title": "x"})
            assert answer.status_code == 201, answer.text
            assert read_limit(answer)[:4] == ("writes", 3, DAY_SECONDS, remaining)
        check_limited(await ann.post(TASKS, {"title": "x"}), DAY_SECONDS)
        for remaining in (1, 0):
            found = await ann.get(TASKS, params={"limit": 5, "q": "x"})
            assert read_limit(found)[:4] == ("search", 2, DAY_SECONDS, remaining)
        for costly in ("q=x", "%71=x", "limit=5&%71=x", "rende%72=html", "filter=x"):
            check_limited(await ann.get(f"{TASKS}?{costly}"), DAY_SECONDS)
        for remaining in (3, 2, 1, 0):
            assert read_limit(await ann.get(TASKS))[3] == remaining
        check_limited(await ann.get("/auth/me"), DAY_SECONDS)

    async def test_all_sessions_of_a_user_share_the_limits(self, client: Client) -> None:
        sessions = [
            await client.register("ann@example.com"),
            await client.log_in("ann@example.com"),
        ]
        for remaining, session in zip((3, 2, 1, 0), sessions * 2, strict=True):
            assert read_limit(await session.get(TASKS))[3] == remaining
        for session in sessions:
            check_limited(await session.get(TASKS), DAY_SECONDS)

    async def test_users_and_api_tokens_have_separate_limits(self, client: Client) -> None:
        ann = await client.register("ann@example.com")
        bob = await client.register("bob@example.com")
        made = await bob.post("/api/v1/tokens", {"name": "x", "scopes": ["tasks:read"]})
        for principal in (ann, bob, bob.with_token(made.json()["token"])):
            assert read_limit(await principal.get(TASKS))[3] == 3

    async def test_request_with_insufficient_scope_counts(self, client: Client) -> None:
        await client.register("admin@example.com")
        bob = await client.register("bob@example.com")
        assert read_limit(await bob.get(TASKS))[3] == 3
        refused = await bob.get("/api/v1/invitations")
        check_problem(refused, 403, "insufficient_scope")
        assert read_limit(refused)[3] == 2

    async def test_anonymous_requests_count_by_address(self, client: Client) -> None:
        for number in range(4):
            unknown = client.with_token(f"tsa_{number}")
            check_problem(await unknown.get(TASKS), 401, "unauthenticated")
        check_limited(await client.with_token("tsk_x").get(TASKS), DAY_SECONDS)
        check_limited(await client.get(TASKS), DAY_SECONDS)

    async def test_health_checks_and_pages_are_not_limited(self, client: Client) -> None:
        for path in ("/health", "/health/live", "/docs", "/openapi.json"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert "RateLimit" not in answer.headers

    async def test_count_restarts_with_each_window(self, owner: Client, clock: ManualClock) -> None:
        clock.now = clock.now.replace(hour=0, minute=0, second=0)
        # The access token of a login would expire.
        made = await owner.post("/api/v1/tokens", {"name": "x", "scopes": ["tasks:read"]})
        program = owner.with_token(made.json()["token"])
        for _ in range(2):
            for remaining in (3, 2, 1, 0):
                answer = await program.get(TASKS)
                assert read_limit(answer) == ("reads", 4, DAY_SECONDS, remaining, DAY_SECONDS)
            clock.advance(DAY_SECONDS - 1)
            assert check_limited(await program.get(TASKS), DAY_SECONDS) == 1
            clock.advance(1)

    async def test_concurrent_requests_do_not_exceed_the_limit(self, owner: Client) -> None:
        answers = await asyncio.gather(*[owner.get(TASKS) for _ in range(20)])
        assert sorted(answer.status_code for answer in answers) == [200] * 4 + [429] * 16

    @pytest.mark.parametrize("method", ["POST", "DELETE"])
    async def test_rejected_logins_by_cookie_are_counted(self, client: Client, method: str) -> None:
        body = {"email": "ann@example.com", "password": PASSWORD}
        for _ in range(3):
            answer = await client.request(method, "/auth/session", json=body)
            check_problem(answer, 403, "cross_site_request")
        check_limited(await client.request(method, "/auth/session", json=body), DAY_SECONDS)

    async def test_invalid_workspace_headers_are_counted(self, client: Client) -> None:
        ann = (await client.register("ann@example.com")).in_workspace("unknown")
        for _ in range(4):
            check_problem(await ann.get(TASKS), 422, "validation_failed")
        check_limited(await ann.get(TASKS), DAY_SECONDS)


async def test_default_limits_allow_a_busy_client(database_url: str) -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    for name, least in (("reads", 1200), ("writes", 600), ("search", 300)):
        amount, _, unit = defaults[f"rate_limit_{name}"].partition("/")
        assert int(amount) >= least
        assert unit == "minute"
    limits = {name: value for name, value in defaults.items() if name.startswith("rate_limit_")}
    async with running_app(make_settings(database_url, **limits)) as client:
        owner = await client.register("owner@example.com")
        assert {(await owner.get(TASKS)).status_code for _ in range(150)} == {200}


@pytest.mark.engines("sqlite")
class TestLogin:
    """The default of five failed attempts a minute. The engine does not matter."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, rate_limit_login="5/minute")

    async def fail(self, client: Client, email: str = "ann@example.com") -> httpx2.Response:
        return await client.post("/auth/login", {"email": email, "password": "wrong"})

    async def test_sixth_failure_blocks_even_the_right_password(self, client: Client) -> None:
        await client.register("ann@example.com")
        for remaining in (4, 3, 2, 1, 0):
            answer = await self.fail(client)
            check_problem(answer, 401, "login_failed")
            assert read_limit(answer)[:4] == ("login", 5, 60, remaining)
        assert check_limited(await self.fail(client, "Ann@EXAMPLE.com"), 60) == 60
        right = {"email": "ann@example.com", "password": PASSWORD}
        check_limited(await client.post("/auth/login", right), 60)
        form = {"username": "ann@example.com", "password": PASSWORD}
        answer = await client.request("POST", "/auth/token", data=form)
        check_limited(answer, 60)

    async def test_failures_count_for_each_account_even_if_unknown(self, client: Client) -> None:
        for _ in range(5):
            check_problem(await self.fail(client, "nobody@example.com"), 401, "login_failed")
        check_limited(await self.fail(client, "nobody@example.com"), 60)
        check_problem(await self.fail(client, "bob@example.com"), 401, "login_failed")

    async def test_successful_login_resets_the_count(self, client: Client) -> None:
        await client.register("ann@example.com")
        for _ in range(3):
            for _ in range(4):
                check_problem(await self.fail(client), 401, "login_failed")
            await client.log_in("ann@example.com")

    async def test_successful_logins_are_not_limited(self, database_url: str) -> None:
        few = {"rate_limit_login": "2/day", "rate_limit_login_account": "2/day"}
        async with running_app(make_settings(database_url, **few)) as client:
            await client.register("ann@example.com")
            for _ in range(5):
                await client.log_in("ann@example.com")

    async def test_current_password_attempts_are_limited(self, client: Client) -> None:
        ann = await client.register("ann@example.com")
        wrong = {"current_password": "wrong", "new_password": "another good long secret"}
        for _ in range(4):
            check_problem(await ann.post("/auth/password", wrong), 422, "validation_failed")
        email = {"email": "new@example.com", "current_password": "wrong"}
        check_problem(await ann.patch("/auth/me", email), 422, "validation_failed")
        check_limited(await ann.patch("/auth/me", email), 60)
        check_limited(await ann.post("/auth/password", wrong), 60)
        assert (await ann.patch("/auth/me", {"name": "Ann"})).status_code == 200

    async def test_rejected_new_password_is_no_failed_attempt(self, client: Client) -> None:
        bob = await client.register("bob@example.com")
        weak = {"current_password": PASSWORD, "new_password": "password12"}
        for _ in range(7):
            check_problem(await bob.post("/auth/password", weak), 422, "validation_failed")

    async def test_api_token_uses_no_attempts_of_its_user(self, client: Client) -> None:
        ann = await client.register("ann@example.com")
        made = await ann.post("/api/v1/tokens", {"name": "x", "scopes": ["account:write"]})
        program = ann.with_token(made.json()["token"])
        body = {"current_password": PASSWORD}
        for path in ("/auth/me/export", "/auth/me/delete"):
            for _ in range(6):
                check_problem(await program.post(path, body), 403, "forbidden")
        assert (await ann.post("/auth/me/export", body)).status_code == 200

    async def test_registrations_are_limited_by_address(self, database_url: str) -> None:
        settings = make_settings(database_url, rate_limit_registration="2/day")
        async with running_app(settings) as client:
            for name in ("ann", "bob"):
                await client.register(f"{name}@example.com")
            body = {"email": "eve@example.com", "password": PASSWORD}
            check_limited(await client.post("/auth/register", body), DAY_SECONDS)

    async def test_failed_logins_are_limited_by_address(self, database_url: str) -> None:
        settings = make_settings(database_url, rate_limit_login_address="3/day")
        async with running_app(settings) as client:
            for name in ("ann", "bob", "eve"):
                check_problem(await self.fail(client, f"{name}@example.com"), 401, "login_failed")
            check_limited(await self.fail(client, "dan@example.com"), DAY_SECONDS)

    async def test_one_address_cannot_exhaust_the_limit_of_an_account(
        self, database_url: str
    ) -> None:
        few = {"rate_limit_login": "2/minute", "rate_limit_login_account": "4/day"}
        async with running_app(
            make_settings(database_url, trusted_proxies="192.0.2.0/24", **few)
        ) as client:
            await client.register("ann@example.com")
            client.headers = {"X-Forwarded-For": "203.0.113.1"}
            answers = [await self.fail(client) for _ in range(9)]
            assert [answer.status_code for answer in answers] == [401] * 2 + [429] * 7
            assert {read_limit(answer)[0] for answer in answers} == {"login"}
            client.headers = {"X-Forwarded-For": "203.0.113.2"}
            await client.log_in("ann@example.com")

    async def test_known_address_can_log_in_during_an_attack(self, database_url: str) -> None:
        few = {"rate_limit_login": "5/minute", "rate_limit_login_account": "4/day"}
        async with running_app(
            make_settings(database_url, trusted_proxies="192.0.2.0/24", **few)
        ) as client:
            await client.register("ann@example.com")
            home = {"X-Forwarded-For": "198.51.100.7"}
            client.headers = home
            await client.log_in("ann@example.com")
            for number in range(4):
                client.headers = {"X-Forwarded-For": f"203.0.113.{number}"}
                check_problem(await self.fail(client), 401, "login_failed")
            right = {"email": "ann@example.com", "password": PASSWORD}
            check_limited(await client.post("/auth/login", right), DAY_SECONDS)
            client.headers = home
            await client.log_in("Ann@example.com")
            # This gives attackers no access: other addresses stay blocked, and failures count here,
            # too.
            client.headers = {"X-Forwarded-For": "203.0.113.9"}
            for _ in range(5):
                check_limited(await self.fail(client), DAY_SECONDS)
            check_limited(await self.fail(client), 60)
            client.headers = home
            for _ in range(5):
                check_problem(await self.fail(client), 401, "login_failed")
            check_limited(await self.fail(client), 60)

    async def test_account_limit_applies_to_all_addresses_together(self, database_url: str) -> None:
        settings = make_settings(
            database_url, rate_limit_login_account="4/day", trusted_proxies="192.0.2.0/24"
        )
        async with running_app(settings) as client:
            for number in range(4):
                client.headers = {"X-Forwarded-For": f"203.0.113.{number}"}
                check_problem(await self.fail(client), 401, "login_failed")
            client.headers = {"X-Forwarded-For": "203.0.113.9"}
            check_limited(await self.fail(client), DAY_SECONDS)
            check_problem(await self.fail(client, "bob@example.com"), 401, "login_failed")


@pytest.mark.engines("sqlite")
async def test_waits_grow_to_an_hour(database_url: str, valkey: ValkeyServer) -> None:
    """Deleting the waits from Redis, as their expiry would, simulates the passage of time."""
    settings = make_settings(
        database_url, rate_limit_login="1/minute", redis_url=valkey.patient_url
    )
    waits = []
    async with running_app(settings) as client:
        wrong = {"email": "ann@example.com", "password": "wrong"}
        for _ in range(8):
            assert (await client.post("/auth/login", wrong)).status_code == 401
            waits.append(check_limited(await client.post("/auth/login", wrong), 3600))
            valkey.send("EVAL", DELETE_WAITS, "0")
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]


# Deletes all keys except the counters of violations.
DELETE_WAITS = """
for _, key in ipairs(redis.call('KEYS', '*')) do
  if not string.find(key, ':strikes:') then redis.call('DEL', key) end
end
"""


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    ("trusted", "address", "forwarded", "is_used"),
    [
        ("", "127.0.0.1", "203.0.113.{}", False),
        ("10.0.0.0/8", "192.0.2.1", "203.0.113.{}", False),
        ("10.0.0.0/8, 192.0.2.1", "192.0.2.1", "203.0.113.{}", True),
        # The client can forge the left part of the header. The trusted proxy appends to the right.
        ("10.0.0.0/8", "10.1.2.3", "203.0.113.{}, 198.51.100.7", False),
        ("10.0.0.0/8", "10.1.2.3", "198.51.100.7, 203.0.113.{}, 10.9.9.9", True),
        # All addresses of one IPv6 network count as one client.
        ("10.0.0.0/8", "10.1.2.3", "2001:db8:0:1::{}", False),
        ("10.0.0.0/8", "10.1.2.3", "2001:db8:0:{}::1", True),
    ],
)
async def test_forwarded_address_is_used_only_from_trusted_proxies(
    database_url: str, trusted: str, address: str, forwarded: str, *, is_used: bool
) -> None:
    settings = make_settings(database_url, trusted_proxies=trusted, rate_limit_reads="1/day")
    async with running_app(settings, address) as client:
        statuses = [
            (await client.get(TASKS, headers={"X-Forwarded-For": forwarded.format(n)})).status_code
            for n in (1, 2, 3)
        ]
    assert statuses == ([401, 401, 401] if is_used else [401, 429, 429])


@pytest.mark.engines("sqlite")
async def test_limits_are_shared_while_redis_is_available(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def list_tasks(*clients: Client) -> list[int]:
        return [(await client.get(TASKS)).status_code for client in clients]

    caplog.set_level("INFO")
    with running_valkey() as valkey:
        settings = make_settings(
            database_url, redis_url=valkey.patient_url, rate_limit_reads="3/day"
        )
        async with running_app(settings) as here, running_app(settings) as there:
            mine = await here.register("ann@example.com")
            theirs = Client(there.http, mine.headers)
            assert await list_tasks(mine, theirs, mine, theirs, mine) == [200] * 3 + [429] * 2
            assert (await here.get("/health")).json()["redis"] == "ok"
            valkey.stop()
            assert await list_tasks(mine, mine, mine, mine) == [200] * 3 + [429]
            assert await list_tasks(theirs, theirs, theirs, theirs) == [200] * 3 + [429]
            health = await here.get("/health")
            assert health.status_code == 200
            assert health.json()["redis"] == "unavailable"
            valkey.start()
            assert (await here.get("/health")).json()["redis"] == "ok"
            assert await list_tasks(mine, mine) == [200, 200]
    messages = [record.getMessage() for record in caplog.records if "Redis" in record.getMessage()]
    assert ["Redis is unavailable" in messages[0], "available again" in messages[-1]] == [
        True,
        True,
    ]


async def test_limits_work_after_redis_was_flushed(valkey: ValkeyServer) -> None:
    counters = RedisCounters(valkey.patient_url)
    assert [await counters.increment("a", 3600) for _ in range(3)] == [1, 2, 3]
    valkey.send("FLUSHALL")
    valkey.send("SCRIPT", "FLUSH")
    assert [await counters.increment("a", 3600) for _ in range(3)] == [1, 2, 3]
    assert 3500 <= await counters.get_ttl("a") <= 3600
    assert await counters.is_available()
    await counters.reset("a")
    assert await counters.get_ttl("a") == 0
    await counters.close()


async def test_concurrent_health_checks_ask_a_silent_redis_once() -> None:
    connections: list[asyncio.StreamWriter] = []

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    counters = RedisCounters(f"redis://127.0.0.1:{port}/0")
    assert set(await asyncio.gather(*(counters.is_available() for _ in range(50)))) == {False}
    assert 0 < len(connections) <= 2, "one retry after the missing answer"
    assert await counters.increment("a", 60) == 1
    await counters.close()
    server.close()
