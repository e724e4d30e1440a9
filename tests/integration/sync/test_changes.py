"""``/api/v1/changes``: content of the pages, and validation of tokens."""

from typing import Any

import pytest
from sqlalchemy import bindparam, delete, update

from taskstead.db.database import Database
from taskstead.ids import make_id
from taskstead.tables.changes import changes
from taskstead.tables.workspaces import workspaces
from tests.harness.client import PASSWORD, Client
from tests.harness.problems import check_problem
from tests.integration.sync.replica import CHANGES, Replica, take_snapshot
from tests.integration.tasks.listing.test_pages import list_bad_cursors

pytestmark = [pytest.mark.balanced, pytest.mark.engines("sqlite", "postgresql")]


async def share_workspace(client: Client, *emails: str) -> tuple[str, list[Client]]:
    """Create a shared workspace. Return its id, and its owner and editors acting in it."""
    users = [await client.register(email) for email in emails]
    shared = (await users[0].post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    for email in emails[1:]:
        await users[0].post(f"/api/v1/workspaces/{shared}/members", {"email": email})
    return shared, [user.in_workspace(shared) for user in users]


async def test_snapshot_contains_everything_including_trash(owner: Client) -> None:
    one = await owner.create_task(title="One", category="Home", tags=["b", "a"])
    two = await owner.create_task(title="Two", parent=one["id"])
    await owner.delete(f"/api/v1/tasks/{two['id']}")
    page = (await owner.get(CHANGES)).json()
    (category,), tags, tasks = page["categories"], page["tags"], page["tasks"]
    assert (category["name"], [tag["name"] for tag in tags]) == ("Home", ["b", "a"])
    assert [task["title"] for task in tasks] == ["One", "Two"]
    assert tasks[0]["category_id"] == category["id"]
    assert tasks[0]["tag_ids"] == sorted(tag["id"] for tag in tags)
    assert tasks[1]["parent"] == one["id"]
    assert tasks[0]["deleted_at"] is None
    assert tasks[1]["deleted_at"] is not None
    me = (await owner.get("/auth/me")).json()["id"]
    assert [(member["id"], member["role"]) for member in page["members"]] == [(me, "owner")]
    assert page["workspace"]["personal"] is True
    assert (page["removed"], page["has_more"]) == ([], False)


async def create_with_statuses(owner: Client, *statuses: str) -> None:
    for status in statuses:
        await owner.create_task(title=status, status=status)


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
async def test_open_tasks_come_before_all_others(owner: Client, limit: int) -> None:
    await create_with_statuses(owner, "done", "todo", "cancelled", "in_progress")
    replica = Replica()
    titles: list[str] = []
    while not replica.is_current:
        titles += [task["title"] for task in (await replica.pull(owner, limit=limit))["tasks"]]
    assert titles == ["todo", "in_progress", "done", "cancelled"]


async def test_first_page_has_the_numbers_of_tasks(owner: Client) -> None:
    await create_with_statuses(owner, "done", "todo", "cancelled", "in_progress", "todo")
    await owner.delete("/api/v1/tasks/2")
    replica = Replica()
    counts = [(await replica.pull(owner, limit=2))["counts"] for _ in range(3)]
    assert counts == [{"total": 5, "open": 3, "closed": 2}, None, None]


@pytest.mark.parametrize(("before", "after"), [("todo", "done"), ("done", "todo")])
@pytest.mark.parametrize("pages", range(1, 7))
async def test_task_that_changes_its_status_during_the_sync_is_found(
    owner: Client, before: str, after: str, pages: int
) -> None:
    await create_with_statuses(owner, "todo", before, "done")
    replica = Replica()
    for _ in range(pages):
        await replica.pull(owner, limit=1)
    await owner.patch("/api/v1/tasks/2", {"status": after})
    await replica.catch_up(owner, limit=1)
    assert replica.rows == (await take_snapshot(owner)).rows


async def test_each_object_appears_once_ordered_by_last_change(owner: Client) -> None:
    replica = await take_snapshot(owner)
    ids = [(await owner.create_task(title=f"{number}"))["id"] for number in range(3)]
    for title in ("first", "second"):
        await owner.patch(f"/api/v1/tasks/{ids[0]}", {"title": title})
    page = await replica.pull(owner)
    assert [task["id"] for task in page["tasks"]] == [ids[1], ids[2], ids[0]]
    assert page["tasks"][2]["title"] == "second"
    assert page["revision"] == page["tasks"][2]["revision"]
    after = await replica.pull(owner)
    lists = ("members", "categories", "tags", "tasks", "removed")
    assert [after[name] for name in lists] == [[]] * 5
    assert (after["workspace"], after["has_more"], after["next"]) == (None, False, page["next"])


async def test_renaming_a_label_is_one_change(owner: Client) -> None:
    for _ in range(3):
        await owner.create_task(category="Home", tags=["x"])
    replica = await take_snapshot(owner)
    for kind in ("categories", "tags"):
        (item,) = (await owner.get(f"/api/v1/{kind}")).json()["items"]
        await owner.patch(f"/api/v1/{kind}/{item['id']}", {"name": "Renamed"})
    page = await replica.pull(owner)
    assert (len(page["categories"]), len(page["tags"]), page["tasks"]) == (1, 1, [])
    assert replica.rows == (await take_snapshot(owner)).rows


async def test_purge_leaves_a_tombstone(owner: Client) -> None:
    task = await owner.create_task()
    replica = await take_snapshot(owner)
    await owner.delete(f"/api/v1/tasks/{task['id']}?permanent=true")
    page = await replica.pull(owner)
    tombstone = {"kind": "task", "id": task["id"], "action": "purged"}
    assert (page["removed"], page["tasks"]) == ([tombstone], [])
    # An object that is created again under the same id is no tombstone.
    await owner.put(f"/api/v1/tasks/{task['id']}", {"title": "Again"})
    page = await replica.pull(owner)
    assert (page["removed"], page["tasks"][0]["title"]) == ([], "Again")


async def test_removed_member_leaves_a_tombstone(client: Client) -> None:
    shared, (owner, guest) = await share_workspace(client, "a@example.com", "b@example.com")
    replica, guests = await take_snapshot(owner), await take_snapshot(guest)
    assert replica.rows == guests.rows
    user = (await guest.get("/auth/me")).json()["id"]
    await owner.delete(f"/api/v1/workspaces/{shared}/members/{user}")
    page = await replica.pull(owner)
    assert page["removed"] == [{"kind": "member", "id": user, "action": "purged"}]
    answer = await guest.get(CHANGES, params={"since": guests.token})
    check_problem(answer, 404, "not_found")


@pytest.mark.parametrize("limit", [1, 2, 7])
async def test_pages_of_any_size_contain_the_same(owner: Client, limit: int) -> None:
    replica = await take_snapshot(owner, limit=limit)
    for number in range(5):
        await owner.create_task(category=f"{number % 2}", tags=[f"{number}"])
    count = await replica.catch_up(owner, limit=limit)
    assert count == -(-12 // limit), "5 tasks, 2 categories, 5 tags"
    whole = await take_snapshot(owner)
    assert replica.rows == whole.rows == (await take_snapshot(owner, limit=limit)).rows
    assert replica.revision == whole.revision


async def test_page_cost_does_not_depend_on_its_size(owner: Client, database: Database) -> None:
    async def count(since: str | None, limit: int) -> int:
        before = database.meter.statements
        parameters: dict[str, Any] = {"limit": limit, **({"since": since} if since else {})}
        page = (await owner.get(CHANGES, params=parameters)).json()
        assert len(page["tasks"]) <= limit
        return database.meter.statements - before

    await owner.create_task(category="c0", tags=["t0"])
    token = (await take_snapshot(owner)).token
    task = {"op": "create", "task": {"title": "x", "category": "c", "tags": ["t"]}}
    await owner.create_task(category="c1", tags=["t1"])
    small = await count(token, 200)
    await owner.post("/api/v1/tasks/bulk", {"operations": [task] * 198})
    assert await count(token, 200) == small <= 7
    assert await count(None, 200) <= 9
    assert await count(None, 5) <= 9


async def test_invalid_tokens_are_rejected(owner: Client) -> None:
    await owner.create_task()
    given = (await owner.get(CHANGES, params={"limit": 1})).json()["next"]
    for token in list_bad_cursors(given):
        answer = await owner.get(CHANGES, params={"since": token})
        check_problem(answer, 422, "validation_failed", "query/since")
    listing = await owner.get("/api/v1/tasks", params={"cursor": given})
    check_problem(listing, 422, "validation_failed", "query/cursor")


async def test_token_is_valid_only_in_its_workspace(owner: Client) -> None:
    token = (await take_snapshot(owner)).token
    other = (await owner.post("/api/v1/workspaces", {"name": "Other"})).json()["id"]
    answer = await owner.in_workspace(other).get(CHANGES, params={"since": token})
    check_problem(answer, 422, "validation_failed", "query/since")


async def test_token_is_valid_only_for_members(owner: Client) -> None:
    token = (await take_snapshot(owner)).token
    stranger = await owner.register("stranger@example.com")
    me = (await owner.get("/auth/me")).json()["personal_workspace_id"]
    answer = await stranger.in_workspace(me).get(CHANGES, params={"since": token})
    check_problem(answer, 404, "not_found")


async def test_token_from_before_a_restore_returns_410(owner: Client, database: Database) -> None:
    """The database has lost changes that a replica has. New changes reuse their revisions."""
    me = (await owner.get("/auth/me")).json()["personal_workspace_id"]
    replica = await take_snapshot(owner)
    early, revision = replica.token, replica.revision
    await owner.create_task()
    await replica.pull(owner)
    await forget_changes(database, me, revision)
    answer = await owner.get(CHANGES, params={"since": replica.token})
    check_problem(answer, 410, "resync_needed")
    # As many changes as before, but different ones.
    await owner.create_task()
    await owner.create_task()
    answer = await owner.get(CHANGES, params={"since": replica.token})
    check_problem(answer, 410, "resync_needed")
    assert (await owner.get(CHANGES, params={"since": early})).status_code == 200


async def test_token_older_than_the_log_returns_410(owner: Client, database: Database) -> None:
    me = (await owner.get("/auth/me")).json()["personal_workspace_id"]
    await owner.create_task()
    replica, paging = await take_snapshot(owner), Replica()
    await paging.pull(owner, limit=1)
    assert not paging.is_current
    await owner.create_task()
    now = await take_snapshot(owner)
    async with database.transaction() as transaction:
        await transaction.execute(
            update(workspaces)
            .where(workspaces.c.id == bindparam("workspace"))
            .values(oldest_revision=bindparam("oldest")),
            {"workspace": me, "oldest": now.revision},
        )
    for old in (replica, paging):
        answer = await owner.get(CHANGES, params={"since": old.token})
        check_problem(answer, 410, "resync_needed")
    await now.pull(owner)
    assert (await take_snapshot(owner, limit=1)).rows == now.rows


async def forget_changes(database: Database, workspace_id: str, revision: int) -> None:
    """Truncate the log after a revision, as a restored backup would."""
    parameters = {"workspace": workspace_id, "last": revision}
    async with database.transaction() as transaction:
        await transaction.execute(
            delete(changes).where(
                changes.c.workspace_id == bindparam("workspace"),
                changes.c.revision > bindparam("last"),
            ),
            parameters,
        )
        await transaction.execute(
            update(workspaces)
            .where(workspaces.c.id == bindparam("workspace"))
            .values(revision=bindparam("last")),
            parameters,
        )


async def test_snapshot_can_be_paged_during_writes(owner: Client) -> None:
    tasks = [await owner.create_task(title=f"{number}") for number in range(6)]
    replica = Replica()
    for number in range(4):
        await replica.pull(owner, limit=2)
        assert not replica.is_current
        # Change a task that was already sent, purge one that was not, and create one that sorts
        # first.
        await owner.patch(f"/api/v1/tasks/{tasks[0]['id']}", {"title": f"changed {number}"})
        await owner.delete(f"/api/v1/tasks/{tasks[-1 - number]['id']}?permanent=true")
        await owner.put(f"/api/v1/tasks/0000{make_id()[4:]}", {"title": "early"})
    await replica.catch_up(owner, limit=2)
    assert replica.rows == (await take_snapshot(owner)).rows
    assert len(replica.rows["task"]) == 6


async def test_members_have_names_and_addresses(client: Client) -> None:
    _, (ann, _) = await share_workspace(client, "ann@example.com", "bob@example.com")
    page = (await ann.get(CHANGES)).json()
    assert [(member["name"], member["email"]) for member in page["members"]] == [
        *(("ann", "ann@example.com"), ("bob", "bob@example.com"))
    ]


@pytest.mark.parametrize(
    ("body", "name", "email"),
    [
        ({"name": "Robert"}, "Robert", "bob@example.com"),
        (
            {"email": "rob@example.com", "current_password": PASSWORD},
            *("bob", "rob@example.com"),
        ),
    ],
)
async def test_new_name_of_a_member_is_a_change(
    client: Client, body: dict[str, str], name: str, email: str
) -> None:
    _, (ann, bob) = await share_workspace(client, "ann@example.com", "bob@example.com")
    replica = await take_snapshot(ann)
    assert (await bob.patch("/auth/me", body)).status_code == 200
    (member,) = (await replica.pull(ann))["members"]
    assert (member["name"], member["email"]) == (name, email)
    assert replica.rows == (await take_snapshot(ann)).rows


async def test_log_does_not_contain_names_of_members(client: Client) -> None:
    _, (ann,) = await share_workspace(client, "ann@example.com")
    await ann.patch("/auth/me", {"name": "Annabel"})
    newest = (await ann.get("/api/v1/activity?limit=1")).json()["items"][0]
    assert (newest["kind"], newest["action"]) == ("member", "updated")
    assert newest["fields"] == []


async def test_profile_without_a_new_name_is_no_change(owner: Client) -> None:
    replica = await take_snapshot(owner)
    await owner.patch("/auth/me", {"time_zone": "Europe/Berlin", "name": "owner"})
    assert (await replica.pull(owner))["revision"] == replica.revision
