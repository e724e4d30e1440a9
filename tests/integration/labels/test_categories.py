"""Categories: unique names, order, counts, deletion and restore with their tasks."""

from typing import Any
from uuid import UUID

import pytest

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem

pytestmark = pytest.mark.balanced

PATH = "/api/v1/categories"

# The same name twice, by Unicode's canonical caseless matching.
SAME = (
    ("Home", "HOME"),
    ("Straße", "STRASSE"),
    ("Straße", "STRAẞE"),
    ("Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("İstanbul", "i\u0307stanbul"),
    ("Café", "CAFE\u0301"),
    ("ﬁne", "FINE"),
    ("Ǆ", "ǆ"),
    ("\u212b", "å"),  # the Ångström sign
)
OTHER = (
    ("Istanbul", "İstanbul"),
    ("i", "ı"),  # noqa: RUF001 - the one without a dot
    ("a", "á"),
    ("ガ", "カ"),
    ("a b", "a  b"),
    ("В", "B"),  # noqa: RUF001 - Cyrillic and Latin
    ("²", "2"),
)


async def create(client: Client, name: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, {"name": name, **fields})
    assert answer.status_code == 201, answer.text
    category: dict[str, Any] = answer.json()
    return category


async def list_names(client: Client) -> list[str]:
    return [item["name"] for item in (await client.get(PATH)).json()["items"]]


async def count_tasks(client: Client) -> dict[str, int]:
    return {item["name"]: item["task_count"] for item in (await client.get(PATH)).json()["items"]}


async def test_category_is_returned_as_created(owner: Client) -> None:
    answer = await owner.post(PATH, {"name": " Home 🏡 ", "color": "#aAbB09"})
    category = answer.json()
    assert answer.headers["location"] == f"{PATH}/{category['id']}"
    expected = {
        "name": "Home 🏡",
        "color": "#aAbB09",
        "position": 1,
        "archived": False,
    }
    assert {name: category[name] for name in expected} == expected
    assert (await owner.get(f"{PATH}/{category['id']}")).json() == category
    second = await create(owner, "Work", position=0, archived=True)
    assert (second["color"], second["position"], second["archived"]) == (None, 0, True)
    counts = {"task_count": 0, "open_task_count": 0}
    listed = (await owner.get(PATH)).json()["items"]
    assert listed == [{**second, **counts}, {**category, **counts}]


async def test_patch_changes_only_given_fields(owner: Client) -> None:
    before = await create(owner, "Home", color="#aabbcc")
    path = f"{PATH}/{before['id']}"
    for body in ({"archived": True}, {"position": 7}, {"color": None}, {"name": "HOME"}):
        after = (await owner.patch(path, body)).json()
        assert after["revision"] == before["revision"] + 1
        changed = {**body, "revision": after["revision"], "updated_at": after["updated_at"]}
        assert after == {**before, **changed}
        before = after
        assert (await owner.patch(path, body)).json() == before
    assert (await owner.get(path)).json() == before


async def test_invalid_fields_are_rejected(owner: Client) -> None:
    category = await create(owner, "Home")
    for body, pointer in (
        ({"name": ""}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "x", "color": "red"}, "/color"),
        ({"name": "x", "color": "#12345"}, "/color"),
        ({"name": "x", "color": "#123456\n"}, "/color"),
        ({"name": "x", "position": -1}, "/position"),
        ({"name": "x", "position": 2**31}, "/position"),
        ({"name": "x", "archived": "no"}, "/archived"),
        ({"name": "x", "icon": "house"}, "/icon"),
    ):
        check_problem(await owner.post(PATH, body), 422, "validation_failed", pointer)
        patched = await owner.patch(f"{PATH}/{category['id']}", body)
        check_problem(patched, 422, "validation_failed", pointer)
    check_problem(await owner.post(PATH, {}), 422, "validation_failed", "/name")


async def test_unknown_category_is_not_found(owner: Client) -> None:
    category = await create(owner, "Home")
    near = UUID(int=UUID(category["id"]).int ^ 1)
    for path in (f"{PATH}/{make_id()}", f"{PATH}/{near}"):
        check_problem(await owner.get(path), 404, "not_found")
    check_problem(await owner.get(f"{PATH}/home"), 422, "validation_failed", "path/category_id")


async def test_names_are_unique_ignoring_case(client: Client) -> None:
    for number, (first, second) in enumerate(SAME):
        user = await client.register(f"same{number}@example.com")
        category = await create(user, first)
        check_problem(await user.post(PATH, {"name": second}), 409, "name_taken")
        task = await user.create_task(category=second)
        assert task["category"] == {"id": category["id"], "name": first}
        other = await create(user, "Another")
        taken = await user.patch(f"{PATH}/{other['id']}", {"name": second})
        check_problem(taken, 409, "name_taken")
        renamed = await user.patch(f"{PATH}/{category['id']}", {"name": second})
        assert renamed.json()["name"] == second
        assert (await user.get("/api/v1/tasks/1")).json()["category"]["name"] == second
    user = await client.register("other@example.com")
    for first, second in OTHER:
        await user.create_task(category=first)
        await user.create_task(category=second)
    distinct = {name for pair in OTHER for name in pair}
    assert sorted(await list_names(user)) == sorted(distinct)


