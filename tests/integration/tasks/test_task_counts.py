"""A single task: counts of its sub-tasks, and selection of fields."""

from tests.harness.client import Client
from tests.harness.problems import check_problem

TASK = "/api/v1/tasks/1"


async def test_task_has_the_sub_task_counts_of_the_list(owner: Client) -> None:
    created = await owner.create_task(title="Parent", description="Text")
    assert (created["subtask_count"], created["open_subtask_count"]) == (0, 0)
    for status in ("todo", "in_progress", "done", "todo"):
        await owner.create_task(parent=1, status=status)
    await owner.delete("/api/v1/tasks/5")
    listed = (await owner.get("/api/v1/tasks?sort=number&limit=1")).json()["items"][0]
    task = (await owner.get(TASK)).json()
    assert (task["subtask_count"], task["open_subtask_count"]) == (3, 2)
    assert task == listed | {"description": "Text"}
    for answer in (
        await owner.patch(TASK, {"priority": 1}),
        await owner.post(f"{TASK}/move", {"to": "end"}),
        await owner.post(f"{TASK}/restore"),
    ):
        assert (answer.json()["subtask_count"], answer.json()["open_subtask_count"]) == (3, 2)


async def test_etag_follows_the_counts(owner: Client) -> None:
    task = await owner.create_task()
    revision = task["revision"]
    tags = [(await owner.get(TASK)).headers["etag"]]
    assert tags == [f'"{revision}"']
    # Each of these changes the counts and not the task itself.
    for method, path, body in (
        ("POST", "/api/v1/tasks", {"title": "x", "parent": 1}),
        ("POST", "/api/v1/tasks", {"title": "x", "parent": 1}),
        ("PATCH", "/api/v1/tasks/3", {"completed": True}),
        ("PATCH", "/api/v1/tasks/2", {"parent": None}),
    ):
        assert (await owner.request(method, path, json=body)).is_success
        answer = await owner.get(TASK, headers={"If-None-Match": tags[-1]})
        assert answer.status_code == 200, "not 304, because the counts differ"
        tags.append(answer.headers["etag"])
        assert (await owner.get(TASK, headers={"If-None-Match": tags[-1]})).status_code == 304
    assert tags[1:] == [f'"{revision}.{counts}"' for counts in ("1.1", "2.2", "2.1", "1.0")]
    assert len(set(tags)) == len(tags)
    # A write depends on the task only, so all of these ETags are accepted.
    for tag in tags:
        answer = await owner.patch(TASK, {"title": "A task"}, headers={"If-Match": tag})
        assert (answer.status_code, answer.headers["etag"]) == (200, tags[-1])
    await owner.patch(TASK, {"title": "Other"})
    stale = await owner.patch(TASK, {"title": "x"}, headers={"If-Match": tags[-1]})
    check_problem(stale, 412, "revision_mismatch")
    assert stale.headers["etag"] == (await owner.get(TASK)).headers["etag"]


async def test_single_task_accepts_fields(owner: Client) -> None:
    await owner.create_task(title="x", description="*y*")
    assert (await owner.get(f"{TASK}?fields=number,title")).json() == {"number": 1, "title": "x"}
    counts = (await owner.get(f"{TASK}?fields=subtask_count,description")).json()
    assert counts == {"subtask_count": 0, "description": "*y*"}
    assert list((await owner.get(f"{TASK}?fields=summary")).json())[:2] == ["id", "number"]
    whole = (await owner.get(f"{TASK}?fields=all")).json()
    assert whole == (await owner.get(TASK)).json()
    html = (await owner.get(f"{TASK}?fields=title,description&render=html")).json()
    assert html["description_html"] == "<p><em>y</em></p>\n"
    assert "description_html" not in (await owner.get(f"{TASK}?fields=title&render=html")).json()


async def test_single_task_rejects_invalid_fields(owner: Client) -> None:
    await owner.create_task()
    for query in ("fields=titel", "fields=", "fields=title&fields=number"):
        check_problem(await owner.get(f"{TASK}?{query}"), 422, "validation_failed")
