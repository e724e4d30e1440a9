"""Security headers, CORS, trusted hosts and limits of URLs and headers."""

import base64
import hashlib
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from taskstead import __version__
from taskstead.config.settings import Settings
from taskstead.http.middleware.request_limits import MAX_HEADER_BYTES, MAX_HEADERS, MAX_TARGET_BYTES
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.integration.http.middleware.test_rate_limits import running_app

TASKS = "/api/v1/tasks"
PAGES = ("/docs", "/docs/oauth2-redirect", "/docs/errors", "/redoc")


def read_policy(answer: httpx2.Response) -> dict[str, set[str]]:
    """Return the Content-Security-Policy as sources by directive."""
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return {name: set(rest.split()) for name, _, rest in (d.partition(" ") for d in directives)}


class Page(HTMLParser):
    """The scripts, styles and URLs of an HTML page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.handlers += [name for name in given if name.startswith("on")]
        # The value of this attribute is an id, not a URL.
        self.sources += [v for name, v in attrs if name in ("src", "href") and v]
        self._in_script = tag == "script" and "src" not in given

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"


async def test_every_response_has_security_headers(app: FastAPI, client: Client) -> None:
    async def fail() -> None:
        raise RuntimeError("a fault")

    app.add_api_route("/test/fail", fail)
    for method, path, status in (
        ("GET", "/health", 200),
        ("GET", TASKS, 401),
        ("GET", "/nowhere", 404),
        ("DELETE", "/docs", 405),
        ("POST", "/auth/login", 422),
        ("GET", "/items", 401),
        ("GET", "/test/fail", 500),
        ("GET", "/docs/assets/favicon.png", 200),
        *(("GET", path, 200) for path in PAGES),
    ):
        answer = await client.request(method, path)
        assert answer.status_code == status, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "geolocation=()" in answer.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in answer.headers
        policy = read_policy(answer)
        assert policy["default-src"] == {"'self'"}
        assert policy["frame-ancestors"] == policy["object-src"] == {"'none'"}
        assert "'unsafe-inline'" not in policy.get("script-src", set())
        assert len(answer.headers.get_list("Content-Security-Policy")) == 1


async def test_production_sets_strict_transport_security(database_url: str) -> None:
    settings = make_settings(database_url, environment="production", trusted_proxies="192.0.2.0/24")
    by_proxy = {"X-Forwarded-Proto": "https"}
    name = "Strict-Transport-Security"
    async with running_app(settings) as client:
        answer = await client.get("/health/live", headers=by_proxy)
        assert answer.headers[name] == "max-age=31536000"
        answer = await client.get("https://testserver/health/live")
        assert answer.headers[name] == "max-age=31536000"
        assert name not in (await client.get("/health/live")).headers
    async with running_app(settings, "198.51.100.1") as client:
        assert name not in (await client.get("/health/live", headers=by_proxy)).headers


async def test_pages_may_run_only_their_own_scripts(client: Client) -> None:
    for path in PAGES:
        answer = await client.get(path)
        page = Page(answer.text)
        allowed = read_policy(answer)["script-src"] - {"'self'"}
        wanted = {
            f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
            for script in page.scripts
        }
        assert allowed == wanted
        assert page.handlers == []
        assert all(source.startswith(("/", "#")) for source in page.sources), page.sources
    assert Page((await client.get("/docs")).text).scripts


async def test_cors_allows_only_configured_origins(database_url: str) -> None:
    origin = {"Origin": "https://app.example.org"}
    preflight = {
        **origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match, taskstead-workspace",
    }
    for origins, allowed in (
        ("", None),
        ("https://other.example.org", None),
        ("https://app.example.org, https://other.example.org", origin["Origin"]),
        ("*", "*"),
    ):
        async with running_app(make_settings(database_url, cors_origins=origins)) as client:
            for answer in (
                await client.get("/health/live", headers=origin),
                await client.get(TASKS, headers=origin),
                await client.get(f"{TASKS}?q={'x' * MAX_TARGET_BYTES}", headers=origin),
                await client.get("/health/live", headers={**origin, "X-Large": "x" * 40_000}),
                await client.request("OPTIONS", f"{TASKS}/1", headers=preflight),
            ):
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed, origins
                # Requests carry no cookies, so these headers are exposed: ETag, Link, RateLimit,
                # Retry-After.
                exposed = None if answer.request.method == "OPTIONS" or not origins else "*"
                assert answer.headers.get("Access-Control-Expose-Headers") == exposed
                assert "Access-Control-Allow-Credentials" not in answer.headers
            if allowed:
                assert answer.status_code == 200
                named = answer.headers["Access-Control-Allow-Headers"]
                assert "if-match" in named.lower()


@pytest.mark.engines("sqlite")
class TestHosts:
    """The server has a list of trusted hosts."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(
            database_url, allowed_hosts="Tasks.example.org, *.home.example, 192.0.2.1, ::1"
        )

    async def test_requests_for_unknown_hosts_are_rejected(self, client: Client) -> None:
        for host, is_trusted in (
            ("tasks.example.org", True),
            ("TASKS.example.org:8000", True),
            ("nas.home.example:80", True),
            ("192.0.2.1:8000", True),
            ("[::1]:8000", True),
            ("home.example", False),
            ("evil.example", False),
            ("tasks.example.org.evil.example", False),
            ("eviltasks.example.org", False),
            ("192.0.2.10", False),
            ("[::2]", False),
            ("", False),
        ):
            answer = await client.get("/health/live", headers={"Host": host})
            if is_trusted:
                assert answer.status_code == 200, host
            else:
                check_problem(answer, 421, "unknown_host")

    async def test_request_with_two_hosts_is_rejected(self, client: Client) -> None:
        twice: Any = [(b"Host", b"192.0.2.1"), (b"Host", b"evil.example")]
        check_problem(await client.http.get("/health", headers=twice), 421, "unknown_host")


