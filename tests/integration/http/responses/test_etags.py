"""ETags and preconditions: 304 for unchanged objects, 412 for changed ones."""

from typing import Any

import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings

pytestmark = pytest.mark.balanced

LISTS = ("/api/v1/tasks", "/api/v1/categories", "/api/v1/tags", "/api/v1/trash")


@pytest.fixture
def clock() -> ManualClock:
    """Stands still, because cached responses depend on the current minute."""
    return ManualClock()


def if_match(etag: str) -> dict[str, str]:
    return {"If-Match": etag}


async def create_objects(owner: Client) -> dict[str, str]:
    """Create one object of each kind. Return their paths by kind."""
    task = await owner.create_task(category="Home", tags=["a"])
    (tag,) = (await owner.get("/api/v1/tags")).json()["items"]
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Team"})).json()
    return {
        "task": f"/api/v1/tasks/{task['id']}",
        "category": f"/api/v1/categories/{task['category']['id']}",
        "tag": f"/api/v1/tags/{tag['id']}",
        "workspace": f"/api/v1/workspaces/{workspace['id']}",
    }


CHANGES: dict[str, dict[str, Any]] = {
    "task": {"title": "Another"},
    "category": {"name": "Another"},
    "tag": {"name": "Another"},
    "workspace": {"name": "Another"},
}


async def test_unchanged_object_returns_304(owner: Client) -> None:
    for kind, path in (await create_objects(owner)).items():
        first = await owner.get(path)
        etag = first.headers["etag"]
        assert etag == f'"{first.json()["revision"]}"'
        assert first.headers["cache-control"] == "private, no-cache"
        assert "Authorization" in first.headers["vary"]
        for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
            again = await owner.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b""), known
            assert again.headers["etag"] == etag
        changed = await owner.patch(path, CHANGES[kind])
        assert changed.headers["etag"] == f'"{changed.json()["revision"]}"' != etag
        now = await owner.get(path, headers={"If-None-Match": etag})
        assert (now.status_code, now.json()) == (200, changed.json())
        assert now.headers["etag"] == changed.headers["etag"]


async def test_patch_with_stale_etag_returns_412(owner: Client) -> None:
    for kind, path in (await create_objects(owner)).items():
        old = (await owner.get(path)).headers["etag"]
        changed = await owner.patch(path, CHANGES[kind], headers=if_match(old))
        assert changed.status_code == 200, changed.text
        late = await owner.patch(path, {**CHANGES[kind]}, headers=if_match(old))
        check_problem(late, 412, "revision_mismatch")
        assert late.headers["etag"] == changed.headers["etag"]
        weak = await owner.patch(path, CHANGES[kind], headers=if_match(f"W/{late.headers['etag']}"))
        check_problem(weak, 412, "revision_mismatch")
        assert (await owner.get(path)).json() == changed.json()
        for known in ("*", f'"1", {changed.headers["etag"]}'):
            assert (await owner.patch(path, CHANGES[kind], headers=if_match(known))).is_success
        if kind != "workspace":
            check_problem(await owner.delete(path, headers=if_match(old)), 412, "revision_mismatch")
            assert (await owner.get(path)).json().get("deleted_at") is None
            gone = await owner.delete(path, headers=if_match(changed.headers["etag"]))
            # Deleting a category trashes its tasks and deleting a tag changes its tasks, as further
            # changes.
            assert gone.status_code == 204, (kind, gone.text)


async def test_patch_with_etag_of_the_next_revision_returns_412(owner: Client) -> None:
    for kind, path in (await create_objects(owner)).items():
        revision = (await owner.get(path)).json()["revision"]
        early = await owner.patch(path, CHANGES[kind], headers=if_match(f'"{revision + 1}"'))
        check_problem(early, 412, "revision_mismatch")


async def test_replace_respects_if_match(owner: Client) -> None:
    task = await owner.create_task()
    path = f"/api/v1/tasks/{task['id']}"
    old = (await owner.get(path)).headers["etag"]
    replaced = await owner.put(path, {"title": "Replaced"}, headers=if_match(old))
    assert replaced.headers["etag"] == f'"{replaced.json()["revision"]}"'
    late = await owner.put(path, {"title": "Late"}, headers=if_match(old))
    check_problem(late, 412, "revision_mismatch")
    assert (await owner.get(path)).json()["title"] == "Replaced"


