"""Use cases called without HTTP, as another face calls them, give the results of the API."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
import pytest

from taskstead.db.database import Database
from taskstead.domain.principal import Principal
from taskstead.entities.tasks import TASK
from taskstead.errors import ForbiddenError, NotFoundError, ValidationFailedError
from taskstead.faces.api.history.sync import render_changes
from taskstead.formats.cursor import Page
from taskstead.formats.file_formats import FileFormat
from taskstead.formats.json.tasks import render_listed_task
from taskstead.http.app_state import Server
from taskstead.ids import make_id
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.schemas.accounts.accounts import AccountDeletion, PasswordConfirmation
from taskstead.schemas.history.activity import ActivityListing
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.schemas.tasks.listing import TaskListing
from taskstead.schemas.tasks.statistics import StatisticsQuery
from taskstead.services.accounts.accounts import confirm_export
from taskstead.services.accounts.deletion import delete_own_account
from taskstead.services.context import ReadContext
from taskstead.services.history.activity import read_activity, read_task_history
from taskstead.services.history.sync import SyncedChanges, read_changes
from taskstead.services.labels.categories import prepare_categories
from taskstead.services.labels.tags import prepare_tags
from taskstead.services.tasks.listing import prepare_listing
from taskstead.services.tasks.statistics import prepare_statistics
from taskstead.services.tasks.trash import prepare_trash
from taskstead.services.transfer.export import export_tasks
from taskstead.services.workspaces.workspaces import read_members, read_workspaces
from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.contexts import make_read_context, make_write_context

TASKS = "/api/v1/tasks"

ListPage = Page[Any]


@pytest.fixture
def clock() -> ManualClock:
    """Stands still, so that a use case and the API have the same time."""
    return ManualClock()


async def find_owner(database: Database) -> Principal:
    principal = await find_principal_by_email(database, "owner@example.com")
    assert principal is not None
    return principal


async def get(client: Client, path: str, **parameters: Any) -> Any:
    answer = await client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def encode(data: Any) -> Any:
    """Return data as the API sends it."""
    return msgspec.json.decode(msgspec.json.encode(data))


async def create_tasks(owner: Client) -> None:
    for number in range(1, 8):
        await owner.create_task(
            title=f"Water plant {number}",
            priority=1 + number % 3,
            category=f"Room {number % 3}",
            tags=[f"tag{number}", "garden"],
            due_date="2026-01-01",
            completed=number == 7,
        )


async def make_context(database: Database) -> ReadContext:
    """Return the context that another face would make for the owner."""
    return make_read_context(database, await find_owner(database))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"sort": "priority,-title", "tag": ["garden"]},
        {"q": "watre", "completed": False},
        {"overdue": True, "sort": "due_date", "include_total": True},
    ],
    ids=["all", "sorted", "misspelt", "overdue"],
)
async def test_task_list_equals_the_api(
    owner: Client, database: Database, parameters: dict[str, Any]
) -> None:
    await create_tasks(owner)
    ctx = await make_context(database)
    page = await get(owner, TASKS, **parameters, limit=2)
    assert len(page["items"]) == 2
    count = 2
    while page["next_cursor"] is not None:
        # The cursor contains the time of the first page, so the pages do not depend on the clock.
        query = {**parameters, "limit": 2, "cursor": page["next_cursor"]}
        listing = await prepare_listing(ctx, TaskListing(**query))
        listed = await listing.read()
        page = await get(owner, TASKS, **query)
        assert encode([render_listed_task(row) for row in listed.rows]) == page["items"]
        assert (listed.next_cursor, listed.total) == (page["next_cursor"], page.get("total"))
        count += len(listed.rows)
    assert count == (6 if {"q", "overdue"} & parameters.keys() else 7)


@pytest.mark.usefixtures("owner")
async def test_cache_key_depends_on_the_query(database: Database) -> None:
    ctx = await make_context(database)

    async def make_key(second: int = 10, **parameters: Any) -> tuple[Any, ...]:
        query = TaskListing(**parameters)
        then = replace(ctx, now=ctx.now.replace(second=second))
        return (await prepare_listing(then, query)).key

    assert await make_key(overdue=True) == await make_key(50, overdue=True)
    assert await make_key(filter="overdue") == await make_key(50, filter="overdue")
    keys = [
        await make_key(),
        await make_key(overdue=True),
        await make_key(limit=7),
        await make_key(assignee="me"),
        await make_key(filter="overdue"),
        await make_key(filter="not overdue"),
        await make_key(filter="assignee:me"),
    ]
    assert len({msgspec.json.encode(key) for key in keys}) == len(keys)
    with pytest.raises(ValidationFailedError):
        await make_key(cursor="AAAA")


async def test_statistics_equal_the_api(
    owner: Client, database: Database, clock: ManualClock
) -> None:
    await create_tasks(owner)
    ctx = replace(await make_context(database), now=clock.now)
    statistics = await prepare_statistics(ctx, StatisticsQuery(tag=["garden"], top=2))
    found = encode(await statistics.read())
    # The API has warnings only if there are any.
    assert found.pop("warnings") == []
    assert found == await get(owner, f"{TASKS}/stats", tag="garden", top=2)
    assert found["total"] == 7


async def test_sync_pages_equal_the_api(owner: Client, database: Database) -> None:
    await create_tasks(owner)

    async def read_page(token: str | None) -> SyncedChanges:
        changes = await read_changes(await make_context(database), token, limit=3)
        since = {} if token is None else {"since": token}
        listed = await get(owner, "/api/v1/changes", **since, limit=3)
        assert encode(render_changes(changes)) == listed
        return changes

    changes = await read_page(None)
    while changes.page.has_more:
        changes = await read_page(changes.next_token)
    await owner.patch(f"{TASKS}/1", {"title": "Water all plants"})
    changes = await read_page(changes.next_token)
    assert [row["title"] for row in changes.page.get_rows(TASK)] == ["Water all plants"]
    with pytest.raises(ValidationFailedError):
        await read_changes(await make_context(database), "AAAA", limit=3)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "todotxt"])
async def test_export_equals_the_api(owner: Client, database: Database, kind: FileFormat) -> None:
    await create_tasks(owner)
    blocks = export_tasks(await make_context(database), TaskFilter(completed=False), kind)
    exported = b"".join([block async for block in blocks])
    answer = await owner.get(f"{TASKS}/export", params={"completed": False, "format": kind})
    assert exported == answer.content
    assert exported.count(b"Water plant") == 6


async def read_categories(ctx: ReadContext, cursor: str | None) -> ListPage:
    return await prepare_categories(ctx, cursor=cursor, limit=2).read()


async def read_tags(ctx: ReadContext, cursor: str | None) -> ListPage:
    return await prepare_tags(ctx, cursor=cursor, limit=2).read()


async def read_trash(ctx: ReadContext, cursor: str | None) -> ListPage:
    return await prepare_trash(ctx, cursor=cursor, limit=2).read()


async def read_own_workspaces(ctx: ReadContext, cursor: str | None) -> ListPage:
    return await read_workspaces(ctx, deleted=False, cursor=cursor, limit=2)


async def read_task_changes(ctx: ReadContext, cursor: str | None) -> ListPage:
    query = ActivityListing(kind=["task"], cursor=cursor, limit=2)
    return (await read_activity(ctx, query)).page


async def read_history(ctx: ReadContext, cursor: str | None) -> ListPage:
    return (await read_task_history(ctx, "1", cursor=cursor, limit=2)).page


class OtherList(NamedTuple):
    """A list: the use case, the URL with the parameters, and the number of rows."""

    read: Callable[[ReadContext, str | None], Awaitable[ListPage]]
    url: str
    total: int
    key: str = "id"


@pytest.mark.parametrize(
    "other",
    [
        OtherList(read_categories, "/api/v1/categories?limit=2", 3),
        OtherList(read_tags, "/api/v1/tags?limit=2", 8),
        OtherList(read_trash, "/api/v1/trash?limit=2", 3),
        OtherList(read_own_workspaces, "/api/v1/workspaces?limit=2", 4),
        OtherList(read_task_changes, "/api/v1/activity?kind=task&limit=2", 11, "revision"),
        OtherList(read_history, f"{TASKS}/1/history?limit=2", 3, "revision"),
    ],
    ids=lambda other: other.url,
)
async def test_other_lists_equal_the_api(
    owner: Client, database: Database, other: OtherList
) -> None:
    await create_tasks(owner)
    await owner.patch(f"{TASKS}/1", {"title": "Water plants"})
    for number in (1, 2, 3):
        await owner.delete(f"{TASKS}/{number}")
        await owner.post("/api/v1/workspaces", {"name": f"Workspace {number}"})
    ctx = await make_context(database)
    found: list[Any] = []
    cursor: str | None = None
    while not found or cursor is not None:
        page = await other.read(ctx, cursor)
        answer = await owner.get(other.url + ("" if cursor is None else f"&cursor={cursor}"))
        listed = answer.json()
        assert [row[other.key] for row in page.rows] == [
            item[other.key] for item in listed["items"]
        ]
        assert page.next_cursor == listed["next_cursor"]
        found += page.rows
        cursor = page.next_cursor
    assert len(found) == other.total


async def test_members_are_listed_for_members_only(owner: Client, database: Database) -> None:
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Garden"})).json()
    ctx = await make_context(database)
    page = await read_members(ctx, workspace["id"], cursor=None, limit=2)
    assert [row["user_id"] for row in page.rows] == [ctx.principal.user_id]
    with pytest.raises(NotFoundError):
        await read_members(ctx, make_id(), cursor=None, limit=2)


@pytest.mark.parametrize(
    "credential",
    [{}, {"api_token_id": make_id()}, {"job_credential_id": make_id()}],
    ids=["none", "api_token", "job"],
)
@pytest.mark.usefixtures("owner")
async def test_only_a_session_can_export_or_delete_its_account(
    server: Server, credential: dict[str, Any]
) -> None:
    user = await find_owner(server.database)
    ctx = make_write_context(server.database, replace(user, **credential))
    with pytest.raises(ForbiddenError):
        await confirm_export(ctx, server.passwords, PasswordConfirmation(current_password=PASSWORD))
    with pytest.raises(ForbiddenError):
        await delete_own_account(ctx, server.passwords, AccountDeletion(current_password=PASSWORD))
    assert await find_owner(server.database) == user
