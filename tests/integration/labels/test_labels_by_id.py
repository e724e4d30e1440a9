"""Categories and tags of tasks by id, and the fields ``add_tags`` and ``remove_tags``."""

from typing import Any

import pytest

from taskstead.db.database import Database
from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.http.requests.world import make_token
from tests.integration.jobs.waiting import wait_for_job
from tests.integration.log.replica import Replica, check_change_log

TASKS = "/api/v1/tasks"
CATEGORIES, TAGS = "/api/v1/categories", "/api/v1/tags"
Labels = dict[str, str]


@pytest.fixture
async def labels(owner: Client) -> Labels:
    """A category and two tags: their ids by name."""
    made = {
        "Garden": await owner.post(CATEGORIES, {"name": "Garden"}),
        "red": await owner.post(TAGS, {"name": "red"}),
        "blue": await owner.post(TAGS, {"name": "blue"}),
    }
    return {name: answer.json()["id"] for name, answer in made.items()}


async def list_names(client: Client, path: str) -> list[str]:
    return [item["name"] for item in (await client.get(path)).json()["items"]]


def check_pointers(answer: Any, *pointers: str) -> None:
    problem = check_problem(answer, 422, "validation_failed")
    assert [wrong["pointer"] for wrong in problem["errors"]] == list(pointers), problem


async def test_labels_of_a_task_are_written_by_id(
    owner: Client, labels: Labels, database: Database
) -> None:
    garden, red, blue = labels["Garden"], labels["red"], labels["blue"]
    task = await owner.create_task(category_id=garden, tag_ids=[red])
    assert task["category"] == {"id": garden, "name": "Garden"}
    assert (task["category_id"], task["tags"], task["tag_ids"]) == (garden, ["red"], [red])
    assert (await owner.get(f"{TASKS}/1")).json() | {"x": 0} == task | {"x": 0}
    path = f"{TASKS}/{task['id']}"
    both = sorted((red, blue))
    changed = (await owner.patch(path, {"category_id": None, "tag_ids": [blue, red]})).json()
    assert (changed["category"], changed["category_id"]) == (None, None)
    assert (changed["tags"], changed["tag_ids"]) == (["blue", "red"], both)
    put = (await owner.put(path, {"title": "New", "category_id": garden, "tag_ids": [blue]})).json()
    assert (put["category_id"], put["tags"]) == (garden, ["blue"])
    emptied = (await owner.put(path, {"title": "New"})).json()
    assert (emptied["category_id"], emptied["tags"], emptied["tag_ids"]) == (None, [], [])
    listed = (await owner.get(f"{TASKS}?fields=category_id,tag_ids")).json()["items"]
    assert listed == [{"category_id": None, "tag_ids": []}]
    await check_change_log(
        database, Replica((await owner.get("/auth/me")).json()["personal_workspace_id"])
    )


async def test_bulk_errors_point_to_unknown_ids(owner: Client, labels: Labels) -> None:
    unknown = make_id()
    operations = [
        {"op": "create", "task": {"title": "One", "category_id": labels["Garden"]}},
        {"op": "create", "task": {"title": "Two", "tag_ids": [labels["red"], unknown]}},
        {"op": "create", "task": {"title": "Three", "category": unknown, "tags": ["new"]}},
        {"op": "update", "id": 1, "task": {"category_id": unknown}},
    ]
    answer = await owner.post(f"{TASKS}/bulk", {"operations": operations, "atomic": False})
    results = answer.json()["results"]
    assert [result["status"] for result in results] == [201, 422, 422, 422]
    pointers = [result["problem"]["errors"][0]["pointer"] for result in results[1:]]
    assert pointers == [
        "/operations/1/task/tag_ids/1",
        "/operations/2/task/category",
        "/operations/3/task/category_id",
    ]
    assert results[0]["task"]["category_id"] == labels["Garden"]
    # The rejected operations created no labels.
    assert await list_names(owner, TAGS) == ["blue", "red"]