async def test_tasks_are_counted(owner: Client) -> None:
    for status in ("todo", "in_progress", "done", "cancelled"):
        await owner.create_task(category="Home", status=status)
    await owner.create_task(category="Home")
    await owner.delete("/api/v1/tasks/5")
    (home,) = (await owner.get(PATH)).json()["items"]
    assert (home["task_count"], home["open_task_count"]) == (4, 2)
    renamed = (await owner.patch(f"{PATH}/{home['id']}", {"name": "At home"})).json()
    # A single category has no counts: they change without a change of the category.
    assert "task_count" not in renamed
    assert (await owner.get(f"{PATH}/{home['id']}")).json() == renamed
    (home,) = (await owner.get(PATH)).json()["items"]
    assert (home["task_count"], home["open_task_count"]) == (4, 2)


async def test_new_category_comes_last(owner: Client) -> None:
    for name in ("First", "Second"):
        await create(owner, name)
    await create(owner, "Early", position=0)
    await owner.create_task(category="Third")
    await create(owner, "Also second", position=2)
    assert await list_names(owner) == ["Early", "First", "Second", "Also second", "Third"]


async def test_deletion_moves_tasks_to_the_given_category(owner: Client) -> None:
    for _ in range(3):
        await owner.create_task(category="Old")
    await owner.delete("/api/v1/tasks/2")
    old = (await owner.get("/api/v1/tasks/1")).json()["category"]
    new = await create(owner, "New")
    path = f"{PATH}/{old['id']}"
    assert (await owner.delete(f"{path}?move_to={new['id'].upper()}")).status_code == 204
    check_problem(await owner.get(path), 404, "not_found")
    assert await list_names(owner) == ["New"]
    for number in (1, 2, 3):
        task = (await owner.get(f"/api/v1/tasks/{number}")).json()
        assert task["category"] == {"id": new["id"], "name": "New"}
    assert await count_tasks(owner) == {"New": 2}
    again = await owner.delete(f"{PATH}/{new['id']}?move_to={old['id']}")
    check_problem(again, 422, "validation_failed", "query/move_to")


async def test_tasks_cannot_be_moved_to_an_invalid_category(owner: Client) -> None:
    category = await create(owner, "Old")
    path = f"{PATH}/{category['id']}"
    for target in (category["id"], make_id(), "nonsense"):
        refused = await owner.delete(f"{path}?move_to={target}")
        check_problem(refused, 422, "validation_failed", "query/move_to")
    assert (await owner.get(path)).json() == category


async def test_trashed_category_returns_with_a_restored_task(owner: Client) -> None:
    root = await owner.create_task(category="Home")
    await owner.create_task(parent=root["id"], category="Work")
    await owner.create_task(category="Home")
    await owner.create_task(category="Work")
    home = root["category"]["id"]
    assert (await owner.delete(f"{PATH}/{home}")).status_code == 204
    assert await list_names(owner) == ["Work"]
    left = [task["number"] for task in (await owner.get("/api/v1/tasks")).json()["items"]]
    assert left == [4]
    restored = (await owner.post("/api/v1/tasks/1/restore")).json()
    assert restored["category"] == {"id": home, "name": "Home"}
    left = [task["number"] for task in (await owner.get("/api/v1/tasks")).json()["items"]]
    assert left == [4, 2, 1]
    assert (await owner.get(f"{PATH}/{home}")).json()["name"] == "Home"
    assert (await count_tasks(owner))["Home"] == 1
    await owner.post("/api/v1/tasks/3/restore")
    assert (await count_tasks(owner))["Home"] == 2


async def test_name_of_a_deleted_category_can_be_reused(owner: Client) -> None:
    task = await owner.create_task(category="Home")
    await owner.delete(f"{PATH}/{task['category']['id']}")
    new = await create(owner, "HOME")
    assert new["id"] != task["category"]["id"]
    # The name of its category is taken, so the restored task is filed under the new category.
    restored = (await owner.post("/api/v1/tasks/1/restore")).json()
    assert restored["category"] == {"id": new["id"], "name": "HOME"}


async def test_categories_of_another_workspace_are_not_found(client: Client) -> None:
    ann, bob = [await client.register(f"{name}@example.com") for name in ("ann", "bob")]
    theirs, mine = await create(bob, "Same"), await create(ann, "Same")
    path = f"{PATH}/{theirs['id']}"
    for answer in (
        await ann.get(path),
        await ann.patch(path, {"name": "x"}),
        await ann.delete(path),
    ):
        check_problem(answer, 404, "not_found")
    moved = await ann.delete(f"{PATH}/{mine['id']}?move_to={theirs['id']}")
    check_problem(moved, 422, "validation_failed", "query/move_to")
    assert (await bob.get(path)).json() == theirs
