"""Live events (SSE): every change in order, only to permitted users, across reconnects."""

import asyncio

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import bindparam, delete

from taskstead.config.settings import Settings
from taskstead.consumers.event_broker import EventBroker
from taskstead.db.database import Database
from taskstead.http.app_state import Server
from taskstead.tables.changes import changes
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.integration.sync.streams import EVENTS, Event, Stream, get_revision, wait_until
from tests.integration.sync.test_changes import share_workspace

pytestmark = [pytest.mark.balanced, pytest.mark.engines("sqlite", "postgresql")]


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, events_waiting=20)


async def test_changes_are_sent_in_order_of_revision(app: FastAPI, owner: Client) -> None:
    begin = await get_revision(owner)
    stream = await Stream().open(app, owner)
    assert stream.status == 200
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    task = await owner.create_task(category="Home", tags=["a", "b"])
    await owner.patch(f"/api/v1/tasks/{task['id']}", {"title": "Changed"})
    events = await stream.list_until(await get_revision(owner))
    assert [event.id for event in events] == list(range(begin + 1, begin + 6))
    assert {event.type for event in events} == {"change"}
    data = events[-1].data
    at = data.pop("at")
    assert at.endswith("Z")
    assert events[-2].data["batch_id"] != data.pop("batch_id")
    me = (await owner.get("/auth/me")).json()["id"]
    assert data == {
        "revision": begin + 5,
        "kind": "task",
        "id": task["id"],
        "action": "updated",
        "user_id": me,
    }
    await stream.disconnect()


async def test_no_event_is_lost_across_reconnects(app: FastAPI, owner: Client) -> None:
    stream = await Stream().open(app, owner)
    begin = await stream.next()
    assert begin is not None
    assert begin.id == await get_revision(owner), (
        "a client that has seen no event yet can resume, too"
    )
    seen = []
    for round_ in range(4):
        await owner.create_task()
        await owner.create_task()
        seen += [event.id for event in await stream.list_until(await get_revision(owner))]
        last = stream.seen
        await stream.disconnect()
        await owner.create_task()
        given = {"query": f"last_event_id={last}"} if round_ % 2 else {"Last_Event_ID": f"{last}"}
        stream = await Stream().open(app, owner, **given)
    seen += [event.id for event in await stream.list_until(await get_revision(owner))]
    assert seen == list(range(begin.id + 1, begin.id + 13))
    await stream.disconnect()


async def test_stream_ends_after_the_requested_seconds(app: FastAPI, owner: Client) -> None:
    begin = await get_revision(owner)
    await owner.create_task()
    stream = await Stream().open(app, owner, f"last_event_id={begin}&seconds=0")
    assert [event.id for event in await stream.list_rest()] == [begin + 1]
    assert stream.ended_well


async def test_writes_of_another_process_are_sent(
    app: FastAPI, owner: Client, second_app_client: Client
) -> None:
    stranger = await owner.register("stranger@example.com")
    streams = [await Stream().open(app, one) for one in (owner, owner, stranger)]
    for _ in range(3):
        await second_app_client.create_task()
        revision = await get_revision(owner)
        for stream in streams[:2]:
            assert (await stream.list_until(revision))[-1].id == revision
    # Each client receives the changes of its own workspace only.
    theirs = await stranger.create_task()
    (event,) = await streams[2].list_until(await get_revision(stranger))
    assert event.data["id"] == theirs["id"]
    for stream in streams:
        await stream.disconnect()


async def test_changes_during_start_of_the_first_stream_are_sent(
    app: FastAPI, owner: Client, second_app_client: Client
) -> None:
    """The broker starts watching after the principal's revision was read."""
    revision = await get_revision(owner)
    opening = asyncio.create_task(Stream().open(app, owner, Last_Event_ID=f"{revision}"))
    for _ in range(5):
        await second_app_client.create_task()
    stream = await opening
    assert len(await stream.list_until(revision + 5)) == 5
    await stream.disconnect()


async def test_slow_client_is_disconnected_until_it_resumes(
    app: FastAPI, owner: Client, server: Server
) -> None:
    begin = await get_revision(owner)
    stream = await Stream().open(app, owner)
    await stream.next()
    stream.is_taking.clear()
    await owner.create_task()
    await wait_until(lambda: stream.is_held_up)
    other = await Stream().open(app, owner)
    for _ in range(29):
        await owner.create_task()
    # Events that were sent to one client were also queued for the other.
    await other.list_until(begin + 30)
    await other.disconnect()
    stream.is_taking.set()
    rest = await stream.list_rest()
    assert stream.ended_well
    assert len(rest) < 30
    assert server.broker.count_listeners() == 0
    seen = [event.id for event in rest]
    stream = await Stream().open(app, owner, Last_Event_ID=f"{stream.seen}")
    seen += [event.id for event in await stream.list_until(begin + 30)]
    assert seen == list(range(begin + 1, begin + 31))
    await stream.disconnect()


async def test_large_batch_does_not_disconnect_a_fast_client(app: FastAPI, owner: Client) -> None:
    begin = await get_revision(owner)
    stream = await Stream().open(app, owner)
    operations = [{"op": "create", "task": {"title": "x"}}] * 600
    assert (await owner.post("/api/v1/tasks/bulk", {"operations": operations})).is_success
    events = await stream.list_until(begin + 600)
    assert [event.id for event in events] == list(range(begin + 1, begin + 601))
    await stream.disconnect()


