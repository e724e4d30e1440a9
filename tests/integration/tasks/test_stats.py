"""Statistics of tasks: counts, days, the median and the number of statements."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import bindparam, update

from taskstead.db.database import Database
from taskstead.db.sql.types import Instant
from taskstead.domain.principal import Principal
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.schemas.tasks.statistics import Statistics, StatisticsQuery
from taskstead.services.tasks.statistics import TaskStatistics, read_statistics
from taskstead.tables.tasks import tasks
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.contexts import make_read_context

pytestmark = [pytest.mark.balanced, pytest.mark.engines("sqlite", "postgresql")]

PATH = "/api/v1/tasks/stats"
# A time zone in which the next day has begun.
NEXT_DAY = "Pacific/Kiritimati"

_SET_TIMES = (
    update(tasks)
    .where(tasks.c.number == bindparam("which"))
    .values({name: bindparam(name, type_=Instant) for name in ("created_at", "completed_at")})
)


@pytest.fixture
def clock() -> ManualClock:
    """Stands still, so that no day begins during a test."""
    return ManualClock()


async def get_stats(client: Client, query: str = "") -> dict[str, Any]:
    answer = await client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    Statistics.model_validate_json(answer.content)
    statistics: dict[str, Any] = answer.json()
    return statistics


async def set_times(
    database: Database, number: int, created: datetime, completed: datetime | None
) -> None:
    values = {"which": number, "created_at": created, "completed_at": completed}
    async with database.transaction() as transaction:
        await transaction.execute(_SET_TIMES, values)


async def get_owner(database: Database) -> Principal:
    principal = await find_principal_by_email(database, "owner@example.com")
    assert principal is not None
    return principal


async def count_at(
    database: Database, now: datetime, zone: str = "Europe/Berlin", **query: Any
) -> TaskStatistics:
    """Return the statistics at a given instant."""
    given = StatisticsQuery.model_validate({"time_zone": zone, **query})
    ctx = replace(make_read_context(database, await get_owner(database)), now=now)
    return await read_statistics(ctx, given)


async def test_empty_workspace_has_zero_counts(owner: Client) -> None:
    found = await get_stats(owner)
    assert found["total"] == found["open"] == found["overdue"] == 0
    assert found["by_status"] == [
        {"status": status, "total": 0} for status in ("todo", "in_progress", "done", "cancelled")
    ]
    assert found["by_priority"] == [
        {"priority": priority, "total": 0, "open": 0} for priority in range(1, 6)
    ]
    assert found["by_category"] == found["by_tag"] == []
    assert found["median_seconds_to_done"] is None
    assert found["time_zone"] == "Etc/UTC"
    assert len(found["days"]) == 30
    assert {(day["created"], day["completed"]) for day in found["days"]} == {(0, 0)}


async def test_tasks_are_counted_by_status_priority_and_labels(owner: Client) -> None:
    for fields in (
        {"priority": 1, "category": "Home", "tags": ["a", "b"]},
        {"priority": 1, "category": "home", "tags": ["A"], "status": "done"},
        {"priority": 2, "category": "Work", "status": "in_progress"},
        {"priority": 5, "status": "cancelled", "tags": ["b"]},
        {"priority": 5, "tags": ["c"]},
        {"priority": 5},
    ):
        await owner.create_task(**fields)
    trashed = await owner.create_task(category="Work", tags=["a"])
    await owner.delete(f"/api/v1/tasks/{trashed['id']}")
    found = await get_stats(owner)
    assert (found["total"], found["open"]) == (6, 4)
    assert [row["total"] for row in found["by_status"]] == [3, 1, 1, 1]
    counts = [(row["priority"], row["total"], row["open"]) for row in found["by_priority"]]
    assert counts == [(1, 2, 1), (2, 1, 1), (3, 0, 0), (4, 0, 0), (5, 3, 2)]
    named = [(row["category"] and row["category"]["name"]) for row in found["by_category"]]
    assert named == [None, "Home", "Work"]
    assert [(row["total"], row["open"]) for row in found["by_category"]] == [(3, 2), (2, 1), (1, 1)]
    assert [(row["tag"]["name"], row["total"], row["open"]) for row in found["by_tag"]] == [
        ("a", 2, 1),
        ("b", 2, 1),
        ("c", 1, 1),
    ]
    top = await get_stats(owner, "top=1")
    assert (len(top["by_category"]), len(top["by_tag"])) == (1, 1)


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("priority=1", 2),
        ("category=Home&tag=a", 1),
        ("tag_any=a&tag_any=b&no_tag=false", 2),
        ("q=oat", 2),
        ("q=oat+-milk&category=home", 1),
        ("q=%21", 0),
        ("deleted=only", 1),
        ("deleted=include", 5),
        ("completed=true&overdue=false", 1),
        ("overdue=true", 1),
        ("parent=1", 1),
        ("assignee=none&created_after=yesterday&due_before=tomorrow", 1),
    ],
)
async def test_every_filter_of_the_listing_applies(owner: Client, query: str, total: int) -> None:
    await owner.patch("/auth/me", {"time_zone": NEXT_DAY})
    await owner.create_task(title="Oat milk", priority=1, tags=["a"], due_date="2020-01-01")
    await owner.create_task(title="Oat flakes", priority=1, category="Home")
    await owner.create_task(title="Rye", category="Home", tags=["a", "b"], status="done")
    await owner.create_task(title="Below", parent=1, priority=4)
    await owner.create_task(title="Gone")
    await owner.delete("/api/v1/tasks/5")
    found = await get_stats(owner, query)
    listed = (await owner.get(f"/api/v1/tasks?{query}&limit=200")).json()["items"]
    assert found["total"] == len(listed) == total
    assert sum(row["total"] for row in found["by_status"]) == total
    assert sum(row["total"] for row in found["by_priority"]) == total
    assert sum(row["total"] for row in found["by_category"]) == total
    tags = Counter(tag for task in listed for tag in task["tags"])
    assert {row["tag"]["name"]: row["total"] for row in found["by_tag"]} == tags
    assert sum(day["created"] for day in found["days"]) == total


async def test_due_counts_use_the_days_of_the_user(owner: Client, database: Database) -> None:
    # A Wednesday, half past one in the morning in Berlin and still Tuesday in UTC.
    now = datetime(2026, 3, 24, 23, 30, tzinfo=UTC)
    for due_date in (
        "2026-03-22",  # Sunday: overdue, of last week
        "2026-03-23",  # Monday: overdue
        "2026-03-25T00:15:00",  # today and overdue
        "2026-03-24T23:15:00Z",  # the same instant
        "2026-03-25",  # today
        "2026-03-25T23:59:59.999999",  # today
        "2026-03-25T23:00:00Z",  # tomorrow in Berlin
        "2026-03-29T21:59:59Z",  # the last second of Sunday; the clock was set forward that day
        "2026-03-29T22:00:00Z",  # Monday
        "2026-03-30",  # Monday
        None,
    ):
        await owner.create_task(due_date=due_date)
    await owner.create_task(due_date="2026-03-25", status="done")
    found = await count_at(database, now)
    assert (found["overdue"], found["due_today"], found["due_this_week"]) == (4, 4, 7)
    in_utc = await count_at(database, now, "Etc/UTC")
    assert (in_utc["overdue"], in_utc["due_today"], in_utc["due_this_week"]) == (3, 1, 8)
    overdue = await count_at(database, now, overdue=True)
    assert (overdue["total"], overdue["overdue"], overdue["due_today"]) == (4, 4, 2)


BERLIN = ZoneInfo("Europe/Berlin")


async def test_days_begin_at_midnight_when_the_clock_changes(
    owner: Client, database: Database
) -> None:
    """29 March 2026 has 23 hours and 25 October has 25.

    Use the first and last instant of each day.
    """
    step = timedelta(microseconds=1)
    ends = [datetime(2026, 3, day, tzinfo=BERLIN) for day in (29, 30, 31)]
    ends += [datetime(2026, 10, day, tzinfo=BERLIN) for day in (25, 26, 27)]
    instants = [end.astimezone(UTC) - back for end in ends for back in (step, timedelta(0))]
    # The hour that occurs twice, and the one after it.
    instants += [datetime(2026, 10, 25, hour, 59, 59, 999999, tzinfo=UTC) for hour in (0, 1, 22)]
    for number, instant in enumerate(instants, 1):
        await owner.create_task(status="done")
        await set_times(database, number, instant, instant + timedelta(days=1))
    expected = Counter(instant.astimezone(BERLIN).date() for instant in instants)
    query = {"from": "2026-03-01", "to": "2026-11-30"}
    found = await count_at(database, datetime(2026, 11, 30, tzinfo=UTC), **query)
    days = {day["date"]: day for day in found["days"]}
    assert list(days) == [date(2026, 3, 1) + timedelta(days=n) for n in range(275)]
    assert {day: row["created"] for day, row in days.items() if row["created"]} == expected
    assert expected[date(2026, 3, 29)] == 2
    assert expected[date(2026, 10, 25)] == 5
    done = Counter((instant + timedelta(days=1)).astimezone(BERLIN).date() for instant in instants)
    assert {day: row["completed"] for day, row in days.items() if row["completed"]} == done


@pytest.mark.parametrize(
    ("seconds", "median"),
    [([5], 5.0), ([1, 9.5], 5.25), ([100, 1, 2], 2.0), ([4, 1, 0.000001, 1000], 2.5)],
)
async def test_statistics_contain_the_median_time_to_done(
    owner: Client, database: Database, seconds: list[float], median: float
) -> None:
    start = datetime(2026, 2, 28, 23, 59, 59, 900000, tzinfo=UTC)
    for number, length in enumerate(seconds, 1):
        await owner.create_task(status="done")
        await set_times(database, number, start, start + timedelta(seconds=length))
    await owner.create_task()
    assert (await get_stats(owner))["median_seconds_to_done"] == median


@pytest.mark.in_process  # the test sets the clock of the application
async def test_range_of_days_can_be_chosen(owner: Client, clock: ManualClock) -> None:
    in_zone = f"time_zone={quote(NEXT_DAY)}"
    await owner.create_task(status="done")
    today = clock.now.astimezone(ZoneInfo(NEXT_DAY)).date()
    assert today == clock.now.date() + timedelta(days=1)
    found = await get_stats(owner, in_zone)
    assert [day["date"] for day in found["days"]] == [
        (today - timedelta(days=back)).isoformat() for back in range(29, -1, -1)
    ]
    assert found["days"][-1] == {"date": today.isoformat(), "created": 1, "completed": 1}
    found = await get_stats(owner, "to=2026-03-01")
    assert [found["days"][index]["date"] for index in (0, -1)] == ["2026-01-31", "2026-03-01"]
    assert len((await get_stats(owner, "from=2025-01-01&to=2026-01-01"))["days"]) == 366
    assert len((await get_stats(owner, f"from={today}&{in_zone}"))["days"]) == 1
    assert len((await get_stats(owner, "from=1970-01-01&to=1970-01-01"))["days"]) == 1
    assert len((await get_stats(owner, "to=9998-12-31&time_zone=Pacific/Kiritimati"))["days"]) == 30
    assert len((await get_stats(owner, "to=1970-01-02"))["days"]) == 2


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("from=2025-01-01&to=2026-01-02", "query/from", "range"),
        ("from=20260101", "query/from", "date"),
        ("to=2026-02-30", "query/to", "date"),
        ("top=0", "query/top", "greater_than_equal"),
        ("sort=title", "query/sort", "extra_forbidden"),
        ("time_zone=Berlin", "query/time_zone", "time_zone"),
    ],
)
@pytest.mark.engines("sqlite")
async def test_invalid_parameters_are_rejected(
    owner: Client, query: str, pointer: str, code: str
) -> None:
    answer = await owner.get(f"{PATH}?{query}")
    assert answer.status_code == 422, answer.text
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_time_zone_of_the_profile_is_the_default(owner: Client) -> None:
    await owner.patch("/auth/me", {"time_zone": "Pacific/Auckland"})
    assert (await get_stats(owner))["time_zone"] == "Pacific/Auckland"
    assert (await get_stats(owner, "time_zone=Asia/Tokyo"))["time_zone"] == "Asia/Tokyo"


async def test_number_of_statements_is_constant(owner: Client, database: Database) -> None:
    counts = []
    for more in (1, 25):
        for number in range(more):
            await owner.create_task(category=f"{more} {number}", tags=[f"{more} {number}", "x"])
        before = database.meter.statements
        await get_stats(owner, "from=2026-01-01&to=2026-12-31&time_zone=Europe/Berlin&top=200")
        counts.append(database.meter.statements - before)
    assert counts[0] == counts[1] == 8