async def test_purge_respects_if_match(owner: Client) -> None:
    task = await owner.create_task()
    path = f"/api/v1/tasks/{task['id']}"
    await owner.patch(path, {"title": "Changed"})
    old = if_match(f'"{task["revision"]}"')
    late = await owner.delete(f"{path}?permanent=true", headers=old)
    check_problem(late, 412, "revision_mismatch")
    assert (await owner.get(path)).json()["title"] == "Changed"


async def test_legacy_api_respects_preconditions(owner: Client) -> None:
    await owner.create_task()
    old = (await owner.get("/todos/1")).headers["etag"]
    again = await owner.get("/todos/1", headers={"If-None-Match": old})
    assert (again.status_code, again.content) == (304, b"")
    changed = await owner.patch("/todos/1", {"title": "Seen"}, headers=if_match(old))
    assert changed.headers["etag"] == (await owner.get("/api/v1/tasks/1")).headers["etag"] != old
    for late in (
        await owner.patch("/todos/1", {"title": "Late"}, headers=if_match(old)),
        await owner.put("/api/todo/1", {"title": "Late"}, headers=if_match(old)),
        await owner.delete("/todos/1", headers=if_match(old)),
    ):
        assert late.status_code == 412
        assert "error" in late.json()
    assert (await owner.get("/todos/1")).json()["title"] == "Seen"


async def test_put_with_preconditions_creates_or_replaces(owner: Client) -> None:
    path = f"/api/v1/tasks/{make_id()}"
    nowhere = await owner.put(path, {"title": "First"}, headers=if_match('"1"'))
    check_problem(nowhere, 412, "revision_mismatch")
    create = {"If-None-Match": "*"}
    created = await owner.put(path, {"title": "First"}, headers=create)
    assert created.status_code == 201
    again = await owner.put(path, {"title": "Second"}, headers=create)
    check_problem(again, 412, "already_there")
    assert again.headers["etag"] == created.headers["etag"]
    assert (await owner.get(path)).json()["title"] == "First"


async def test_renamed_label_changes_the_etag_of_a_task(owner: Client) -> None:
    task = await owner.create_task(category="Home", tags=["a"])
    path = f"/api/v1/tasks/{task['id']}"
    before = (await owner.get(path)).headers["etag"]
    await owner.patch(f"/api/v1/categories/{task['category']['id']}", {"name": "House"})
    renamed = await owner.get(path, headers={"If-None-Match": before})
    assert (renamed.status_code, renamed.json()["category"]["name"]) == (200, "House")
    (tag,) = (await owner.get("/api/v1/tags")).json()["items"]
    await owner.patch(f"/api/v1/tags/{tag['id']}", {"name": "b"})
    tagged = await owner.get(path, headers={"If-None-Match": renamed.headers["etag"]})
    assert (tagged.status_code, tagged.json()["tags"]) == (200, ["b"])
    # The task's own revision has not changed, so both ETags are accepted.
    assert (await owner.patch(path, {"priority": 1}, headers=if_match(before))).status_code == 200
    late = await owner.patch(path, {"priority": 2}, headers=if_match(tagged.headers["etag"]))
    check_problem(late, 412, "revision_mismatch")
    await owner.delete(f"/api/v1/tags/{tag['id']}")
    assert (await owner.get(path)).headers["etag"] not in (before, tagged.headers["etag"])


async def test_unchanged_list_returns_304(owner: Client, database: Database) -> None:
    await create_objects(owner)
    for path in (*LISTS, "/api/v1/tasks/stats", "/api/v1/tasks?q=task", "/api/v1/tasks?overdue=1"):
        etag = (await owner.get(path)).headers["etag"]
        assert etag.startswith('W/"')
        before = database.meter.statements
        again = await owner.get(path, headers={"If-None-Match": etag})
        # Only the principal is read, and no tasks.
        assert (again.status_code, database.meter.statements - before) == (304, 1)
        await owner.create_task()
        assert (await owner.get(path, headers={"If-None-Match": etag})).status_code == 200


