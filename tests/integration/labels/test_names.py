"""Equality of names, and alphabetical order of names and titles."""

from typing import Any

import pytest
from sqlalchemy import text

from taskstead.db.database import Database
from tests.harness.client import Client

pytestmark = pytest.mark.engines("sqlite", "postgresql")

TASKS = "/api/v1/tasks"
ORDERED = ["apfel", "Äpfel", "Apfelmus", "éclair", "Eis", "Łódź", "Löffel", "Zebra"]
SAME = [
    ("✅", "✅\ufe0f"),
    ("Home", "\u202ahome \u202c"),
    ("Café", "cafe\u0301\ufeff"),
]
DIFFERENT = [("Apfel", "Äpfel"), ("👨\u200d👩\u200d👧", "👨👩👧")]


@pytest.mark.parametrize(("one", "other"), SAME)
async def test_names_that_look_the_same_are_one(owner: Client, one: str, other: str) -> None:
    await owner.create_task(category=one, tags=[one])
    task = await owner.create_task(category=other, tags=[other])
    assert (task["category"]["name"], task["tags"]) == (one, [one])
    for noun in ("categories", "tags"):
        assert len((await owner.get(f"/api/v1/{noun}")).json()["items"]) == 1
        assert (await owner.post(f"/api/v1/{noun}", {"name": other})).status_code == 409
    found = await owner.get(TASKS, params={"tag": other, "category": other})
    assert len(found.json()["items"]) == 2


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
async def test_names_that_look_different_are_two(owner: Client, one: str, other: str) -> None:
    task = await owner.create_task(tags=[one, other])
    assert sorted(task["tags"]) == sorted([one, other])


async def test_titles_are_in_alphabetical_order(owner: Client) -> None:
    for title in reversed(ORDERED):
        await owner.create_task(title=title)
    for sort, expected in (("title", ORDERED), ("-title", ORDERED[::-1])):
        found: list[str] = []
        params: dict[str, Any] = {"sort": sort, "limit": 3}
        while params.get("cursor", "") is not None:
            page = (await owner.get(TASKS, params=params)).json()
            found += [item["title"] for item in page["items"]]
            params["cursor"] = page["next_cursor"]
        assert found == expected
    await owner.patch(f"{TASKS}/1", {"title": "Äpfelchen"})
    titles = [item["title"] for item in (await owner.get(f"{TASKS}?sort=title")).json()["items"]]
    assert titles == ["apfel", "Äpfel", "Äpfelchen", *ORDERED[2:-1]]


async def test_tags_are_in_alphabetical_order(owner: Client) -> None:
    task = await owner.create_task(tags=ORDERED[::-1])
    path = f"{TASKS}/{task['id']}"
    shown = [task, (await owner.get(path)).json(), (await owner.get(TASKS)).json()["items"][0]]
    shown.append((await owner.patch(path, {"title": "Renamed"})).json())
    assert [one["tags"] for one in shown] == [ORDERED] * 4
    found: list[str] = []
    params: dict[str, Any] = {"limit": 3}
    while params.get("cursor", "") is not None:
        page = (await owner.get("/api/v1/tags", params=params)).json()
        found += [item["name"] for item in page["items"]]
        params["cursor"] = page["next_cursor"]
    assert found == ORDERED
    first = (await owner.get("/api/v1/tags?limit=1")).json()["items"][0]
    await owner.patch(f"/api/v1/tags/{first['id']}", {"name": "Žebra"})
    assert (await owner.get(path)).json()["tags"] == [*ORDERED[1:], "Žebra"]
    for name in ORDERED:
        await owner.create_task(category=name)
    statistics = (await owner.get(f"{TASKS}/stats?top=20")).json()
    assert [row["tag"]["name"] for row in statistics["by_tag"]] == [*ORDERED[1:], "Žebra"]
    assert [row["category"]["name"] for row in statistics["by_category"][1:]] == ORDERED


async def test_names_of_earlier_versions_still_work(owner: Client, database: Database) -> None:
    task = await owner.create_task(tags=["a", "b", "c"], category="d")
    names = {"a": "✅", "b": "✅\ufe0f", "c": "\u200b", "d": "x\ty"}
    async with database.transaction() as transaction:
        for table in ("tags", "categories"):
            for old, new in names.items():
                # Use the keys that earlier versions stored.
                await transaction.execute(
                    text(f"UPDATE {table} SET name = :new, name_key = :key WHERE name = :old"),
                    {"old": old, "new": new, "key": new},
                )
    path = f"{TASKS}/{task['id']}"
    found = (await owner.patch(path, {"title": "Changed"})).json()
    assert (set(found["tags"]), found["category"]["name"]) == ({"✅", "✅\ufe0f", "\u200b"}, "x\ty")
    for query in ({"tag": "\u200b"}, {"tag": "✅\ufe0e"}, {"category": "x\ty"}):
        assert len((await owner.get(TASKS, params=query)).json()["items"]) == 1
    for tag in (await owner.get("/api/v1/tags")).json()["items"]:
        answer = await owner.patch(f"/api/v1/tags/{tag['id']}", {"color": "#123456"})
        assert answer.status_code == 200
        if tag["name"] != "\u200b":
            same = await owner.patch(f"/api/v1/tags/{tag['id']}", {"name": tag["name"]})
            assert same.status_code == 200
        if tag["name"] == "✅\ufe0f":
            renamed = await owner.patch(f"/api/v1/tags/{tag['id']}", {"name": "✅ done"})
            assert renamed.status_code == 200
    # The response shows the existing tag's name, because the keys are equal.
    assert (await owner.create_task(tags=["✅\ufe0f"]))["tags"] == ["✅"]