async def test_renamed_labels_are_found_by_id(owner: Client, labels: Labels) -> None:
    await owner.patch(f"{CATEGORIES}/{labels['Garden']}", {"name": "Yard"})
    await owner.patch(f"{TAGS}/{labels['red']}", {"name": "crimson"})
    task = await owner.create_task(category_id=labels["Garden"], tag_ids=[labels["red"]])
    assert (task["category"]["name"], task["tags"]) == ("Yard", ["crimson"])
    assert await list_names(owner, CATEGORIES) == ["Yard"]
    assert await list_names(owner, TAGS) == ["blue", "crimson"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"category_id": "{unknown}"}, "/category_id"),
        ({"category_id": "{red}"}, "/category_id"),
        ({"category_id": "{trashed}"}, "/category_id"),
        ({"tag_ids": ["{red}", "{unknown}"]}, "/tag_ids/1"),
        ({"tag_ids": ["{Garden}"]}, "/tag_ids/0"),
        ({"category": "Other", "category_id": "{Garden}"}, "/category_id"),
        ({"tags": ["red"], "tag_ids": ["{blue}"]}, "/tag_ids"),
        ({"tags": ["red", "new"], "tag_ids": ["{red}"]}, "/tag_ids"),
        ({"category": "{Garden}"}, "/category"),
        ({"category": "{UNKNOWN}"}, "/category"),
        ({"tags": ["red", "{unknown}"]}, "/tags/1"),
    ],
)
async def test_invalid_label_references_change_nothing(
    owner: Client, labels: Labels, body: dict[str, Any], pointer: str
) -> None:
    trashed = (await owner.post(CATEGORIES, {"name": "Gone"})).json()["id"]
    await owner.delete(f"{CATEGORIES}/{trashed}")
    unknown = make_id()
    values = {**labels, "trashed": trashed, "unknown": unknown, "UNKNOWN": unknown.upper()}

    def fill(value: Any) -> Any:
        return [fill(each) for each in value] if isinstance(value, list) else value.format(**values)

    filled = {name: fill(value) for name, value in body.items()}
    task = await owner.create_task()
    path = f"{TASKS}/{task['id']}"
    check_pointers(await owner.post(TASKS, {"title": "x", **filled}), pointer)
    check_pointers(await owner.patch(path, filled), pointer)
    check_pointers(await owner.put(path, {"title": "x", **filled}), pointer)
    check_pointers(await owner.put(f"{TASKS}/{make_id()}", {"title": "x", **filled}), pointer)
    assert (await owner.get(path)).json()["revision"] == task["revision"]
    assert await list_names(owner, CATEGORIES) == ["Garden"]
    assert await list_names(owner, TAGS) == ["blue", "red"]


async def test_name_and_id_that_agree_are_accepted(owner: Client, labels: Labels) -> None:
    fields = {
        "category": "GARDEN",
        "category_id": labels["Garden"],
        "tags": ["Red", "blue"],
        "tag_ids": [labels["blue"], labels["red"].upper()],
    }
    task = await owner.create_task(**fields)
    assert (task["category"]["name"], task["tags"]) == ("Garden", ["blue", "red"])
    assert (await owner.patch(f"{TASKS}/1", fields)).json()["revision"] == task["revision"]


async def test_new_task_may_have_a_null_name_and_an_id(owner: Client, labels: Labels) -> None:
    """Clients that send every field use null for absent values."""
    task = await owner.create_task(category=None, category_id=labels["Garden"], tags=[])
    assert task["category_id"] == labels["Garden"]


async def test_update_with_an_empty_name_and_an_id_is_rejected(
    owner: Client, labels: Labels
) -> None:
    await owner.create_task()
    for body in (
        {"category": None, "category_id": labels["Garden"]},
        {"tags": [], "tag_ids": [labels["red"]]},
    ):
        check_pointers(await owner.patch(f"{TASKS}/1", body), "")


async def test_uuid_is_rejected_as_a_label_name(owner: Client, labels: Labels) -> None:
    id_ = make_id()
    for path, label in ((CATEGORIES, labels["Garden"]), (TAGS, labels["red"])):
        check_pointers(await owner.post(path, {"name": id_}), "/name")
        check_pointers(await owner.patch(f"{path}/{label}", {"name": id_.upper()}), "/name")
    # Thirty-two hexadecimal digits may be a hash, which is a valid name.
    assert (await owner.post(TAGS, {"name": id_.replace("-", "")})).status_code == 201


async def test_ids_of_another_workspace_are_unknown(owner: Client, labels: Labels) -> None:
    stranger = await owner.register("stranger@example.com")
    body = {"title": "x", "category_id": labels["Garden"], "tag_ids": [labels["red"]]}
    check_pointers(await stranger.post(TASKS, body), "/category_id", "/tag_ids/0")


