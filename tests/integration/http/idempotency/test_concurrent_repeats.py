"""Concurrent repeats of one request, in one process and in two."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.services.changelog import open_batch
from tests.harness.client import Client
from tests.harness.contexts import make_write_context
from tests.harness.problems import check_problem
from tests.integration.log.world import get_principal

pytestmark = pytest.mark.engines("sqlite", "postgresql")

TASKS = "/api/v1/tasks"
BODY = {"title": "Once", "tags": ["once"]}
KEY = {"Idempotency-Key": "once"}
REPEATS = 100


@asynccontextmanager
async def another_server(settings: Settings, client: Client) -> AsyncIterator[Client]:
    """Run another application on the same database. It shares no in-memory state with the first."""
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://other") as http,
    ):
        yield Client(http, client.headers)


async def repeat_until_done(client: Client) -> httpx2.Response:
    """Repeat a request while the response is that it is under way, as clients do."""
    pause = 0.02
    async with asyncio.timeout(300):
        while True:
            answer = await client.post(TASKS, BODY, headers=KEY)
            if answer.status_code not in (409, 503):
                return answer
            assert int(answer.headers["retry-after"]) >= 1
            # A hundred clients that repeat at once leave the server no time for the first request.
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1)


async def test_hundred_concurrent_repeats_create_one_task(owner: Client) -> None:
    repeats = [owner.post(TASKS, BODY, headers=KEY) for _ in range(REPEATS)]
    for answer in await asyncio.gather(*repeats):
        if answer.status_code != 201:
            check_problem(answer, 409, "request_under_way")
    await owner.post(TASKS, BODY, headers=KEY)
    assert len((await owner.get(TASKS)).json()["items"]) == 1


async def test_hundred_repeats_at_two_servers_create_one_task(
    owner: Client, settings: Settings
) -> None:
    async with another_server(settings, owner) as other:
        servers = [owner, other] * (REPEATS // 2)
        answers = await asyncio.gather(*[repeat_until_done(server) for server in servers])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    replayed = [answer for answer in answers if "idempotency-replayed" in answer.headers]
    assert len(replayed) == REPEATS - 1
    (task,) = (await owner.get(TASKS)).json()["items"]
    # The workspace and its owner were the first two changes. Then came a tag and a task.
    assert (task["number"], task["revision"]) == (1, 4)


async def test_request_under_way_is_not_started_again(owner: Client, database: Database) -> None:
    principal = await get_principal(database, "owner@example.com")
    async with open_batch(make_write_context(database, principal)):
        first = asyncio.create_task(owner.post(TASKS, BODY, headers=KEY))
        await asyncio.sleep(0)
        second = asyncio.create_task(owner.post(TASKS, BODY, headers=KEY))
        done, _ = await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
    (early,) = done
    late = second if early is first else first
    check_problem(early.result(), 409, "request_under_way")
    assert early.result().headers["retry-after"] == "1"
    assert (await late).status_code == 201
    replayed = await owner.post(TASKS, BODY, headers=KEY)
    assert replayed.content == (await late).content


async def test_request_under_way_elsewhere_is_not_started_again(
    owner: Client, settings: Settings, database: Database
) -> None:
    """PostgreSQL reports the conflict at once.

    On SQLite the second request waits for the first one.
    """
    principal = await get_principal(database, "owner@example.com")
    async with another_server(settings, owner) as other:
        async with open_batch(make_write_context(database, principal)):
            both = [
                asyncio.create_task(server.post(TASKS, BODY, headers=KEY))
                for server in (owner, other)
            ]
            if database.dialect == "postgresql":
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        answers = [await answer for answer in both]
    statuses = sorted(answer.status_code for answer in answers)
    if database.dialect == "postgresql":
        assert statuses == [201, 409]
        check_problem(max(answers, key=lambda a: a.status_code), 409, "request_under_way")
    else:
        assert statuses == [201, 201]
        assert answers[0].content == answers[1].content
    assert len((await owner.get(TASKS)).json()["items"]) == 1
