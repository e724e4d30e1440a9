"""Heartbeat of event streams, the checks that run with it, and the limit of streams per user."""

import pytest
from fastapi import FastAPI

from taskstead.config.settings import Settings
from taskstead.http.responses import sse
from tests.harness.client import PASSWORD, Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.integration.sync.replica import CHANGES, take_snapshot
from tests.integration.sync.streams import EVENTS, Stream


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, events_heartbeat_seconds=0.05, events_streams=2)


async def test_heartbeat_is_sent_as_a_comment(app: FastAPI, owner: Client) -> None:
    stream = await Stream().open(app, owner)
    await stream.next()
    for _ in range(3):
        event = await stream.next()
        assert event is not None
        assert (event.type, event.comment) == ("", "still here")
    await stream.disconnect()


async def test_deleting_the_token_ends_its_stream(app: FastAPI, owner: Client) -> None:
    made = (await owner.post("/api/v1/tokens", {"name": "x", "scopes": ["tasks:read"]})).json()
    stream = await Stream().open(app, owner.with_token(made["token"]))
    await stream.next()
    await stream.next()
    assert (await owner.delete(f"/api/v1/tokens/{made['id']}")).is_success
    assert await stream.list_rest() == []
    assert stream.ended_well


async def test_logout_ends_the_stream(app: FastAPI, owner: Client) -> None:
    session = await owner.log_in("owner@example.com")
    stream, other = [await Stream().open(app, one) for one in (session, owner)]
    assert (await session.post("/auth/logout")).is_success
    assert await stream.list_rest() == []
    await other.next()
    assert await other.next() is not None
    await other.disconnect()


async def test_logout_by_cookie_ends_the_stream(app: FastAPI, owner: Client) -> None:
    browser = Client(owner.http, {"Taskstead-Client": "web"})
    login = {"email": "owner@example.com", "password": PASSWORD}
    cookie = (await browser.post("/auth/session", login)).cookies["taskstead"]
    page = Client(owner.http, {**browser.headers, "Cookie": f"taskstead={cookie}"})
    stream = await Stream().open(app, page)
    await stream.next()
    assert await stream.next() is not None
    assert (await browser.delete("/auth/session")).is_success
    assert await stream.list_rest() == []
    assert stream.ended_well


class TestChecksBeforeEvents:
    """Streams without a heartbeat during the test."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, events_heartbeat_seconds=60)

    async def test_event_after_logout_ends_the_stream(
        self, app: FastAPI, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sse, "CHECK_SECONDS", 0)
        stream = await self.open_and_log_out(app, owner)
        await owner.create_task()
        assert await stream.list_rest() == []
        assert stream.ended_well

    async def test_event_soon_after_a_check_is_sent(
        self, app: FastAPI, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sse, "CHECK_SECONDS", 600)
        stream = await self.open_and_log_out(app, owner)
        await owner.create_task()
        event = await stream.next()
        assert event is not None
        assert event.type == "change"
        await stream.disconnect()

    async def open_and_log_out(self, app: FastAPI, owner: Client) -> Stream:
        """Open a stream with a session, and end the session."""
        session = await owner.log_in("owner@example.com")
        stream = await Stream().open(app, session)
        await stream.next()
        assert (await session.post("/auth/logout")).is_success
        return stream


async def test_streams_per_user_are_limited(app: FastAPI, owner: Client, client: Client) -> None:
    """A request that waits for changes counts as a stream. A stream that ends frees its place."""
    other = await client.register("other@example.com")
    token = (await take_snapshot(owner)).token
    wait = {"since": token, "wait": 0.01}
    streams = []
    for _ in range(2):
        assert (await owner.get(CHANGES, params=wait)).status_code == 200
        streams.append(await Stream().open(app, owner))
    for refused in (await owner.get(EVENTS), await owner.get(CHANGES, params=wait)):
        check_problem(refused, 429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0
    # Requests without ``wait`` and other users are not affected.
    assert (await owner.get(CHANGES)).status_code == 200
    streams.append(await Stream().open(app, other))
    assert [stream.status for stream in streams] == [200] * 3
    await streams.pop(0).disconnect()
    again = await Stream().open(app, owner)
    assert again.status == 200
    for stream in (*streams, again):
        await stream.disconnect()