async def test_lists_with_user_names_change_when_names_change(owner: Client) -> None:
    paths = await create_objects(owner)
    members = f"{paths['workspace']}/members"
    history = f"{paths['task']}/history"
    for path in ("/api/v1/workspaces", members, "/api/v1/activity", history):
        first = await owner.get(path)
        etag = first.headers["etag"]
        assert etag.startswith('W/"')
        assert first.headers["cache-control"] == "private, no-cache"
        again = await owner.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag), path
        if path == "/api/v1/workspaces":
            await owner.patch(paths["workspace"], CHANGES["workspace"])
        else:
            # A change of a user's name has no revision in the workspace.
            await owner.patch("/auth/me", {"name": f"Known by {path}"})
        now = await owner.get(path, headers={"If-None-Match": etag})
        assert (now.status_code, now.content != first.content) == (200, True), path


async def test_etags_of_different_lists_differ(client: Client, owner: Client) -> None:
    other = await client.register("other@example.com")
    await owner.create_task()
    await other.create_task()
    paths = (
        "/api/v1/tasks",
        "/api/v1/tasks?limit=1",
        "/api/v1/tasks?assignee=me",
        "/api/v1/tasks?due_on=today",
        "/api/v1/tasks?due_on=today&time_zone=Pacific/Kiritimati",
        "/api/v1/tasks?fields=id",
        "/api/v1/tasks?include_total=true",
        "/api/v1/tasks?sort=title",
        "/api/v1/categories",
        "/api/v1/tags",
        "/api/v1/trash",
        "/api/v1/tasks/stats",
        "/api/v1/tasks/stats?time_zone=Pacific/Kiritimati",
    )
    tags = [(await user.get(path)).headers["etag"] for path in paths for user in (owner, other)]
    assert len(set(tags)) == len(tags)


async def test_malformed_preconditions_are_rejected(owner: Client) -> None:
    await owner.create_task()
    for header in ("1", '"1', '"1" "2"', "", ",", "*, *", "W/1"):
        for name in ("If-Match", "If-None-Match"):
            answer = await owner.patch("/api/v1/tasks/1", {"priority": 1}, headers={name: header})
            check_problem(answer, 422, "validation_failed", f"header/{name}")
    # A read ignores them.
    assert (await owner.get("/api/v1/tasks/1", headers={"If-None-Match": "1"})).status_code == 200


@pytest.mark.in_process  # nginx rejects or joins headers that span several lines
async def test_if_match_list_may_span_several_headers(owner: Client) -> None:
    await owner.create_task()
    path = "/api/v1/tasks/1"
    etag = (await owner.get(path)).headers["etag"]
    for lines in (['"1",,', etag], [f'"1", , {etag} ,'], [f', "1"\t,{etag}']):
        for method, name, status in (("GET", "If-None-Match", 304), ("PATCH", "If-Match", 200)):
            headers = [*owner.headers.items(), *((name, line) for line in lines)]
            body: dict[str, Any] = {"json": {"priority": 3}} if method == "PATCH" else {}
            answer = await owner.http.request(method, path, headers=headers, **body)
            assert answer.status_code == status, (lines, answer.text)


@pytest.mark.in_process  # the settings are special
class TestWithRequiredIfMatch:
    """The setting ``require_if_match`` is on."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, require_if_match=True)

    async def test_changes_without_if_match_are_rejected(self, owner: Client) -> None:
        for kind, path in (await create_objects(owner)).items():
            check_problem(await owner.patch(path, CHANGES[kind]), 428, "precondition_required")
            if kind != "workspace":
                check_problem(await owner.delete(path), 428, "precondition_required")
            etag = (await owner.get(path)).headers["etag"]
            assert (await owner.patch(path, CHANGES[kind], headers=if_match(etag))).is_success

    async def test_legacy_changes_without_if_match_are_rejected(self, owner: Client) -> None:
        await owner.create_task()
        refused = await owner.patch("/todos/1", {"title": "x"})
        assert refused.status_code == 428
        assert refused.json()["error"]["code"] == "precondition_required"

    async def test_put_requires_a_precondition(self, owner: Client) -> None:
        path = f"/api/v1/tasks/{make_id()}"
        body = {"title": "New"}
        check_problem(await owner.put(path, body), 428, "precondition_required")
        created = await owner.put(path, body, headers={"If-None-Match": "*"})
        assert created.status_code == 201
