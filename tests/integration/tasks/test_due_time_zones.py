"""Due dates with ``due_time_zone``: the local time is the same instant for every reader."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from taskstead.clock import get_now
from tests.harness.client import Client
from tests.integration.jobs.waiting import wait_for_job
from tests.integration.transfer.files import import_all, make_lines

pytestmark = pytest.mark.engines("sqlite", "postgresql")

LOCAL = "2099-01-01T20:00:00"
LOS_ANGELES = "America/Los_Angeles"
# This is 2099-01-02T04:00:00Z.
IN_SYDNEY = "time_zone=Australia/Sydney"
EARLIEST, LATEST = "Etc/GMT-14", "Etc/GMT+12"


async def count_tasks_found(client: Client, query: str) -> int:
    answer = await client.get(f"/api/v1/tasks?{query}")
    assert answer.status_code == 200, answer.text
    return len(answer.json()["items"])


async def check_counts(client: Client, expected: dict[str, int]) -> None:
    assert {query: await count_tasks_found(client, query) for query in expected} == expected


# Number of tasks that a reader in Sydney (UTC+11) finds when the task is due at
# 2099-01-02T04:00:00Z.
AS_INSTANT = {
    f"due_on=2099-01-01&{IN_SYDNEY}": 0,
    f"due_on=2099-01-02&{IN_SYDNEY}": 1,
    f"due_before=2099-01-02&{IN_SYDNEY}": 0,
    f"due_before=2099-01-02T15:00:01&{IN_SYDNEY}": 1,
    f"due_after=2099-01-02T14:59:59&{IN_SYDNEY}": 1,
    f"due_after=2099-01-02T15:00:00&{IN_SYDNEY}": 0,
    "due_before=2099-01-02T04:00:00Z": 0,
    "due_after=2099-01-02T04:00:00Z": 0,
    "due_on=2099-01-02T04:00:00Z": 1,
    "due_on=2099-01-02T05:00:00%2B01:00": 1,
}
AS_FLOATING = {
    f"due_on=2099-01-01&{IN_SYDNEY}": 1,
    f"due_on=2099-01-02&{IN_SYDNEY}": 0,
    f"due_on=2099-01-01T20:00:00&{IN_SYDNEY}": 1,
    "due_on=2099-01-02T04:00:00Z": 0,
}


async def test_local_time_with_zone_is_an_instant(owner: Client) -> None:
    task = await owner.create_task(due_date=LOCAL, due_time_zone=LOS_ANGELES)
    assert (task["due_date"], task["due_time_zone"]) == (LOCAL, LOS_ANGELES)
    await check_counts(owner, AS_INSTANT)


async def test_local_time_without_zone_is_floating(owner: Client) -> None:
    await owner.create_task(due_date=LOCAL)
    await check_counts(owner, AS_FLOATING)


async def test_date_with_zone_stays_a_date(owner: Client) -> None:
    await owner.create_task(due_date="2099-01-01", due_time_zone=LOS_ANGELES)
    for zone in (EARLIEST, LATEST, LOS_ANGELES):
        query = f"time_zone={zone}".replace("+", "%2B")
        await check_counts(
            owner, {f"due_on=2099-01-01&{query}": 1, f"due_before=2099-01-01&{query}": 0}
        )


@pytest.mark.parametrize("method", ["patch", "put", "bulk", "process", "import", "legacy"])
async def test_changing_either_field_updates_the_instant(owner: Client, method: str) -> None:
    task = await owner.create_task(due_date="2098-12-31T20:00:00")
    path = f"/api/v1/tasks/{task['id']}"
    fields = {"due_date": LOCAL, "due_time_zone": LOS_ANGELES}
    if method == "put":
        await owner.put(path, {"title": "A task", **fields})
    elif method == "bulk":
        operation = {"op": "update", "id": task["id"], "task": fields}
        answer = await owner.post("/api/v1/tasks/bulk", {"operations": [operation]})
        assert answer.status_code == 200, answer.text
    elif method == "process":
        await owner.patch(path, {"due_time_zone": LOS_ANGELES})
        request = {"filter": {}, "action": "shift_due_dates", "days": 1}
        answer = await owner.post("/api/v1/tasks/bulk-process", request)
        await wait_for_job(owner, answer)
    elif method == "import":
        line = make_lines({"id": task["id"], "title": "A task", **fields})
        await import_all(owner, line, query="?on_conflict=replace")
    elif method == "legacy":
        await owner.patch(path, {"due_time_zone": LOS_ANGELES})
        shown = (await owner.get("/todos/1")).json()["due_date"]
        assert shown == "2098-12-31T20:00:00-08:00"
        await owner.patch("/todos/1", {"due_date": "2099-01-01T20:00:00-08:00"})
    else:
        await owner.patch(path, {"due_date": LOCAL})
        await owner.patch(path, {"due_time_zone": LOS_ANGELES})
    await check_counts(owner, AS_INSTANT)


async def test_removing_the_zone_makes_the_time_floating(owner: Client) -> None:
    task = await owner.create_task(due_date=LOCAL, due_time_zone=LOS_ANGELES)
    path = f"/api/v1/tasks/{task['id']}"
    await owner.patch(path, {"due_time_zone": None})
    await check_counts(owner, AS_FLOATING)
    await undo_last(owner)
    await check_counts(owner, AS_INSTANT)
    await undo_last(owner)
    await check_counts(owner, AS_FLOATING)


async def undo_last(client: Client) -> None:
    (last,) = (await client.get("/api/v1/activity?limit=1")).json()["items"]
    answer = await client.post(f"/api/v1/batches/{last['batch']}/undo")
    assert answer.status_code == 200, answer.text


async def test_local_time_from_legacy_api_is_floating(owner: Client) -> None:
    await owner.create_task(due_date="2098-01-01T20:00:00", due_time_zone=LOS_ANGELES)
    await owner.patch("/todos/1", {"due_date": LOCAL})
    assert (await owner.get("/todos/1")).json()["due_date"] == LOCAL
    await check_counts(owner, AS_FLOATING)


async def create_tasks_around_now(client: Client) -> None:
    """Create an overdue task and one that is due soon, with misleading local times.

    One is due an hour ago by clocks 26 hours ahead of some readers'. The other is due in an hour by
    clocks 26 hours behind.
    """
    hour = timedelta(hours=1)
    for moment, zone in ((get_now() - hour, EARLIEST), (get_now() + hour, LATEST)):
        local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
        await client.create_task(title=zone, due_date=local, due_time_zone=zone)


@pytest.mark.parametrize("reader", [EARLIEST, LATEST])
async def test_filter_of_overdue_tasks_uses_the_instant(owner: Client, reader: str) -> None:
    await create_tasks_around_now(owner)
    parameters = {"overdue": "true", "time_zone": reader}
    answer = await owner.get("/api/v1/tasks", params=parameters)
    assert [task["title"] for task in answer.json()["items"]] == [EARLIEST]


@pytest.mark.parametrize("reader", [EARLIEST, LATEST])
async def test_statistics_of_overdue_tasks_use_the_instant(owner: Client, reader: str) -> None:
    await create_tasks_around_now(owner)
    answer = await owner.get("/api/v1/tasks/stats", params={"time_zone": reader})
    assert answer.json()["overdue"] == 1


async def test_tasks_are_sorted_by_the_instant(owner: Client) -> None:
    await owner.create_task(title="second", due_date="2099-01-02T03:00:00Z")
    await owner.create_task(title="third", due_date=LOCAL, due_time_zone=LOS_ANGELES)
    await owner.create_task(title="first", due_date=LOCAL, due_time_zone="Australia/Sydney")
    items = (await owner.get("/api/v1/tasks?sort=due_date")).json()["items"]
    assert [task["title"] for task in items] == ["first", "second", "third"]


@pytest.mark.parametrize("zone", [EARLIEST, LATEST, LOS_ANGELES])
async def test_extreme_due_dates_with_a_zone_are_accepted(owner: Client, zone: str) -> None:
    for text in ("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"):
        task = await owner.create_task(due_date=text, due_time_zone=zone)
        assert task["due_date"] == text
    assert await count_tasks_found(owner, "due_after=2000-01-01") == 1
    assert await count_tasks_found(owner, "sort=due_date&limit=1") == 1
