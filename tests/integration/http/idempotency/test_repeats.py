"""Repeated requests with the same key run once and return the stored response."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.http.app_state import Server
from taskstead.services.housekeeping import housekeeping_schedule
from taskstead.services.idempotency import delete_expired_keys
from taskstead.tables.changes import changes
from taskstead.tables.idempotency import idempotency_keys
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.jobs.waiting import wait_for_job
from tests.integration.log.replica import Replica, check_change_log

pytestmark = pytest.mark.balanced

TASKS = "/api/v1/tasks"
KEY = {"Idempotency-Key": '"0b8c1c6e-6f0e-4d0c-9a27-7d2c5c7f3f11"'}
OTHER_KEY = {"Idempotency-Key": "another"}
LIST_STORED = select(idempotency_keys)
COUNT_BATCHES = select(func.count(changes.c.batch_id.distinct()).label("count"))
# Keys expire after this time.
LIFETIME = timedelta(hours=24)


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    # Access tokens stay valid as long as keys.
    return make_settings(database_url, access_token_minutes=LIFETIME // timedelta(minutes=1))


def check_repeat(first: httpx2.Response, repeat: httpx2.Response) -> None:
    """Check that the second response replays the first one and is marked as a replay."""
    assert first.status_code < 300, first.text
    assert "idempotency-replayed" not in first.headers
    assert (repeat.status_code, repeat.content) == (first.status_code, first.content), repeat.text
    assert repeat.headers["idempotency-replayed"] == "true"
    for name in ("location", "etag", "content-type", "cache-control", "content-length"):
        assert repeat.headers.get(name) == first.headers.get(name), name


async def count_tasks(client: Client) -> int:
    return len((await client.get(f"{TASKS}?limit=200&deleted=include")).json()["items"])


async def count_batches(database: Database) -> int:
    row = await database.fetch_one(untyped(COUNT_BATCHES), {})
    assert row is not None
    return int(row["count"])


async def test_repeated_creation_creates_one_task(
    owner: Client, database: Database, clock: ManualClock
) -> None:
    before = await count_batches(database)
    body = {"title": "Once", "category": "Home", "tags": ["a"]}
    first = await owner.post(TASKS, body, headers=KEY)
    assert first.headers["location"] == f"{TASKS}/{first.json()['id']}"
    await owner.patch(f"{TASKS}/1", {"title": "Changed since"})
    for _ in range(2):
        check_repeat(first, await owner.post(TASKS, body, headers=KEY))
    unquoted = {"Idempotency-Key": KEY["Idempotency-Key"].strip('"')}
    check_repeat(first, await owner.post(TASKS, body, headers=unquoted))
    assert await count_tasks(owner) == 1
    assert await count_batches(database) == before + 2
    assert (await owner.post(TASKS, body)).json()["number"] == 2
    (stored,) = await database.fetch_all(untyped(LIST_STORED), {})
    assert KEY["Idempotency-Key"].strip('"') not in str(stored)
    assert stored["expires_at"] == clock.now + LIFETIME


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", f"{TASKS}/1", {"title": "New"}),
        ("PUT", f"{TASKS}/01a1fbf2-ac4e-7000-931d-7e4fa451c7fb", {"title": "New"}),
        ("DELETE", f"{TASKS}/1", None),
        ("DELETE", f"{TASKS}/1?permanent=true", None),
        ("POST", f"{TASKS}/2/restore", None),
        ("POST", f"{TASKS}/1/move", {"to": "end"}),
        ("POST", "/api/v1/trash/empty", None),
        ("POST", "/api/v1/tags", {"name": "new"}),
        ("POST", "/api/v1/workspaces", {"name": "New"}),
        ("POST", "/items", {"title": "Old"}),
    ],
)
async def test_every_kind_of_write_runs_once(
    owner: Client, database: Database, method: str, path: str, body: Any
) -> None:
    await owner.create_task()
    await owner.create_task()
    await owner.delete(f"{TASKS}/2")
    before = await count_batches(database)
    options = {} if body is None else {"json": body}
    first = await owner.request(method, path, headers=KEY, **options)
    check_repeat(first, await owner.request(method, path, headers=KEY, **options))
    assert await count_batches(database) == before + 1
    workspace_id = (await owner.get("/auth/me")).json()["personal_workspace_id"]
    await check_change_log(database, Replica(workspace_id))


async def test_key_is_valid_for_one_request(owner: Client) -> None:
    await owner.post(TASKS, {"title": "First"}, headers=KEY)
    path = f"{TASKS}/1"
    others = [
        await owner.post(TASKS, {"title": "Second"}, headers=KEY),
        await owner.patch(path, {"title": "First"}, headers=KEY),
        await owner.post("/api/v1/tags", {"name": "First"}, headers=KEY),
    ]
    await owner.delete(path, headers=OTHER_KEY)
    others += [
        await owner.delete(f"{path}?permanent=true", headers=OTHER_KEY),
        await owner.delete(path, headers={**OTHER_KEY, "If-Match": '"3"'}),
    ]
    for answer in others:
        check_problem(answer, 422, "idempotency_key_reused")
    assert await count_tasks(owner) == 1


async def test_keys_are_separate_per_user_and_workspace(owner: Client, client: Client) -> None:
    body = {"title": "Mine"}
    shared = (await owner.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    other = await client.register("other@example.com")
    member = {"email": "other@example.com", "role": "editor"}
    await owner.post(f"/api/v1/workspaces/{shared}/members", member)
    places = [owner, owner.in_workspace(shared), other, other.in_workspace(shared)]
    answers = [await place.post(TASKS, body, headers=KEY) for place in places]
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 4
    for place, answer in zip(places, answers, strict=True):
        check_repeat(answer, await place.post(TASKS, body, headers=KEY))


async def test_keys_of_account_requests_ignore_the_workspace(owner: Client) -> None:
    nowhere = owner.in_workspace("01a1fbf2-ac4e-7000-931d-7e4fa451c7fb")
    made = await nowhere.post("/api/v1/workspaces", {"name": "Another"}, headers=OTHER_KEY)
    repeat = await nowhere.post("/api/v1/workspaces", {"name": "Another"}, headers=OTHER_KEY)
    check_repeat(made, repeat)


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "ä"])
@pytest.mark.engines("sqlite")
async def test_malformed_key_is_rejected(owner: Client, key: str) -> None:
    headers: Any = {"Idempotency-Key": key.encode()}
    answer = await owner.post(TASKS, {"title": "Never"}, headers=headers)
    check_problem(answer, 422, "validation_failed", "header/Idempotency-Key")
    assert await count_tasks(owner) == 0


async def test_two_key_headers_are_rejected(owner: Client) -> None:
    headers = [*owner.headers.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    answer = await owner.http.post(TASKS, headers=headers, json={"title": "Never"})
    check_problem(answer, 422, "validation_failed", "header/Idempotency-Key")


@pytest.mark.parametrize("key", ["k" * 255, r'"a b\"\\"'])
async def test_valid_key_is_accepted(owner: Client, key: str) -> None:
    headers = {"Idempotency-Key": key}
    first = await owner.post(TASKS, {"title": "Once"}, headers=headers)
    check_repeat(first, await owner.post(TASKS, {"title": "Once"}, headers=headers))


async def test_failed_request_can_be_repeated(owner: Client, database: Database) -> None:
    bad = await owner.post(TASKS, {"title": "Below", "parent": 1}, headers=KEY)
    check_problem(bad, 422, "validation_failed", "/parent")
    check_problem(await owner.post(TASKS, {"title": ""}, headers=KEY), 422, "validation_failed")
    check_problem(await owner.delete(f"{TASKS}/1", headers=KEY), 404, "not_found")
    assert await database.fetch_all(untyped(LIST_STORED), {}) == []
    assert await count_tasks(owner) == 0
    await owner.create_task()
    body = {"title": "Below", "parent": 1}
    good = await owner.post(TASKS, body, headers=KEY)
    check_repeat(good, await owner.post(TASKS, body, headers=KEY))


CREATE = {"op": "create", "task": {"title": "Dry"}}


async def test_response_of_a_dry_run_is_stored(owner: Client) -> None:
    """A dry run rolls back its writes, but its response is stored."""
    dry = {"operations": [CREATE], "dry_run": True}
    first = await owner.post(f"{TASKS}/bulk", dry, headers=KEY)
    check_repeat(first, await owner.post(f"{TASKS}/bulk", dry, headers=KEY))
    assert await count_tasks(owner) == 0


async def test_response_with_failed_operations_is_stored(owner: Client) -> None:
    mixed = {"operations": [CREATE, {"op": "trash", "id": 99}], "atomic": False}
    first = await owner.post(f"{TASKS}/bulk", mixed, headers=KEY)
    assert [result["status"] for result in first.json()["results"]] == [201, 404]
    check_repeat(first, await owner.post(f"{TASKS}/bulk", mixed, headers=KEY))
    assert await count_tasks(owner) == 1


async def test_repeated_request_starts_one_job(owner: Client) -> None:
    await owner.create_task()
    body = {"filter": {}, "action": "complete"}
    started = await owner.post(f"{TASKS}/bulk-process", body, headers=KEY)
    assert (await wait_for_job(owner, started))["done"] == 1
    check_repeat(started, await owner.post(f"{TASKS}/bulk-process", body, headers=KEY))
    assert len((await owner.get("/api/v1/jobs")).json()["items"]) == 1


async def test_keys_expire(
    owner: Client, client: Client, database: Database, clock: ManualClock
) -> None:
    first = await owner.post(TASKS, {"title": "First"}, headers=KEY)
    clock.advance(LIFETIME.total_seconds() - 1)
    check_repeat(first, await owner.post(TASKS, {"title": "First"}, headers=KEY))
    assert await delete_expired_keys(database, now=clock.now) == 0
    clock.advance(1)
    owner = await client.log_in("owner@example.com")
    second = await owner.post(TASKS, {"title": "Second"}, headers=KEY)
    assert (first.json()["number"], second.json()["number"]) == (1, 2)
    await owner.post(TASKS, {"title": "Third"}, headers=OTHER_KEY)
    clock.advance(LIFETIME.total_seconds() - 1)
    assert await delete_expired_keys(database, now=clock.now) == 0
    clock.advance(1)
    assert await delete_expired_keys(database, now=clock.now) == 2
    assert await database.fetch_all(untyped(LIST_STORED), {}) == []


async def test_housekeeping_deletes_expired_keys(
    owner: Client, database: Database, server: Server, clock: ManualClock
) -> None:
    await owner.post(TASKS, {"title": "First"}, headers=KEY)
    clock.advance(LIFETIME.total_seconds())
    async with (
        asyncio.timeout(60),
        housekeeping_schedule(
            database, server.wakeup, clock=server.clock, trash_days=0, first_delay_seconds=0
        ),
    ):
        while await database.fetch_all(untyped(LIST_STORED), {}):  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)