async def test_oversized_url_is_rejected(owner: Client) -> None:
    long = await owner.get(f"{TASKS}?q={'x' * MAX_TARGET_BYTES}")
    check_problem(long, 414, "uri_too_long")
    assert long.headers["X-Request-ID"]
    check_problem(await owner.get(f"/{'x' * MAX_TARGET_BYTES}"), 414, "uri_too_long")


async def test_oversized_headers_are_rejected(owner: Client) -> None:
    many = {f"X-{number}": "x" for number in range(MAX_HEADERS)}
    check_problem(await owner.get(TASKS, headers=many), 431, "headers_too_large")
    large = {"X-Large": "x" * MAX_HEADER_BYTES}
    check_problem(await owner.get(TASKS, headers=large), 431, "headers_too_large")
    fits = {"X-Large": "x" * (MAX_HEADER_BYTES - 2000)}
    assert (await owner.get(f"{TASKS}?title={'x' * 200}", headers=fits)).status_code in (200, 422)


async def test_private_responses_are_not_cached_without_validation(
    client: Client, owner: Client
) -> None:
    await owner.create_task()
    revalidated = (TASKS, f"{TASKS}/1", "/api/v1/categories", "/api/v1/tasks/stats")
    unstored = (
        *("/auth/me", "/api/v1/tokens", "/api/v1/changes", "/api/v1/jobs", "/todos/", "/items"),
        f"{TASKS}/2",
    )
    for path in revalidated:
        assert (await owner.get(path)).headers["cache-control"] == "private, no-cache", path
    for path in unstored:
        assert (await owner.get(path)).headers["cache-control"] == "no-store", path
    assert (await client.get(TASKS)).headers["cache-control"] == "no-store"


async def test_openapi_document_is_revalidated(client: Client) -> None:
    """It is public, but it changes with the next version."""
    assert (await client.get("/openapi.json")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/api/v1/tasks", "/auth/me", "/health", "/unknown"])
async def test_each_response_states_the_version(client: Client, path: str) -> None:
    assert (await client.get(path)).headers["Taskstead-Version"] == __version__