async def test_added_tags_do_not_affect_other_tags(
    owner: Client, labels: Labels, database: Database
) -> None:
    red, blue = labels["red"], labels["blue"]
    task = await owner.create_task(tags=["red", "old"])
    path = f"{TASKS}/{task['id']}"
    first = (await owner.patch(path, {"add_tags": ["BLUE", "new"], "remove_tags": ["Old"]})).json()
    assert first["tags"] == ["blue", "new", "red"]
    second = (await owner.patch(path, {"add_tag_ids": [blue], "remove_tag_ids": [red]})).json()
    assert second["tags"] == ["blue", "new"]
    nothing: list[dict[str, list[str]]] = [
        {"add_tags": ["blue"]},
        {"remove_tags": ["red", "never seen"]},
        {"remove_tag_ids": [red, make_id()]},
        {"add_tags": [], "remove_tags": []},
    ]
    for body in nothing:
        answer = await owner.patch(path, body)
        assert (answer.json(), "taskstead-batch" in answer.headers) == (second, False)
    assert "never seen" not in await list_names(owner, TAGS)
    history = (await owner.get(f"{path}/history?limit=1")).json()["items"][0]
    assert [field["field"] for field in history["fields"]] == ["tag_ids"]
    undone = await owner.post(f"/api/v1/changes/{history['revision']}/undo")
    assert undone.status_code == 200
    assert (await owner.get(path)).json()["tags"] == ["blue", "new", "red"]
    await check_change_log(
        database, Replica((await owner.get("/auth/me")).json()["personal_workspace_id"])
    )


async def test_two_clients_that_add_tags_lose_none(owner: Client) -> None:
    task = await owner.create_task(tags=["a"])
    path = f"{TASKS}/{task['id']}"
    etag = {"If-Match": f'"{task["revision"]}"'}
    assert (await owner.patch(path, {"add_tags": ["b"]}, headers=etag)).status_code == 200
    check_problem(
        await owner.patch(path, {"add_tags": ["c"]}, headers=etag), 412, "revision_mismatch"
    )
    operations = [
        {"op": "update", "id": task["id"], "task": {"add_tags": [name]}} for name in ("c", "d")
    ]
    answer = await owner.post(f"{TASKS}/bulk", {"operations": operations})
    assert answer.json()["results"][-1]["task"]["tags"] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"tags": ["a"], "add_tags": ["b"]}, ""),
        ({"tag_ids": [], "remove_tags": ["b"]}, ""),
        ({"add_tags": ["Red"], "remove_tags": ["red"]}, "/remove_tags"),
        ({"add_tags": ["red"], "remove_tag_ids": ["{red}"]}, "/remove_tags"),
        ({"add_tags": ["new"], "remove_tags": ["NEW"]}, "/remove_tags"),
        ({"add_tag_ids": ["{unknown}"]}, "/add_tag_ids/0"),
        ({"add_tags": ["{unknown}"]}, "/add_tags/0"),
        ({"remove_tags": ["{red}"]}, "/remove_tags/0"),
        ({"add_tags": [f"t{number}" for number in range(100)]}, "/add_tags"),
    ],
)
async def test_invalid_tag_changes_are_rejected(
    owner: Client, labels: Labels, body: dict[str, list[str]], pointer: str
) -> None:
    await owner.create_task(tags=["red"])
    values = {**labels, "unknown": make_id()}
    filled = {name: [each.format(**values) for each in value] for name, value in body.items()}
    check_pointers(await owner.patch(f"{TASKS}/1", filled), pointer)
    assert await list_names(owner, TAGS) == ["blue", "red"]


async def test_add_tags_is_rejected_for_new_tasks(owner: Client) -> None:
    check_pointers(await owner.post(TASKS, {"title": "x", "add_tags": ["a"]}), "/add_tags")
    path = f"{TASKS}/{make_id()}"
    check_pointers(await owner.put(path, {"title": "x", "remove_tags": ["a"]}), "/remove_tags")


