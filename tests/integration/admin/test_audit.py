"""Audit log: recorded events, omitted secrets, and retention."""

from datetime import timedelta
from typing import Any

import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.http.app_state import Server
from taskstead.services.accounts.accounts import create_account, set_disabled, set_password
from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.integration.accounts.test_sessions import move_use
from tests.integration.jobs.housekeeping import run_housekeeping_at

AUDIT = "/api/v1/admin/audit"
OTHER_PASSWORD = "another long secret"


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False, registration="invitation")


@pytest.fixture
async def owner(client: Client, server: Server) -> Client:
    await create_account(
        server.database,
        server.passwords,
        email="owner@example.com",
        password=PASSWORD,
        clock=server.clock,
    )
    return await client.log_in("owner@example.com")


async def list_events(owner: Client, query: str = "") -> list[dict[str, Any]]:
    answer = await owner.get(f"{AUDIT}?{query}")
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["items"]
    return events


async def list_kinds(owner: Client, query: str = "") -> list[str]:
    return [event["kind"] for event in reversed(await list_events(owner, query))]


async def test_user_actions_are_recorded(owner: Client, client: Client) -> None:
    invited = (await owner.post("/api/v1/invitations", {"email": "ann@example.com"})).json()
    ann = await client.register("ann@example.com", invitation=invited["token"])
    me = (await ann.get("/auth/me")).json()
    made = (await ann.post("/api/v1/tokens", {"name": "x", "scopes": ["tasks:read"]})).json()
    await ann.delete(f"/api/v1/tokens/{made['id']}")
    change = {"email": "ANN@example.org", "current_password": PASSWORD}
    await ann.patch("/auth/me", change)
    await ann.patch("/auth/me", {"name": "Ann"})
    await ann.post("/auth/password", {"current_password": PASSWORD, "new_password": OTHER_PASSWORD})
    await ann.post("/auth/logout")
    events = await list_events(owner, f"user={me['id']}")
    assert [event["kind"] for event in reversed(events)] == [
        *("invitation.used", "account.registered", "token.created", "token.deleted"),
        *("account.email_changed", "password.changed", "session.ended"),
    ]
    registered, renamed = events[-2], events[2]
    assert registered["user_id"] == registered["subject_id"] == me["id"]
    assert registered["credential_id"] == renamed["credential_id"], "the session"
    assert renamed["user_email"] == renamed["subject_email"] == "ann@example.org"
    assert renamed["details"] == {"old": "ann@example.com", "new": "ann@example.org"}


async def test_changes_of_invitations_are_recorded(owner: Client) -> None:
    invited = (await owner.post("/api/v1/invitations", {"email": "ann@example.com"})).json()
    assert await list_kinds(owner, "kind=invitation.created") == ["invitation.created"]
    await owner.delete(f"/api/v1/invitations/{invited['id']}")
    assert (await list_events(owner, "kind=invitation.deleted"))[0]["subject_id"] == invited["id"]


async def test_event_names_the_request_and_its_user(owner: Client, client: Client) -> None:
    answer = await client.post(
        "/auth/login",
        {"email": "Owner@Example.com", "password": PASSWORD},
        headers={"X-Request-ID": "my-request-1", "X-Forwarded-For": "203.0.113.9"},
    )
    assert answer.is_success
    event = (await list_events(owner, "kind=login.succeeded&limit=1"))[0]
    assert event["request_id"] == "my-request-1"
    assert event["address"] == "127.0.0.1", (
        "forwarded addresses are ignored without a trusted proxy"
    )
    assert event["user_email"] == "owner@example.com"


async def test_failed_logins_contain_no_passwords(owner: Client, client: Client) -> None:
    me = (await owner.get("/auth/me")).json()
    for email in ("Owner@example.com", "nobody@example.com", "my secret password"):
        login = {"email": email, "password": "my secret password"}
        check_problem(await client.post("/auth/login", login), 401, "login_failed")
    events = await list_events(owner, "kind=login.failed")
    assert [event["details"]["email"] for event in events] == [
        *(None, "nobody@example.com", "owner@example.com")
    ]
    assert [event["subject_id"] for event in events] == [None, None, me["id"]]
    assert {event["user_id"] for event in events} == {None}
    assert "secret" not in str(events)


async def test_wrong_current_password_is_recorded_as_failed_login(owner: Client) -> None:
    me = (await owner.get("/auth/me")).json()
    change = {"current_password": "my secret guess", "new_password": "another good long secret"}
    check_problem(await owner.post("/auth/password", change), 422, "validation_failed")
    email = {"current_password": "my secret guess", "email": "new@example.com"}
    check_problem(await owner.patch("/auth/me", email), 422, "validation_failed")
    events = await list_events(owner, "kind=login.failed")
    assert [event["details"]["reason"] for event in events] == ["current password"] * 2
    assert {event["user_id"] for event in events} == {event["subject_id"] for event in events}
    assert {event["user_id"] for event in events} == {me["id"]}
    assert "secret" not in str(events)


