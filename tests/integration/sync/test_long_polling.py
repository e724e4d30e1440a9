"""Long polling: ``/api/v1/changes?wait=`` answers as soon as there are changes."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from taskstead.http.app_state import Server
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.sync.replica import CHANGES, Replica, take_snapshot
from tests.integration.sync.streams import TIMEOUT_SECONDS, Stream, wait_until
from tests.integration.sync.test_changes import share_workspace

pytestmark = pytest.mark.engines("sqlite", "postgresql")


async def start_waiting(replica: Replica, client: Client, server: Server) -> asyncio.Task[Any]:
    """Request new changes. Return once the server waits."""
    waiting = asyncio.create_task(replica.pull(client, wait=60))
    await wait_until(lambda: bool(server.broker.count_listeners()))
    return waiting


async def finish(waiting: asyncio.Task[Any]) -> Any:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        return await waiting


async def test_wait_ends_with_a_change(owner: Client, server: Server) -> None:
    replica = await take_snapshot(owner)
    waiting = await start_waiting(replica, owner, server)
    task = await owner.create_task()
    page = await finish(waiting)
    assert [row["id"] for row in page["tasks"]] == [task["id"]]
    assert server.broker.count_listeners() == 0


async def test_wait_ends_with_a_change_by_another_process(
    owner: Client, second_app_client: Client, server: Server
) -> None:
    replica = await take_snapshot(owner)
    for number in range(3):
        waiting = await start_waiting(replica, owner, server)
        await second_app_client.create_task(title=f"{number}")
        page = await finish(waiting)
        assert [row["title"] for row in page["tasks"]] == [f"{number}"]


async def test_existing_changes_are_returned_without_waiting(owner: Client) -> None:
    replica = Replica()
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await replica.catch_up(owner, wait=60)
        await owner.create_task()
        page = await replica.pull(owner, wait=60)
    assert len(page["tasks"]) == 1


async def test_wait_without_changes_returns_an_empty_page(owner: Client, server: Server) -> None:
    replica = await take_snapshot(owner)
    token = replica.token
    page = await replica.pull(owner, wait=0.01)
    assert (page["next"], page["has_more"], page["tasks"]) == (token, False, [])
    waiting = await start_waiting(replica, owner, server)
    server.broker.stop()
    page = await finish(waiting)
    assert (page["next"], page["tasks"]) == (token, [])


async def test_member_removed_while_waiting_receives_nothing(
    client: Client, server: Server
) -> None:
    shared, (owner, guest) = await share_workspace(client, "a@example.com", "b@example.com")
    replica = await take_snapshot(guest)
    user = (await guest.get("/auth/me")).json()["id"]
    parameters = {"since": replica.token, "wait": 60}
    waiting = asyncio.create_task(guest.get(CHANGES, params=parameters))
    await wait_until(lambda: bool(server.broker.count_listeners()))
    await owner.delete(f"/api/v1/workspaces/{shared}/members/{user}")
    check_problem(await finish(waiting), 404, "not_found")


async def test_wait_ends_when_the_client_disconnects(
    app: FastAPI, owner: Client, server: Server
) -> None:
    query = f"since={(await take_snapshot(owner)).token}&wait=60"
    answer = Stream(CHANGES)
    waiting = asyncio.create_task(answer.open(app, owner, query))
    await wait_until(lambda: bool(server.broker.count_listeners()))
    await answer.disconnect()
    await finish(waiting)
    assert server.broker.count_listeners() == 0


async def test_wait_time_is_limited(owner: Client) -> None:
    for wait in ("-1", "61", "x", "nan", "inf"):
        answer = await owner.get(CHANGES, params={"wait": wait})
        check_problem(answer, 422, "validation_failed", "query/wait")
