"""Tags: create, rename, merge, delete, and their effect on tasks."""

from typing import Any

import pytest

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem

pytestmark = pytest.mark.balanced

PATH = "/api/v1/tags"


async def create(client: Client, name: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, {"name": name, **fields})
    assert answer.status_code == 201, answer.text
    tag: dict[str, Any] = answer.json()
    return tag


async def list_tags_of_tasks(client: Client, count: int) -> list[list[str]]:
    tasks = [(await client.get(f"/api/v1/tasks/{number + 1}")).json() for number in range(count)]
    return [task["tags"] for task in tasks]


async def test_tag_is_returned_as_created(owner: Client) -> None:
    answer = await owner.post(PATH, {"name": " urgent ", "color": "#ff0000"})
    tag = answer.json()
    assert answer.headers["location"] == f"{PATH}/{tag['id']}"
    assert (tag["name"], tag["color"]) == ("urgent", "#ff0000")
    assert (await owner.get(f"{PATH}/{tag['id']}")).json() == tag


async def test_tags_are_listed_alphabetically(owner: Client) -> None:
    for name in ("urgent", "Zebra", "apple", "Banana", "äpfel", "1"):
        await create(owner, name)
    names = [item["name"] for item in (await owner.get(PATH)).json()["items"]]
    assert names == ["1", "äpfel", "apple", "Banana", "urgent", "Zebra"]


async def test_invalid_fields_are_rejected(owner: Client) -> None:
    tag = await create(owner, "Straße")
    for body, pointer in (
        ({"name": ""}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "x", "color": "blue"}, "/color"),
        ({"name": "x", "position": 1}, "/position"),
    ):
        check_problem(await owner.post(PATH, body), 422, "validation_failed", pointer)
        patched = await owner.patch(f"{PATH}/{tag['id']}", body)
        check_problem(patched, 422, "validation_failed", pointer)


async def test_taken_name_is_rejected_in_any_spelling(owner: Client) -> None:
    await create(owner, "Straße")
    other = await create(owner, "other")
    check_problem(await owner.post(PATH, {"name": "STRASSE"}), 409, "name_taken")
    taken = await owner.patch(f"{PATH}/{other['id']}", {"name": "strasse"})
    check_problem(taken, 409, "name_taken")


async def test_unknown_tag_is_not_found(owner: Client) -> None:
    check_problem(await owner.get(f"{PATH}/{make_id()}"), 404, "not_found")
    check_problem(await owner.get(f"{PATH}/x"), 422, "validation_failed", "path/tag_id")


async def test_new_name_appears_on_all_tasks(owner: Client) -> None:
    await owner.create_task(tags=["Draft", "x"])
    await owner.create_task(tags=["draft"])
    tag = (await owner.get(PATH)).json()["items"][0]
    renamed = (await owner.patch(f"{PATH}/{tag['id']}", {"name": "Zeta"})).json()
    assert renamed["name"] == "Zeta"
    assert await list_tags_of_tasks(owner, 2) == [["x", "Zeta"], ["Zeta"]]
    again = (await owner.patch(f"{PATH}/{tag['id']}", {"name": "Zeta"})).json()
    assert again == renamed
    assert (await owner.create_task(tags=["ZETA"]))["tags"] == ["Zeta"]


async def test_tasks_are_counted(owner: Client) -> None:
    for status in ("todo", "in_progress", "done", "cancelled"):
        await owner.create_task(tags=["a", "b"], status=status)
    await owner.create_task(tags=["a"])
    await owner.delete("/api/v1/tasks/5")
    counts = [
        (tag["name"], tag["task_count"], tag["open_task_count"])
        for tag in (await owner.get(PATH)).json()["items"]
    ]
    assert counts == [("a", 4, 2), ("b", 4, 2)]


async def test_merge_puts_the_other_tag_on_all_tasks(owner: Client) -> None:
    await owner.create_task(tags=["old", "x"])
    await owner.create_task(tags=["old", "new"])
    await owner.create_task(tags=["new"])
    await owner.create_task(tags=["old"])
    await owner.delete("/api/v1/tasks/4")
    before = (await owner.get("/api/v1/tasks/3")).json()
    ids = {tag["name"]: tag["id"] for tag in (await owner.get(PATH)).json()["items"]}
    merged = await owner.post(f"{PATH}/{ids['old']}/merge", {"into": ids["new"].upper()})
    assert merged.status_code == 200
    assert merged.json()["id"] == ids["new"]
    counts = {tag["name"]: tag["task_count"] for tag in (await owner.get(PATH)).json()["items"]}
    assert counts == {"new": 3, "x": 1}
    # Tasks in the trash are restored with the remaining tag.
    assert await list_tags_of_tasks(owner, 4) == [["new", "x"], ["new"], ["new"], ["new"]]
    assert (await owner.get("/api/v1/tasks/3")).json() == before
    check_problem(await owner.get(f"{PATH}/{ids['old']}"), 404, "not_found")
    into_merged = await owner.post(f"{PATH}/{ids['new']}/merge", {"into": ids["old"]})
    check_problem(into_merged, 404, "not_found")
    assert (await create(owner, "OLD"))["id"] not in ids.values()


async def test_invalid_merge_is_rejected(owner: Client) -> None:
    tag = await create(owner, "a")
    path = f"{PATH}/{tag['id']}/merge"
    for into, status in ((tag["id"], 422), (make_id(), 404)):
        answer = await owner.post(path, {"into": into})
        assert answer.status_code == status, answer.text
    check_problem(await owner.post(path, {}), 422, "validation_failed", "/into")


async def test_deletion_removes_a_tag_from_all_tasks(owner: Client) -> None:
    await owner.create_task(tags=["gone", "kept"])
    trashed = await owner.create_task(tags=["gone"])
    await owner.delete("/api/v1/tasks/2")
    tag = (await owner.get(PATH)).json()["items"][0]
    assert (await owner.delete(f"{PATH}/{tag['id']}")).status_code == 204
    for method in ("GET", "DELETE"):
        check_problem(await owner.request(method, f"{PATH}/{tag['id']}"), 404, "not_found")
    await owner.post("/api/v1/tasks/2/restore")
    assert await list_tags_of_tasks(owner, 2) == [["kept"], []]
    after = (await owner.get(f"/api/v1/tasks/{trashed['id']}")).json()
    assert after["revision"] > trashed["revision"]
    assert (await create(owner, "gone"))["id"] != tag["id"]


async def test_tags_of_another_workspace_are_not_found(client: Client) -> None:
    ann, bob = [await client.register(f"{name}@example.com") for name in ("ann", "bob")]
    theirs, mine = await create(bob, "same"), await create(ann, "same")
    path = f"{PATH}/{theirs['id']}"
    for answer in (
        await ann.get(path),
        await ann.patch(path, {"name": "x"}),
        await ann.delete(path),
        await ann.post(f"{path}/merge", {"into": mine["id"]}),
        await ann.post(f"{PATH}/{mine['id']}/merge", {"into": theirs["id"]}),
    ):
        check_problem(answer, 404, "not_found")
    assert (await bob.get(path)).json() == theirs
