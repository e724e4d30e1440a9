"""Past and future occurrences of a task, and the preview of a rule."""

from typing import Any

from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.integration.repeats.repeating import act, create_repeating

HOUR = 60 * 60


async def test_past_occurrence_has_its_due_date_and_user(owner: Client) -> None:
    task = await create_repeating(owner)
    await owner.patch(f"/api/v1/tasks/{task['id']}", {"due_date": "2026-11-28"})
    await act(owner, task, "complete")
    (item,) = (await owner.get(f"/api/v1/tasks/{task['id']}/occurrences")).json()["items"]
    assert (item["occurrence"], item["due_date"]) == ("2026-11-26", "2026-11-28")
    assert (item["outcome"], item["ended_at"]) == ("done", "2026-11-26T12:30:30Z")
    (change, *_) = (await owner.get("/api/v1/activity?limit=1")).json()["items"]
    assert item["ended_by"] == change["user"]["id"]


async def test_past_occurrences_have_pages(owner: Client, clock: ManualClock) -> None:
    task = await create_repeating(owner, repeat_mode="each", due_date="2026-11-20")
    for _ in range(5):
        await act(owner, task, "complete")
        clock.advance(HOUR)
    path = f"/api/v1/tasks/{task['id']}/occurrences?limit=2"
    found: list[str] = []
    cursor = ""
    while True:
        page = (await owner.get(path + cursor)).json()
        found += [item["occurrence"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == [f"2026-11-{day}" for day in range(24, 19, -1)]


async def list_upcoming(client: Client, task: dict[str, Any], count: int) -> list[str]:
    answer = await client.get(f"/api/v1/tasks/{task['id']}/occurrences?next={count}")
    assert answer.status_code == 200, answer.text
    return [item["due_date"] for item in answer.json()["items"]]


async def test_upcoming_occurrences_follow_the_current_one(owner: Client) -> None:
    task = await create_repeating(owner, repeat_rule="FREQ=WEEKLY;BYDAY=MO,TH")
    assert await list_upcoming(owner, task, 3) == ["2026-11-30", "2026-12-03", "2026-12-07"]


async def test_upcoming_occurrences_end_with_the_series(owner: Client) -> None:
    task = await create_repeating(owner, repeat_rule="FREQ=DAILY;COUNT=3")
    assert await list_upcoming(owner, task, 10) == ["2026-11-27", "2026-11-28"]


async def test_upcoming_occurrences_need_a_rule(owner: Client) -> None:
    task = await owner.create_task(due_date="2026-11-26")
    assert await list_upcoming(owner, task, 10) == []


async def test_preview_begins_with_the_due_date(owner: Client) -> None:
    body = {
        "repeat_rule": "FREQ=MONTHLY;BYDAY=-1FR",
        "due_date": "2026-11-27T09:00:00",
        "due_time_zone": "Europe/Berlin",
        "count": 2,
    }
    answer = await owner.post("/api/v1/repeat/preview", body)
    assert answer.status_code == 200, answer.text
    zone = {"due_time_zone": "Europe/Berlin"}
    assert answer.json()["items"] == [
        {"occurrence": "2026-11-27T09:00:00", "due_date": "2026-11-27T09:00:00", **zone},
        {"occurrence": "2026-12-25T09:00:00", "due_date": "2026-12-25T09:00:00", **zone},
    ]


async def test_preview_rejects_a_rule_that_never_occurs(owner: Client) -> None:
    body = {"repeat_rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "due_date": "2026-11-27"}
    answer = await owner.post("/api/v1/repeat/preview", body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (422, "rule_never")
