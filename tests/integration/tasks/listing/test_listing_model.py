"""Property test: any filter, order and page size gives the result of the oracle in model.py."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskstead.clock import get_now
from tests.harness.client import Client
from tests.integration.tasks.listing.model import filter_tasks, make_due_dates, sort_tasks

pytestmark = pytest.mark.engines("sqlite", "postgresql")

TITLES = ["alpha", "Alpha", "beta", "Ärger", "zeta", "ÿ", "買い物", "🥛 milk", "_x", "10", "9"]
TAGS = ["Home", "errand", "Später", "x"]
CATEGORIES = [None, "Work", "Garden"]
STATUSES = ["todo", "in_progress", "done", "cancelled"]
SORTS = ["created_at", "updated_at", "due_date", "priority", "title", "position", "completed_at"]
ZONES = ["Etc/UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati"]
LAST_PARENT = 3
PAGES = 8
NOW = get_now()
DAYS = [(NOW.date() + timedelta(days=days)).isoformat() for days in (-4, -2, -1, 0, 1, 3)]

flags = st.booleans()
days = st.sampled_from(DAYS)
queries = st.fixed_dictionaries(
    {},
    optional={
        "status": st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3),
        "completed": flags,
        "priority": st.lists(st.integers(1, 5), min_size=1, max_size=3),
        "priority_min": st.integers(1, 5),
        "priority_max": st.integers(1, 5),
        "category": st.lists(st.sampled_from(["work", "GARDEN", "none such"]), min_size=1),
        "no_category": flags,
        "tag": st.lists(st.sampled_from(["home", "ERRAND", "später"]), min_size=1, max_size=2),
        "tag_any": st.lists(st.sampled_from([*TAGS, "none such"]), min_size=1, max_size=3),
        "no_tag": flags,
        "due_before": days,
        "due_after": days,
        "due_on": days,
        "overdue": flags,
        "no_due_date": flags,
        "created_before": days,
        "created_after": days,
        "updated_before": days,
        "updated_after": days,
        "completed_before": days,
        "completed_after": days,
        "parent": st.sampled_from(["none", "1", "2", "3", "999"]),
        "assignee": st.sampled_from(["me", "none"]),
        "q": st.sampled_from(
            ["a", "BETA", "milk -home", "買い", "arger", "-x", "10", "1 err", "🥛"]
        ),
        "deleted": st.sampled_from(["exclude", "only", "include"]),
        "time_zone": st.sampled_from(ZONES),
    },
)
sorts = st.lists(st.sampled_from(SORTS), max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names))
)
stores: dict[str, list[dict[str, Any]]] = {}


async def fill(owner: Client) -> list[dict[str, Any]]:
    """Create tasks of all kinds. Return them as the API shows them."""
    dice = random.Random(7)  # noqa: S311 - not used for secrets
    due_dates = make_due_dates(NOW)
    me = (await owner.get("/auth/me")).json()["id"]
    for number in range(1, 61):
        task = await owner.create_task(
            title=dice.choice(TITLES),
            status=dice.choice(STATUSES),
            priority=dice.randint(1, 5),
            due_date=dice.choice(due_dates),
            category=dice.choice(CATEGORIES),
            tags=dice.sample(TAGS, dice.randint(0, 3)),
            parent=dice.choice([None, None, 1, 2, 3]) if number > LAST_PARENT else None,
            assignee=dice.choice([None, me]),
        )
        if number > LAST_PARENT and dice.random() < 0.2:
            await owner.delete(f"/api/v1/tasks/{task['id']}")
    answer = await owner.get("/api/v1/tasks", params={"deleted": "include", "limit": 200})
    tasks: list[dict[str, Any]] = answer.json()["items"]
    return tasks


async def walk(owner: Client, query: dict[str, Any], limit: int) -> list[str]:
    """Return the ids of all pages of a listing."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await owner.get("/api/v1/tasks", params={**query, **cursor, "limit": limit})
        assert answer.status_code == 200, answer.text
        ids += [item["id"] for item in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            return ids
        assert 'rel="next"' in answer.headers["link"]
        cursor = {"cursor": answer.json()["next_cursor"]}


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=queries, sort=sorts, limit=st.sampled_from([1, 3, 17, 200]))
async def test_listings_agree_with_plain_python_model(
    owner: Client,
    query: dict[str, Any],
    sort: tuple[str, ...],
    limit: int,
) -> None:
    account = owner.headers["Authorization"]
    if account not in stores:
        stores[account] = await fill(owner)
    began = get_now()
    sent = {**query, **({"sort": ",".join(sort)} if sort else {})}
    if limit == 1:
        sent["priority_max"] = query.get("priority_max", 5)
        found = await walk_first_pages(owner, sent, PAGES)
    else:
        found = await walk(owner, sent, limit)
    # A task may have become overdue during the request.
    expected = [list_ids(stores[account], query, sort, at) for at in (began, get_now())]
    assert found in ([ids[:PAGES] for ids in expected] if limit == 1 else expected)


def list_ids(
    tasks: list[dict[str, Any]], query: dict[str, Any], sort: tuple[str, ...], now: datetime
) -> list[str]:
    """Return the ids of the expected tasks at an instant."""
    met = filter_tasks(tasks, {"deleted": "exclude", **query}, now)
    return [task["id"] for task in sort_tasks(met, ",".join(sort) or "-number")]


async def walk_first_pages(owner: Client, query: dict[str, Any], pages: int) -> list[str]:
    """Return the ids of the first pages of size one."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(pages):
        answer = await owner.get("/api/v1/tasks", params={**query, **cursor, "limit": 1})
        ids += [item["id"] for item in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            break
        cursor = {"cursor": answer.json()["next_cursor"]}
    return ids
