"""Task listing: fields, totals, links and cursors."""

import base64
import itertools
import json
from typing import Any

import pytest

from taskstead.db.database import Database
from taskstead.formats.cursor import CursorCodec
from taskstead.schemas.tasks.listing import TaskListing
from taskstead.services.tasks.listing import prepare_listing
from tests.harness.client import Client
from tests.harness.contexts import make_read_context
from tests.harness.problems import check_problem
from tests.integration.log.world import get_principal

pytestmark = pytest.mark.engines("sqlite", "postgresql")

PATH = "/api/v1/tasks"
SUMMARY = {"id", "number", "title", "status", "completed", "priority", "due_date"}
FIRST_PAGE = {"q": "task", "priority_max": "4", "sort": "due_date,title", "limit": "1"}


@pytest.fixture
async def client_with_tasks(owner: Client) -> Client:
    """A client whose workspace has three tasks. The last one was created first."""
    for number in (3, 2, 1):
        await owner.create_task(
            title=f"Task {number}", description="Long.", tags=["a&b=c d", 'ü"%']
        )
    return owner


async def get_items(client: Client, query: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_only_requested_fields_are_returned(client_with_tasks: Client) -> None:
    default = set((await get_items(client_with_tasks, ""))[0])
    assert "description" not in default
    assert set((await get_items(client_with_tasks, "fields=id,title,completed"))[0]) == {
        *("id", "title", "completed")
    }
    assert set((await get_items(client_with_tasks, "fields=summary"))[0]) == SUMMARY
    assert set((await get_items(client_with_tasks, "fields=all"))[0]) == default | {"description"}
    assert (await get_items(client_with_tasks, "fields=description&limit=1")) == [
        {"description": "Long."}
    ]


async def test_links_lead_through_all_pages(client_with_tasks: Client) -> None:
    tags = [("tag", "a&b=c d"), ("tag", 'ü"%')]
    answer = await client_with_tasks.get(
        PATH, params=[*tags, *FIRST_PAGE.items(), ("include_total", "true")]
    )
    numbers = []
    while True:
        page = answer.json()
        assert page["total"] == 3
        numbers += [item["number"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        link, _, relation = answer.headers["link"].partition(">; ")
        assert relation == 'rel="next"'
        answer = await client_with_tasks.get(link.removeprefix("<"))
    assert numbers == [3, 2, 1]
    assert "link" not in answer.headers


async def test_cursor_is_valid_only_for_its_query(client_with_tasks: Client) -> None:
    cursor = (await client_with_tasks.get(PATH, params=FIRST_PAGE)).json()["next_cursor"]
    others = [
        {"q": "tas"},
        {"priority_max": "5"},
        {"sort": "due_date,-title"},
        *({name: value} for name, value in (("completed", "false"), ("time_zone", "Etc/UTC"))),
    ]
    for other in others:
        answer = await client_with_tasks.get(PATH, params={**FIRST_PAGE, **other, "cursor": cursor})
        check_problem(answer, 422, "validation_failed", "query/cursor")
        assert "another filter or sort order" in answer.json()["detail"]
    for same in ({"limit": "200"}, {"fields": "id"}, {"include_total": "true"}):
        answer = await client_with_tasks.get(PATH, params={**FIRST_PAGE, **same, "cursor": cursor})
        assert answer.status_code == 200, same


@pytest.mark.parametrize("sort", ["created_at", "due_date", "title", "priority", "position"])
async def test_forged_cursors_cause_no_server_error(
    owner: Client, database: Database, sort: str
) -> None:
    for _ in range(2):
        await owner.create_task(due_date="2020-01-01")
    params = {"sort": sort, "overdue": "true", "limit": "1"}
    given = (await owner.get(PATH, params=params)).json()["next_cursor"]
    _, now, *place = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    ctx = make_read_context(database, await get_principal(database, "owner@example.com"))
    query = TaskListing.model_validate({"sort": sort, "overdue": True})
    _, listing_hash, *_ = (await prepare_listing(ctx, query)).key
    cursors = CursorCodec(f"tasks {listing_hash}")
    values: list[Any] = [
        *("0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59.999999-10:00", "2026-01-01T00:00:00"),
        *("2026-W01-1T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"),
        *("", "\x00", "x" * 2000, 2**63, -(2**63), 1.5, True, [], {}, None),
    ]
    forged = [(now, value, *place[1:]) for value in values]
    forged += [(value, *place) for value in values]
    for parts in forged:
        # With a correct checksum, because it contains no secret.
        cursor = cursors.encode(parts)
        answer = await owner.get(PATH, params={**params, "cursor": cursor})
        assert answer.status_code in (200, 422), f"{parts!r} {answer.text}"


async def test_days_use_profile_time_zone_unless_one_is_given(owner: Client) -> None:
    await owner.create_task(due_date="2020-05-31T12:00:00Z")
    assert len(await get_items(owner, "due_on=2020-05-31")) == 1
    await owner.patch("/auth/me", {"time_zone": "Pacific/Kiritimati"})
    for query, count in {
        "due_on=2020-05-31": 0,
        "due_on=2020-06-01": 1,
        "due_before=2020-06-01": 0,
        "due_on=2020-05-31&time_zone=Etc/UTC": 1,
        "due_after=2020-05-31&time_zone=Etc/UTC": 0,
    }.items():
        assert len(await get_items(owner, query)) == count, query


# In Berlin one of these days has 23 hours and the other has 25.
DAYS_OF_CHANGE = {
    "2026-03-29": (
        ["2026-03-28T22:59:59.999999Z", "2026-03-28T23:59:59"],
        ["2026-03-28T23:00:00Z", "2026-03-29", "2026-03-29T02:30:00", "2026-03-29T23:59:59"],
        ["2026-03-29T22:00:00Z", "2026-03-30T00:00:00"],
    ),
    "2026-10-25": (
        ["2026-10-24T21:59:59.999999Z", "2026-10-24"],
        ["2026-10-24T22:00:00Z", "2026-10-25T02:30:00", "2026-10-25T23:59:59.999999+01:00"],
        ["2026-10-25T23:00:00Z", "2026-10-26T00:00:00"],
    ),
}


@pytest.mark.parametrize("day", DAYS_OF_CHANGE)
async def test_day_filters_respect_daylight_saving_changes(owner: Client, day: str) -> None:
    for due_date in itertools.chain(*DAYS_OF_CHANGE[day]):
        await owner.create_task(due_date=due_date)
    filters = zip(("due_before", "due_on", "due_after"), DAYS_OF_CHANGE[day], strict=True)
    for name, expected in filters:
        query = f"{name}={day}&time_zone=Europe/Berlin&sort=number&fields=due_date"
        assert [item["due_date"] for item in await get_items(owner, query)] == expected