async def test_revision_missing_from_the_log_sends_reset(
    app: FastAPI, owner: Client, database: Database
) -> None:
    for _ in range(4):
        await owner.create_task()
    revision = await get_revision(owner)
    async with database.transaction() as transaction:
        await transaction.execute(
            delete(changes).where(changes.c.revision == bindparam("gone")), {"gone": revision - 1}
        )
    for last in (revision - 2, revision + 10):
        stream = await Stream().open(app, owner, Last_Event_ID=f"{last}")
        (event,) = (
            await stream.list_until(revision) if last < revision else [await get_reset(stream)]
        )
        assert (event.type, event.id, event.data) == ("reset", revision, {"revision": revision})
        await stream.disconnect()
    stream = await Stream().open(app, owner, Last_Event_ID=f"{revision - 1}")
    assert [event.type for event in await stream.list_until(revision)] == ["change"]
    await stream.disconnect()


async def get_reset(stream: Stream) -> Event:
    while (event := await stream.next()) is not None:
        if event.type:
            return event
    raise AssertionError


@pytest.mark.parametrize("given", ["x", "-1", "1.5", "9" * 30, "1,2"])
@pytest.mark.engines("sqlite")
async def test_invalid_event_ids_are_rejected(owner: Client, given: str) -> None:
    answer = await owner.get(EVENTS, headers={"Last-Event-ID": given})
    check_problem(answer, 422, "validation_failed", "header/Last-Event-ID")
    answer = await owner.get(EVENTS, params={"last_event_id": given})
    check_problem(answer, 422, "validation_failed", "query/last_event_id")


async def test_stream_ends_when_its_workspace_is_deleted(app: FastAPI, client: Client) -> None:
    shared, (owner, guest) = await share_workspace(client, "a@example.com", "b@example.com")
    streams = [await Stream().open(app, user) for user in (owner, guest)]
    path = f"/api/v1/workspaces/{shared}"
    name = (await owner.get(path)).json()["name"]
    assert (await owner.delete(path, params={"name": name})).is_success
    for stream in streams:
        assert await stream.list_rest() == []
        assert stream.ended_well


async def test_stream_ends_when_its_user_is_removed(app: FastAPI, client: Client) -> None:
    shared, (owner, guest) = await share_workspace(client, "a@example.com", "b@example.com")
    stream = await Stream().open(app, guest)
    staying = await Stream().open(app, owner)
    user = (await guest.get("/auth/me")).json()["id"]
    assert (await owner.delete(f"/api/v1/workspaces/{shared}/members/{user}")).is_success
    await owner.create_task()
    assert await stream.list_rest() == []
    assert stream.ended_well
    assert len(await staying.list_until(await get_revision(owner))) == 2
    await staying.disconnect()


async def test_many_listeners_cause_no_more_reads_than_one(
    app: FastAPI, owner: Client, database: Database
) -> None:
    async def count() -> int:
        before = database.meter.statements
        await owner.create_task()
        revision = await get_revision(owner)
        for stream in streams:
            assert len(await stream.list_until(revision)) == 1
        return database.meter.statements - before

    streams = [await Stream().open(app, owner)]
    await count()
    alone = min([await count() for _ in range(3)])
    streams += [await Stream().open(app, owner) for _ in range(30)]
    await count()
    assert min([await count() for _ in range(3)]) <= alone + 1
    for stream in streams:
        await stream.disconnect()


async def test_nothing_is_polled_without_listeners(database: Database, owner: Client) -> None:
    me = (await owner.get("/auth/me")).json()["personal_workspace_id"]
    broker = EventBroker(database, max_queued=1, linger_seconds=0)
    assert not broker.is_watching
    assert broker.count_listeners() == 0
    known = await get_revision(owner)
    for _ in range(2):
        listener = broker.subscribe(me, current_revision=known, last_revision=known)
        broker.unsubscribe(listener)
        await wait_until(lambda: not broker.is_watching)
    await broker.close()


async def test_streams_end_when_the_server_stops(
    app: FastAPI, owner: Client, server: Server
) -> None:
    streams = [await Stream().open(app, owner) for _ in range(3)]
    server.broker.stop()
    streams.append(await Stream().open(app, owner))
    for stream in streams:
        assert await stream.list_rest() == []
        assert stream.ended_well
    assert server.broker.count_listeners() == 0


@pytest.mark.engines("postgresql")
async def test_stream_survives_a_lost_database_connection(
    app: FastAPI, owner: Client, second_app_client: Client, database_url: str
) -> None:
    stream = await Stream().open(app, owner)
    await second_app_client.create_task()
    await stream.list_until(await get_revision(owner))
    connection = await asyncpg.connect(database_url)
    killed = await connection.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query ~ '^(LISTEN|SELECT 1$)'"
    )
    await connection.close()
    assert killed == 1
    for _ in range(3):
        await second_app_client.create_task()
        await stream.list_until(await get_revision(owner))
    await stream.disconnect()