class TestBehindProxy:
    """A trusted proxy forwards the requests, and logins are limited."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(
            database_url,
            trusted_proxies="127.0.0.1",
            rate_limit_login="2/minute",
            registration="invitation",
        )

    async def test_rejected_logins_are_recorded_up_to_the_limit(
        self, owner: Client, client: Client
    ) -> None:
        wrong = {"email": "owner@example.com", "password": "wrong"}
        statuses = [
            (
                await client.post("/auth/login", wrong, headers={"X-Forwarded-For": "203.0.113.9"})
            ).status_code
            for _ in range(5)
        ]
        assert statuses == [401, 401, 429, 429, 429]
        events = await list_events(owner, "kind=login.failed")
        assert [event["address"] for event in events] == ["203.0.113.9"] * 2


async def test_reuse_of_a_copied_refresh_token_is_recorded(
    owner: Client, client: Client, database: Database
) -> None:
    session = await client.log_in("owner@example.com")
    await client.post("/auth/refresh", {"refresh_token": session.refresh_token})
    await move_use(database, session.refresh_token, timedelta(seconds=-31))
    await client.post("/auth/refresh", {"refresh_token": session.refresh_token})
    (event,) = await list_events(owner, "kind=refresh.reused")
    assert event["user_id"] is None, "the user is unknown"
    assert event["subject_email"] == "owner@example.com"


async def test_membership_changes_are_recorded(owner: Client, server: Server) -> None:
    made = await create_account(
        server.database,
        server.passwords,
        email="ann@example.com",
        password=PASSWORD,
        clock=server.clock,
    )
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    path = f"/api/v1/workspaces/{workspace}/members"
    await owner.post(path, {"email": "ann@example.com", "role": "viewer"})
    await owner.patch(f"{path}/{made['id']}", {"role": "editor"})
    await owner.patch(f"{path}/{made['id']}", {"role": "editor"})
    await owner.delete(f"{path}/{made['id']}")
    check_problem(await owner.delete(f"{path}/{made['id']}"), 404, "not_found")
    removed, changed, added, created = await list_events(owner, f"user={made['id']}")
    assert [event["kind"] for event in (created, added, changed, removed)] == [
        *("account.created", "member.added", "member.changed", "member.removed")
    ]
    assert changed["details"] == {"workspace_id": workspace, "old": "viewer", "role": "editor"}


async def test_administrator_actions_are_recorded(owner: Client, client: Client) -> None:
    invited = (await owner.post("/api/v1/invitations", {})).json()
    ann = await client.register("ann@example.com", invitation=invited["token"])
    ann_id = (await ann.get("/auth/me")).json()["id"]
    path = f"/api/v1/admin/users/{ann_id}"
    for change in ({"is_admin": True}, {"disabled": True}, {"disabled": True}):
        await owner.patch(path, change)
    await owner.patch(path, {"disabled": False, "is_admin": False})
    await owner.post(f"{path}/sign-out")
    events = (await list_events(owner, f"user={ann_id}"))[-3::-1]
    assert [event["kind"] for event in events] == [
        *("admin.granted", "account.disabled", "admin.revoked"),
        *("account.enabled", "account.signed_out"),
    ]
    assert {event["user_email"] for event in events} == {"owner@example.com"}


async def test_commands_are_recorded_without_a_user(owner: Client, server: Server) -> None:
    database, passwords, clock = server.database, server.passwords, server.clock
    email = "ann@example.com"
    made = await create_account(database, passwords, email=email, password=PASSWORD, clock=clock)
    await set_disabled(database, email=email, disabled=True, now=clock())
    await set_disabled(database, email=email, disabled=False, now=clock())
    await set_password(database, passwords, email=email, password=OTHER_PASSWORD, clock=clock)
    events = await list_events(owner, f"user={made['id']}")
    assert [event["kind"] for event in reversed(events)] == [
        *("account.created", "account.disabled", "account.enabled", "password.set")
    ]
    assert {event["user_id"] for event in events} == {None}
    assert {event["address"] for event in events} == {None}


async def test_events_are_paginated(owner: Client, client: Client) -> None:
    for _ in range(4):
        await client.log_in("owner@example.com")
    everything = [event["id"] for event in await list_events(owner)]
    assert everything == sorted(everything, reverse=True)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await owner.get(f"{AUDIT}?limit=2{cursor}")).json()
        seen += [event["id"] for event in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == everything
    check_problem(await owner.get(f"{AUDIT}?kind=login.failed{cursor}"), 422, "validation_failed")


async def test_events_are_filtered_by_time(owner: Client) -> None:
    everything = await list_events(owner)
    assert len(everything) > 1
    assert await list_events(owner, "since=tomorrow") == []
    assert await list_events(owner, "until=2020-01-01") == []
    assert await list_events(owner, "since=yesterday&until=tomorrow") == everything


async def test_invalid_queries_are_rejected(owner: Client) -> None:
    for query in ("kind=x", "user=x", "since=x", "other=1"):
        check_problem(await owner.get(f"{AUDIT}?{query}"), 422, "validation_failed")


async def test_audit_log_adds_one_statement_to_a_login(
    owner: Client, client: Client, database: Database
) -> None:
    before = database.meter.statements
    await client.log_in("owner@example.com")
    spent = database.meter.statements - before
    assert len(await list_events(owner, "kind=login.succeeded")) == 2
    # Find the password, BEGIN, lock the user, read the password again, delete old sessions, create
    # the session, two tokens and the event, COMMIT.
    assert spent == 10


async def test_old_events_are_deleted(
    owner: Client, client: Client, database: Database, clock: ManualClock
) -> None:
    old = await list_events(owner)
    assert len(old) > 1
    clock.advance(timedelta(days=11).total_seconds())
    owner = await client.log_in("owner@example.com")
    (newest, *rest) = await list_events(owner)
    assert rest == old
    for days, left in ((0, [newest, *old]), (12, [newest, *old]), (10, [newest])):
        now = clock.now + timedelta(hours=days)
        await run_housekeeping_at(database, now, audit_days=days)
        assert await list_events(owner) == left
