"""Cookie sessions of the web app: cookie, lifetime, logout, and requests from other sites."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http.cookies import Morsel, SimpleCookie

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.tables.tokens import sessions
from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem
from tests.harness.untyped import untyped

pytestmark = pytest.mark.engines("sqlite", "postgresql")

EMAIL = "ann@example.com"
LOGIN = {"email": EMAIL, "password": PASSWORD}
APP = {"Taskstead-Client": "web"}
APP_BYTES = (b"Taskstead-Client", b"web")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def browser(client: Client) -> Client:
    """A client with an account that logs in by cookie; requests have the header of the app."""
    await client.register(EMAIL)
    return Client(client.http, APP)


async def log_in(browser: Client, **options: object) -> httpx2.Response:
    answer = await browser.post("/auth/session", LOGIN, **options)
    assert answer.status_code == 200, answer.text
    return answer


def get_cookie(answer: httpx2.Response) -> Morsel[str]:
    """Return the only cookie that a response sets."""
    (header,) = answer.headers.get_list("set-cookie")
    (cookie,) = SimpleCookie(header).values()
    return cookie


async def get_status(browser: Client, path: str = "/auth/me", **options: object) -> int:
    return (await browser.get(path, **options)).status_code


async def test_login_sets_a_cookie_and_returns_the_account(browser: Client) -> None:
    answer = await log_in(browser)
    cookie = get_cookie(answer)
    assert (cookie.key, cookie["secure"], cookie["max-age"]) == ("taskstead", "", "15552000")
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert cookie["domain"] == ""
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["email"] == EMAIL
    assert (await browser.get("/auth/me")).json() == answer.json()
    assert await get_status(browser, "/api/v1/tasks") == 200


NEW_ACCOUNT = {"email": "new@example.com", "password": PASSWORD, "session": "cookie"}


async def test_registration_by_cookie_starts_only_a_cookie_session(browser: Client) -> None:
    answer = await browser.post("/auth/register", NEW_ACCOUNT)
    assert answer.status_code == 201, answer.text
    assert get_cookie(answer)["httponly"] is True
    assert (await browser.get("/auth/me")).json() == answer.json()
    (session,) = (await browser.get("/auth/sessions")).json()["items"]
    assert (session["kind"], session["current"]) == ("cookie", True)


async def test_registration_by_cookie_ends_the_previous_session(browser: Client) -> None:
    previous = get_cookie(await log_in(browser)).value
    await browser.post("/auth/register", NEW_ACCOUNT)
    browser.http.cookies.clear()
    assert await get_status(browser, headers={"Cookie": f"taskstead={previous}"}) == 401


async def test_registration_by_cookie_from_another_site_is_rejected(browser: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = await browser.post("/auth/register", NEW_ACCOUNT, headers=headers)
    check_problem(answer, 403, "cross_site_request")
    assert "set-cookie" not in answer.headers


async def test_cookie_over_https_is_secure_and_bound_to_the_host(app: FastAPI) -> None:
    async with make_http(app, "https://tasks.example.org") as http:
        await Client(http).register(EMAIL)
        browser = Client(http, APP)
        cookie = get_cookie(await log_in(browser))
        assert (cookie.key, cookie["secure"]) == ("__Host-taskstead", True)
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert await get_status(browser) == 200


def make_http(app: FastAPI, url: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=url)


@pytest.mark.parametrize(
    "proto", ["https", "HTTPS", "wss", "https, http", " https ,http", "https,https"]
)
@pytest.mark.usefixtures("browser")
async def test_cookie_behind_a_trusted_proxy_with_tls_is_secure(
    settings: Settings, proto: str
) -> None:
    app = create_app(settings.model_copy(update={"trusted_proxies": "127.0.0.1"}))
    async with app.router.lifespan_context(app), make_http(app, "http://testserver") as http:
        answer = await log_in(Client(http, {**APP, "X-Forwarded-Proto": proto}))
        cookie = get_cookie(answer)
        assert (cookie.key, cookie["secure"]) == ("__Host-taskstead", True)


@pytest.mark.parametrize("proto", ["http", "http, https", "ftp", ""])
@pytest.mark.usefixtures("browser")
async def test_cookie_behind_a_trusted_proxy_without_tls_is_plain(
    settings: Settings, proto: str
) -> None:
    app = create_app(settings.model_copy(update={"trusted_proxies": "127.0.0.1"}))
    async with app.router.lifespan_context(app), make_http(app, "http://testserver") as http:
        cookie = get_cookie(await log_in(Client(http, {**APP, "X-Forwarded-Proto": proto})))
        assert (cookie.key, cookie["secure"]) == ("taskstead", "")


async def test_cookie_behind_an_unknown_proxy_with_tls_is_secure(browser: Client) -> None:
    headers = {"Origin": "https://TESTSERVER"}
    cookie = get_cookie(await log_in(browser, headers=headers))
    assert (cookie.key, cookie["secure"]) == ("__Host-taskstead", True)
    cookies = {"Cookie": f"__Host-taskstead={cookie.value}"}
    assert await get_status(browser, headers=cookies) == 200
    deleted = get_cookie(await browser.delete("/auth/session", headers={**headers, **cookies}))
    assert (deleted.key, deleted["max-age"]) == ("__Host-taskstead", "0")
    assert await get_status(browser, headers=cookies) == 401


async def test_cookie_of_plain_http_is_ignored_over_https(app: FastAPI, browser: Client) -> None:
    value = get_cookie(await log_in(browser)).value
    async with make_http(app, "https://tasks.example.org") as http:
        headers = {**APP, "Cookie": f"taskstead={value}"}
        check_problem(await Client(http, headers).get("/auth/me"), 401, "unauthenticated")


@pytest.mark.parametrize(
    "name", [b"\xa0__Host-taskstead", b"\x85__Host-taskstead", b"__Host-taskstead\xa0"]
)
async def test_cookie_name_with_other_white_space_is_ignored(app: FastAPI, name: bytes) -> None:
    async with make_http(app, "https://tasks.example.org") as http:
        await Client(http).register(EMAIL)
        value = get_cookie(await log_in(Client(http, APP))).value.encode()
        http.cookies.clear()
        answer = await http.get("/auth/me", headers=[APP_BYTES, (b"Cookie", name + b"=" + value)])
        check_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("other", ["taskstead=other; ", "taskstead=; ", "taskstead; "])
async def test_cookie_that_is_sent_twice_is_ignored(browser: Client, other: str) -> None:
    value = get_cookie(await log_in(browser)).value
    browser.http.cookies.clear()
    headers = {"Cookie": f"{other}taskstead={value}"}
    check_problem(await browser.get("/auth/me", headers=headers), 401, "unauthenticated")


@pytest.mark.parametrize("form", ["a=1;taskstead={}", "a=1; taskstead = {} ; b", "taskstead={};"])
async def test_cookie_is_found_among_others(browser: Client, form: str) -> None:
    value = get_cookie(await log_in(browser)).value
    browser.http.cookies.clear()
    assert await get_status(browser, headers={"Cookie": form.format(value)}) == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_login_and_logout_over_https_end_the_session_of_http(
    app: FastAPI, browser: Client, method: str
) -> None:
    value = get_cookie(await log_in(browser)).value
    async with make_http(app, "https://tasks.example.org") as http:
        headers = {**APP, "Cookie": f"taskstead={value}"}
        answer = await Client(http, headers).request(method, "/auth/session", json=LOGIN)
        deleted, _ = answer.headers.get_list("set-cookie")
        assert deleted.startswith('taskstead=""; HttpOnly; Max-Age=0; Path=/')
    assert await get_status(browser) == 401


async def test_login_by_cookie_rejects_a_wrong_password(browser: Client) -> None:
    answer = await browser.post("/auth/session", {**LOGIN, "password": "wrong"})
    check_problem(answer, 401, "login_failed")
    assert "set-cookie" not in answer.headers


async def test_login_by_cookie_is_in_the_audit_log(browser: Client) -> None:
    await log_in(browser)
    events = (await browser.get("/api/v1/admin/audit")).json()["items"]
    assert [event["kind"] for event in events] == ["login.succeeded", "account.registered"]


async def test_second_login_in_a_browser_ends_the_first_session(browser: Client) -> None:
    first = get_cookie(await log_in(browser)).value
    await log_in(browser)
    browser.http.cookies.clear()
    answer = await browser.get("/auth/me", headers={"Cookie": f"taskstead={first}"})
    check_problem(answer, 401, "unauthenticated")


async def test_replaced_session_is_in_the_audit_log(browser: Client) -> None:
    await log_in(browser)
    await log_in(browser)
    events = (await browser.get("/api/v1/admin/audit?kind=session.ended")).json()["items"]
    assert [event["user_email"] for event in events] == [EMAIL]


async def test_logout_ends_the_session_and_deletes_the_cookie(browser: Client) -> None:
    value = get_cookie(await log_in(browser)).value
    answer = await browser.delete("/auth/session")
    assert answer.status_code == 204
    cookie = get_cookie(answer)
    assert (cookie.key, cookie.value, cookie["max-age"]) == ("taskstead", "", "0")
    again = await browser.get("/auth/me", headers={"Cookie": f"taskstead={value}"})
    check_problem(again, 401, "unauthenticated")


async def end_by_logout(browser: Client) -> httpx2.Response:
    return await browser.post("/auth/logout")


async def end_by_id(browser: Client) -> httpx2.Response:
    listed = (await browser.get("/auth/sessions")).json()["items"]
    (current,) = [session["id"] for session in listed if session["current"]]
    return await browser.delete(f"/auth/sessions/{current}")


async def end_by_deletion(browser: Client) -> httpx2.Response:
    return await browser.post("/auth/me/delete", {"current_password": PASSWORD})


ENDS = [end_by_logout, end_by_id, end_by_deletion]
End = Callable[[Client], Awaitable[httpx2.Response]]


async def make_bob(browser: Client) -> Client:
    """Return a client with a token of a user who is not the only administrator."""
    return await Client(browser.http, APP).register("bob@example.com")


@pytest.mark.parametrize("end", ENDS)
async def test_end_of_the_session_deletes_the_cookie(browser: Client, end: End) -> None:
    await make_bob(browser)
    await browser.post("/auth/session", {**LOGIN, "email": "bob@example.com"})
    answer = await end(browser)
    assert answer.status_code == 204
    cookie = get_cookie(answer)
    assert (cookie.key, cookie.value, cookie["max-age"]) == ("taskstead", "", "0")


@pytest.mark.parametrize("end", ENDS)
async def test_end_of_a_token_session_keeps_the_cookie(browser: Client, end: End) -> None:
    bob = await make_bob(browser)
    await log_in(browser)
    answer = await end(bob)
    assert answer.status_code == 204
    assert "set-cookie" not in answer.headers


async def test_end_of_another_session_keeps_the_cookie(browser: Client) -> None:
    await log_in(browser)
    listed = (await browser.get("/auth/sessions")).json()["items"]
    (other,) = [session["id"] for session in listed if not session["current"]]
    answer = await browser.delete(f"/auth/sessions/{other}")
    assert answer.status_code == 204
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("cookie", [None, "taskstead=tsc_unknown"])
async def test_logout_without_a_session_deletes_the_cookie(
    browser: Client, cookie: str | None
) -> None:
    headers = {"Cookie": cookie} if cookie else {}
    answer = await browser.delete("/auth/session", headers=headers)
    assert answer.status_code == 204
    assert get_cookie(answer)["max-age"] == "0"


async def test_logout_by_cookie_is_in_the_audit_log(browser: Client) -> None:
    await log_in(browser)
    await browser.delete("/auth/session")
    admin = await browser.log_in(EMAIL)
    events = (await admin.get("/api/v1/admin/audit?kind=session.ended")).json()["items"]
    assert [event["user_email"] for event in events] == [EMAIL]


async def test_bearer_token_wins_over_the_cookie(browser: Client) -> None:
    await log_in(browser)
    bob = await Client(browser.http).register("bob@example.com")
    assert (await bob.get("/auth/me")).json()["email"] == "bob@example.com"
    check_problem(await browser.with_token("tsa_unknown").get("/auth/me"), 401, "unauthenticated")


async def test_cookie_works_behind_a_proxy_with_a_password(browser: Client) -> None:
    headers = {"Authorization": "Basic YW5uOnNlY3JldA=="}
    check_problem(await browser.get("/auth/me", headers=headers), 401, "unauthenticated")
    await log_in(browser)
    assert await get_status(browser, headers=headers) == 200


async def test_cookie_is_not_a_bearer_token(browser: Client) -> None:
    value = get_cookie(await log_in(browser)).value
    check_problem(await browser.with_token(value).get("/auth/me"), 401, "unauthenticated")


async def test_bearer_token_is_not_a_cookie(browser: Client) -> None:
    session = await browser.log_in(EMAIL)
    token = session.headers["Authorization"].removeprefix("Bearer ")
    answer = await browser.get("/auth/me", headers={"Cookie": f"taskstead={token}"})
    check_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("headers", [{}, {"Taskstead-Client": " "}])
async def test_request_without_the_client_header_is_rejected(
    browser: Client, method: str, headers: dict[str, str]
) -> None:
    await log_in(browser)
    page = Client(browser.http, headers)
    check_problem(await page.request(method, "/api/v1/tasks"), 403, "cross_site_request")


FOREIGN = [
    {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://other.example"},
    {"Origin": "http://testserver:8080"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_request_from_another_site_is_rejected(
    browser: Client, headers: dict[str, str]
) -> None:
    await log_in(browser)
    answer = await browser.get("/auth/me", headers=headers)
    check_problem(answer, 403, "cross_site_request")


@pytest.mark.parametrize("headers", [*FOREIGN, {"Taskstead-Client": ""}])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_login_and_logout_from_another_site_are_rejected(
    browser: Client, headers: dict[str, str], method: str
) -> None:
    answer = await browser.request(method, "/auth/session", json=LOGIN, headers=headers)
    check_problem(answer, 403, "cross_site_request")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {}]
)
async def test_request_from_a_page_of_the_server_is_accepted(
    browser: Client, headers: dict[str, str]
) -> None:
    await log_in(browser)
    assert await get_status(browser, headers=headers) == 200


async def test_origin_over_http_is_foreign_to_https(app: FastAPI) -> None:
    async with make_http(app, "https://tasks.example.org") as http:
        headers = {**APP, "Origin": "http://tasks.example.org"}
        answer = await Client(http, headers).post("/auth/session", LOGIN)
        check_problem(answer, 403, "cross_site_request")


async def test_cors_origins_cannot_use_the_cookie(settings: Settings, browser: Client) -> None:
    value = get_cookie(await log_in(browser)).value
    origin = "https://other.example"
    app = create_app(settings.model_copy(update={"cors_origins": origin}))
    async with app.router.lifespan_context(app), make_http(app, "http://testserver") as http:
        page = Client(http, {**APP, "Origin": origin, "Cookie": f"taskstead={value}"})
        answer = await page.get("/auth/me")
        check_problem(answer, 403, "cross_site_request")
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_new_password_ends_other_cookie_sessions_only(browser: Client) -> None:
    other = get_cookie(await log_in(browser)).value
    browser.http.cookies.clear()
    await log_in(browser)
    new = {"current_password": PASSWORD, "new_password": "quite another secret"}
    assert (await browser.post("/auth/password", new)).status_code == 204
    assert await get_status(browser) == 200
    browser.http.cookies.clear()
    assert await get_status(browser, headers={"Cookie": f"taskstead={other}"}) == 401


async def test_new_password_replaces_the_cookie(browser: Client) -> None:
    old = get_cookie(await log_in(browser)).value
    new = {"current_password": PASSWORD, "new_password": "quite another secret"}
    cookie = get_cookie(await browser.post("/auth/password", new))
    assert (cookie.key, cookie["httponly"], cookie["max-age"]) == ("taskstead", True, "15552000")
    assert await get_status(browser) == 200
    browser.http.cookies.clear()
    assert await get_status(browser, headers={"Cookie": f"taskstead={old}"}) == 401


async def test_new_password_by_token_sets_no_cookie(browser: Client) -> None:
    session = await browser.log_in(EMAIL)
    new = {"current_password": PASSWORD, "new_password": "quite another secret"}
    answer = await session.post("/auth/password", new)
    assert answer.status_code == 204
    assert "set-cookie" not in answer.headers


async def test_cookie_of_a_disabled_account_is_rejected(browser: Client) -> None:
    bob = await Client(browser.http).register("bob@example.com")
    admin = await browser.log_in(EMAIL)
    login = {"email": "bob@example.com", "password": PASSWORD}
    assert (await browser.post("/auth/session", login)).status_code == 200
    user = (await bob.get("/auth/me")).json()["id"]
    await admin.patch(f"/api/v1/admin/users/{user}", {"disabled": True})
    check_problem(await browser.get("/auth/me"), 401, "unauthenticated")
    check_problem(await browser.post("/auth/session", login), 403, "forbidden")


async def get_session(database: Database) -> tuple[datetime, datetime, datetime]:
    """Return start, last use and end of the only session with a cookie."""
    statement = select(sessions).where(sessions.c.cookie_hash.is_not(None))
    (row,) = await database.fetch_all(untyped(statement), {})
    return row["created_at"], row["last_used_at"], row["expires_at"]


@pytest.mark.parametrize(("minutes", "used_after"), [(4, 0), (5, 5)])
async def test_use_of_the_cookie_extends_the_session(
    browser: Client, database: Database, clock: ManualClock, minutes: int, used_after: int
) -> None:
    await log_in(browser)
    clock.advance(minutes * 60)
    assert await get_status(browser) == 200
    start, last_use, end = await get_session(database)
    assert last_use - start == timedelta(minutes=used_after)
    assert end - start == timedelta(days=30, minutes=used_after)


async def test_unused_cookie_session_ends_after_30_days(
    browser: Client, clock: ManualClock
) -> None:
    await log_in(browser)
    clock.advance(30 * 86400)
    check_problem(await browser.get("/auth/me"), 401, "token_expired")


async def test_used_cookie_session_ends_after_180_days(browser: Client, clock: ManualClock) -> None:
    await log_in(browser)
    statuses = []
    for _ in range(9):
        clock.advance(20 * 86400)
        statuses.append(await get_status(browser))
    assert statuses == [200] * 8 + [401]


async def test_refreshed_session_ends_after_180_days(client: Client, clock: ManualClock) -> None:
    session = await client.register(EMAIL)
    statuses = []
    token = session.refresh_token
    for _ in range(9):
        clock.advance(20 * 86400)
        answer = await client.post("/auth/refresh", {"refresh_token": token})
        statuses.append(answer.status_code)
        token = answer.json().get("refresh_token", token)
    assert statuses == [200] * 8 + [401]