async def test_bulk_process_accepts_ids(owner: Client, labels: Labels) -> None:
    await owner.create_task(tags=["red"])

    async def process(**action: Any) -> dict[str, Any]:
        body = {"filter": {}, **action}
        job = await wait_for_job(owner, await owner.post(f"{TASKS}/bulk-process", body))
        assert (job["state"], job["failed"], job["result"]) == ("done", 0, {"changed": 1})
        task: dict[str, Any] = (await owner.get(f"{TASKS}/1")).json()
        return task

    assert (await process(action="move", category_id=labels["Garden"]))["category_id"]
    assert (await process(action="move", category_id=None))["category_id"] is None
    assert (await process(action="add_tag", tag_id=labels["blue"]))["tags"] == ["blue", "red"]
    assert (await process(action="remove_tag", tag_id=labels["red"]))["tags"] == ["blue"]


@pytest.mark.parametrize(
    ("action", "pointer"),
    [
        ({"action": "move"}, ""),
        ({"action": "move", "category": "A", "category_id": None}, ""),
        ({"action": "move", "category_id": "{unknown}"}, "/category_id"),
        ({"action": "move", "category": "{unknown}"}, "/category"),
        ({"action": "add_tag"}, ""),
        ({"action": "add_tag", "tag": None}, ""),
        ({"action": "add_tag", "tag_id": "{unknown}"}, "/tag_id"),
        ({"action": "add_tag", "tag": "{unknown}"}, "/tag"),
        ({"action": "remove_tag", "tag": "{unknown}"}, "/tag"),
    ],
)
async def test_bulk_process_rejects_unknown_ids(
    owner: Client, action: dict[str, Any], pointer: str
) -> None:
    unknown = make_id()
    filled = {name: value and value.format(unknown=unknown) for name, value in action.items()}
    answer = await owner.post(f"{TASKS}/bulk-process", {"filter": {}, **filled})
    check_pointers(answer, pointer)
    assert (await owner.get("/api/v1/jobs")).json()["items"] == []


async def test_legacy_api_rejects_a_uuid_as_a_new_name(owner: Client) -> None:
    id_ = make_id()
    refused = await owner.post("/todos/", {"title": "x", "category": id_})
    assert refused.status_code == 422
    assert id_ in refused.json()["error"]["message"]


async def test_import_rejects_a_uuid_as_a_new_name(owner: Client) -> None:
    id_ = make_id()
    line = f'{{"title": "x", "tags": ["{id_}"]}}\n'
    answer = await owner.post(f"{TASKS}/import?format=jsonl", content=line)
    job = await wait_for_job(owner, answer)
    assert (job["failed"], job["errors"][0]["pointer"]) == (1, "/tags/0")
    assert await list_names(owner, TAGS) == []


async def test_labels_of_tasks_need_only_the_tasks_write_scope(
    owner: Client, labels: Labels
) -> None:
    program = await make_token(owner, scopes=["tasks:write"])
    task = await program.create_task(category_id=labels["Garden"])
    answer = await program.patch(f"{TASKS}/{task['id']}", {"add_tags": ["new"]})
    assert answer.json()["tags"] == ["new"]


@pytest.mark.parametrize("path", [CATEGORIES, TAGS])
async def test_client_can_choose_the_id_of_a_label(owner: Client, path: str) -> None:
    id_ = make_id()
    made = await owner.post(path, {"id": id_, "name": "Garden"})
    assert (made.status_code, made.json()["id"]) == (201, id_)
    assert (await owner.get(f"{path}/{id_}")).json()["name"] == "Garden"


@pytest.mark.parametrize("path", [CATEGORIES, TAGS])
@pytest.mark.parametrize("name", ["Garden", "Other"])
async def test_repeated_id_of_a_label_is_taken(owner: Client, path: str, name: str) -> None:
    id_ = make_id()
    await owner.post(path, {"id": id_, "name": "Garden"})
    problem = check_problem(await owner.post(path, {"id": id_, "name": name}), 409, "name_taken")
    assert [wrong["pointer"] for wrong in problem["errors"]] == ["/id"]


@pytest.mark.parametrize("path", [CATEGORIES, TAGS])
async def test_id_of_a_trashed_label_is_taken(owner: Client, path: str) -> None:
    id_ = make_id()
    await owner.post(path, {"id": id_, "name": "Garden"})
    await owner.delete(f"{path}/{id_}")
    check_problem(await owner.post(path, {"id": id_, "name": "Garden"}), 409, "name_taken")


@pytest.mark.parametrize("path", [CATEGORIES, TAGS])
async def test_id_of_a_label_must_be_a_uuid(owner: Client, path: str) -> None:
    check_pointers(await owner.post(path, {"id": "x", "name": "Garden"}), "/id")
