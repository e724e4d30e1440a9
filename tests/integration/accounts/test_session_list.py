"""The list of sessions, and the end of single sessions or of all others."""

from typing import Any

import pytest

from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem

pytestmark = pytest.mark.engines("sqlite", "postgresql")

EMAIL = "ann@example.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def ann(client: Client) -> Client:
    return await client.register(EMAIL)


async def list_sessions(client: Client) -> list[dict[str, Any]]:
    answer = await client.get("/auth/sessions")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_list_shows_each_login_with_its_client(client: Client, ann: Client) -> None:
    browser = Client(client.http, {"Taskstead-Client": "web", "User-Agent": FIREFOX})
    await browser.post("/auth/session", {"email": EMAIL, "password": PASSWORD})
    first, second = await list_sessions(ann)
    assert (first["kind"], first["current"], first["method"]) == ("token", True, "password")
    assert (second["kind"], second["current"]) == ("cookie", False)
    assert (second["client"], second["address"]) == ("Firefox 128 on Linux", "127.0.0.1")
    assert second["last_used_at"] == second["created_at"] == "2026-06-15T12:30:30Z"
    assert second["expires_at"] == "2026-07-15T12:30:30Z"
    assert [each["current"] for each in await list_sessions(browser)] == [False, True]


@pytest.mark.parametrize(("seconds", "last_use"), [(299, "12:30:30"), (300, "12:35:30")])
async def test_last_use_is_recorded_every_five_minutes(
    ann: Client, clock: ManualClock, seconds: int, last_use: str
) -> None:
    clock.advance(seconds)
    await ann.get("/auth/me")
    (session,) = await list_sessions(ann)
    assert session["last_used_at"] == f"2026-06-15T{last_use}Z"


async def test_list_has_pages(client: Client, ann: Client) -> None:
    await client.log_in(EMAIL)
    page = (await ann.get("/auth/sessions?limit=1")).json()
    rest = (await ann.get(f"/auth/sessions?limit=1&cursor={page['next_cursor']}")).json()
    assert page["items"] + rest["items"] == await list_sessions(ann)
    assert rest["next_cursor"] is None


async def test_expired_sessions_are_not_listed(
    client: Client, ann: Client, clock: ManualClock
) -> None:
    clock.advance(29 * 86400)
    new = await client.log_in(EMAIL)
    clock.advance(86400 - 60)
    assert len(await list_sessions(await client.log_in(EMAIL))) == 3
    clock.advance(61)
    assert new.refresh_token
    answer = await client.post("/auth/refresh", {"refresh_token": new.refresh_token})
    renewed = ann.with_token(answer.json()["access_token"])
    assert len(await list_sessions(renewed)) == 2


async def test_users_see_only_their_own_sessions(client: Client, ann: Client) -> None:
    bob = await client.register("bob@example.com")
    (session,) = await list_sessions(bob)
    assert session["id"] not in [each["id"] for each in await list_sessions(ann)]
    check_problem(await ann.delete(f"/auth/sessions/{session['id']}"), 404, "not_found")
    assert (await bob.get("/auth/me")).status_code == 200


async def test_ended_session_is_rejected(client: Client, ann: Client) -> None:
    other = await client.log_in(EMAIL)
    session = (await list_sessions(ann))[1]
    assert (await ann.delete(f"/auth/sessions/{session['id']}")).status_code == 204
    check_problem(await other.get("/auth/me"), 401, "unauthenticated")
    refresh = await client.post("/auth/refresh", {"refresh_token": other.refresh_token})
    check_problem(refresh, 401, "unauthenticated")
    assert len(await list_sessions(ann)) == 1


async def test_end_of_other_sessions_keeps_the_current_one(client: Client, ann: Client) -> None:
    other = await client.log_in(EMAIL)
    token = (await ann.post("/api/v1/tokens", {"name": "x", "scopes": ["account:read"]})).json()
    assert (await ann.post("/auth/sessions/end-others")).status_code == 204
    check_problem(await other.get("/auth/me"), 401, "unauthenticated")
    assert (await ann.get("/auth/me")).status_code == 200
    assert (await ann.with_token(token["token"]).get("/auth/me")).status_code == 200


async def test_ends_of_sessions_are_in_the_audit_log(client: Client, ann: Client) -> None:
    await client.log_in(EMAIL)
    session = (await list_sessions(ann))[1]["id"]
    await ann.delete(f"/auth/sessions/{session}")
    await ann.post("/auth/sessions/end-others")
    others, one = (await ann.get("/api/v1/admin/audit?limit=2")).json()["items"]
    assert (one["kind"], one["subject_id"]) == ("session.ended", session)
    assert others["kind"] == "session.others_ended"
