"""After every service function that writes to a workspace, the log reproduces the tables."""

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from taskstead import services
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.http.app_state import Server
from taskstead.ids import make_id
from taskstead.schemas.accounts.accounts import AccountPatch, Register
from taskstead.schemas.labels.categories import CategoryCreate, CategoryPatch
from taskstead.schemas.labels.tags import TagCreate, TagPatch
from taskstead.schemas.tasks.bulk import BulkRequest
from taskstead.schemas.tasks.places import TaskPlace
from taskstead.schemas.tasks.quick_add import QuickAddRequest
from taskstead.schemas.tasks.tasks import TaskCreate, TaskReplace
from taskstead.schemas.workspaces import MemberAdd, WorkspacePatch
from taskstead.services.accounts.accounts import create_account, register_account, update_account
from taskstead.services.accounts.deletion import (
    delete_own_account,
    delete_user,
    delete_user_by_email,
)
from taskstead.services.context import WriteContext
from taskstead.services.history.undo import undo_batch, undo_change
from taskstead.services.housekeeping import run_housekeeping
from taskstead.services.labels.categories import create_category, trash_category, update_category
from taskstead.services.labels.tags import create_tag, merge_tag, trash_tag, update_tag
from taskstead.services.saved_filters.saved_filters import (
    create_saved_filter,
    move_saved_filter,
    trash_saved_filter,
    update_saved_filter,
)
from taskstead.services.tasks.bulk.operations import process_operations
from taskstead.services.tasks.bulk.process import process_chunk
from taskstead.services.tasks.create import create_task, create_tasks
from taskstead.services.tasks.move import move_task
from taskstead.services.tasks.purge import empty_trash, purge_task
from taskstead.services.tasks.put import put_task
from taskstead.services.tasks.quick_add.create import create_quick_task
from taskstead.services.tasks.restore import restore_task
from taskstead.services.tasks.trash import trash_task
from taskstead.services.tasks.update import complete_task, skip_occurrence, update_task
from taskstead.services.transfer.imports import import_chunk, import_tasks
from taskstead.services.workspaces.trash import restore_workspace, trash_workspace
from taskstead.services.workspaces.workspaces import (
    add_member,
    create_workspace,
    remove_member,
    update_member,
    update_workspace,
)
from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.settings import make_settings
from tests.integration.log.bulk_scenarios import scenario_processing
from tests.integration.log.filter_scenarios import (
    scenario_filters,
    scenario_filters_of_members,
)
from tests.integration.log.import_scenarios import scenario_import, scenario_replacing
from tests.integration.log.repeat_scenarios import scenario_repeats
from tests.integration.log.replica import Replica, check_change_log, read_log
from tests.integration.log.trash_scenarios import (
    scenario_emptying,
    scenario_expiry,
    scenario_purge,
    scenario_subtask_choices,
    scenario_trash,
)
from tests.integration.log.undo_scenarios import scenario_undo
from tests.integration.log.workspace_scenarios import scenario_deletion, scenario_workspace_trash
from tests.integration.log.world import World, build_world, get_principal

# Functions that change no workspace and so write no change log.
WITHOUT_LOG = {
    "begin_import",
    "cancel_job",
    "cancel_server_job",
    "change_password",
    "check_names",
    "check_current_password",
    "confirm_export",
    "create_api_token",
    "create_invitation",
    "delete_api_token",
    "delete_expired_keys",
    "delete_invitation",
    "end_cookie_sessions",
    "end_one_session",
    "end_other_sessions",
    "end_session",
    "enqueue_for_principal",
    "enqueue_housekeeping",
    "make_job_context",
    "log_in",
    "log_in_by_cookie",
    "patch_preferences",
    "replace_preferences",
    "update_last_used",
    "update_session_use",
    "preview_bulk_process",
    "preview_undo_of_batch",
    "read_quick_add",
    "purge_abandoned_workspaces",
    "rebuild_search_index",
    "refresh_session",
    "retry_job",
    "set_disabled",
    "sign_out_user",
    "start_bulk_process",
    "set_password",
    "update_user",
}


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    # Without a worker, because the scenarios run their jobs themselves.
    return make_settings(database_url, run_worker=False)


@pytest.fixture
async def world(server: Server) -> World:
    return await build_world(server, World)


async def scenario_accounts(world: World) -> None:
    await world.expect(2)
    body = Register(email="third@example.com", password=PASSWORD)
    server = world.server
    await register_account(
        server.database, server.passwords, server.settings, body, client=None, clock=server.clock
    )
    for email in ("owner@example.com", "third@example.com"):
        principal = await get_principal(world.database, email)
        assert await check_change_log(world.database, Replica(principal.workspace_id)) == 2
    await update_account(world.ctx, server.passwords, AccountPatch(time_zone="Europe/Berlin"))
    await world.expect(0)
    await update_account(world.ctx, server.passwords, AccountPatch(name="Renamed"))
    await world.expect(1)


async def scenario_workspace(world: World) -> None:
    id_ = world.owner.workspace_id
    await world.expect(2)
    await update_workspace(world.ctx, id_, WorkspacePatch(name="Renamed"))
    await world.expect(1)
    await update_workspace(world.ctx, id_, WorkspacePatch(name="Renamed"))
    await update_workspace(world.ctx, id_, WorkspacePatch())
    await world.expect(0)


async def scenario_members(world: World) -> None:
    owner, id_ = world.owner, world.owner.workspace_id
    other = world.other.user_id
    await add_member(world.ctx, id_, MemberAdd(email="other@example.com", role="viewer"))
    await world.expect(3)
    await update_member(world.ctx, id_, other, role="editor")
    await world.expect(1)
    await update_member(world.ctx, id_, other, role="editor")
    await world.expect(0)
    await world.create("Theirs", assignee=other)
    trashed = await world.create("Theirs, in the trash", assignee=other)
    await world.create("Mine", assignee=owner.user_id)
    await trash_task(world.ctx, trashed["id"])
    await world.expect(4)
    await remove_member(world.ctx, id_, other)
    await world.expect(3)
    assert other not in world.replica.rows["member"]
    await add_member(world.ctx, id_, MemberAdd(email="other@example.com"))
    await world.expect(1)


async def scenario_quick_add(world: World) -> None:
    await world.expect(2)
    await create_quick_task(world.ctx, QuickAddRequest(text="Water the plants every day #Home"))
    await world.expect(2)


async def scenario_creating(world: World) -> None:
    await world.expect(2)
    await world.create("Bare")
    await world.expect(1)
    task = await world.create(
        "Full",
        description="Much\nto say",
        status="done",
        priority=1,
        due_date="2026-12-01T09:00:00.5+01:00",
        due_time_zone="Europe/Berlin",
        category="New",
        tags=["one", "Two", "ONE"],
        parent=1,
        assignee=world.owner.user_id,
        id=make_id(),
    )
    # The category, two tags and the task.
    await world.expect(4)
    logged = world.replica.rows["task"][task["id"]]
    assert logged["completed_at"] == logged["created_at"]
    root = make_id()
    bodies = [
        TaskCreate(title="Root", id=root, category="new", tags=["two", "three"]),
        TaskCreate(title="Below", parent=root, category="Another"),
        TaskCreate(title="Beside"),
    ]
    await create_tasks(world.ctx, bodies)
    await world.expect(5)


async def scenario_operations(world: World) -> None:
    await world.expect(2)
    root, leaf = make_id(), make_id()
    request: dict[str, Any] = {
        "operations": [
            {"op": "create", "task": {"title": "Root", "id": root, "tags": ["a"]}},
            {"op": "create", "task": {"title": "Leaf", "id": leaf, "parent": root}},
            {"op": "update", "id": root, "task": {"category": "A"}},
            {"op": "trash", "id": root},
            {"op": "restore", "id": leaf},
            {"op": "purge", "id": leaf},
        ],
        "atomic": False,
    }
    await process_operations(world.ctx, BulkRequest.model_validate({**request, "dry_run": True}))
    await world.expect(0)
    await process_operations(world.ctx, BulkRequest.model_validate(request))
    # A tag, a category, and the operations on tasks: 2, 1, 2, none for the fifth, 1.
    await world.expect(8)
    operations = [
        {"op": "restore", "id": root},
        {"op": "update", "id": root, "task": {"category": "B", "tags": ["b"], "status": "done"}},
        {"op": "create", "task": {"title": "Another", "category": "B", "tags": ["a", "b"]}},
        {"op": "trash", "id": root},
    ]
    again = BulkRequest.model_validate({"operations": operations})
    await process_operations(world.ctx, again)
    await world.expect(6)


async def scenario_changing(world: World) -> None:
    await world.create("Parent", category="A")
    task = await world.create("A task", category="A", tags=["a", "b"])
    await world.expect(7)
    for fields, count in (
        ({"title": "Another title"}, 1),
        ({"status": "done"}, 1),
        ({"completed": True}, 0),
        ({"completed": False}, 1),
        ({"due_date": "2026-12-01"}, 1),
        ({"due_time_zone": "Europe/Berlin"}, 1),
        ({"due_date": "2026-12-01T08:00:00"}, 1),
        ({"due_date": None}, 1),
        ({"category": "B"}, 2),
        ({"category": None}, 1),
        ({"tags": ["B", "c"]}, 2),
        ({"tags": ["c", "b"]}, 0),
        ({"tags": []}, 1),
        ({"tags": ["a"], "category": "C", "priority": 5, "description": "x"}, 2),
        ({"parent": 1, "assignee": world.owner.user_id}, 1),
        ({"parent": None, "assignee": None}, 1),
        ({}, 0),
        ({"title": "Another title", "priority": 5, "category": "c", "tags": ["A"]}, 0),
    ):
        await world.patch(task, **fields)
        await world.expect(count)


async def scenario_putting(world: World) -> None:
    id_ = make_id()
    await world.expect(2)
    body = TaskReplace(title="Put", tags=["a"], category="A", due_date="2026-12-01", status="done")
    _, is_new = await put_task(world.ctx, id_, body)
    assert is_new
    await world.expect(3)
    await put_task(world.ctx, id_, body)
    await world.expect(0)
    _, is_new = await put_task(world.ctx, id_, TaskReplace(title="Bare"))
    assert not is_new
    await world.expect(1)
    row = world.replica.rows["task"][id_]
    emptied = ("tag_ids", "category_id", "due_date", "due_at", "completed_at")
    assert not any(row[name] for name in emptied)


async def scenario_moves(world: World) -> None:
    for title in ("One", "Two", "Three"):
        await world.create(title)
    await world.expect(5)
    for place, count in (
        (TaskPlace(before=1), 1),
        (TaskPlace(to="start"), 0),
        (TaskPlace(after=2), 1),
        (TaskPlace(to="end"), 0),
    ):
        await move_task(world.ctx, "3", place)
        await world.expect(count)


async def scenario_categories(world: World) -> None:
    made = await create_category(world.ctx, CategoryCreate(name="Made", color="#aabbcc"))
    await world.expect(3)
    for fields, count in (
        ({"name": "MADE"}, 1),
        ({"name": "MADE", "color": "#aabbcc"}, 0),
        ({"color": None, "position": 7, "archived": True}, 1),
        ({}, 0),
    ):
        await update_category(world.ctx, made["id"], CategoryPatch(**fields))
        await world.expect(count)
    filed = await world.create("Filed", category="made")
    below = await world.create("Below", parent=filed["id"], category="Target")
    trashed = await world.create("Filed, in the trash", category="made")
    await trash_task(world.ctx, trashed["id"])
    await world.expect(5)
    target = await world.find_category("Target")
    await trash_category(world.ctx, made["id"], move_to=target)
    await world.expect(3)
    await trash_category(world.ctx, target, move_to=None)
    # Both live tasks and the category. The third task is already in the trash.
    await world.expect(3)
    await restore_task(world.ctx, filed["id"])
    # Both tasks were trashed with the category and are restored with it.
    await world.expect(3)
    assert world.replica.rows["task"][below["id"]]["category_id"] == target


async def scenario_namesakes(world: World) -> None:
    """A trashed category stays in the trash if its name has been taken."""
    task = await world.create("Filed", category="Home")
    await trash_category(world.ctx, await world.find_category("Home"), move_to=None)
    await world.create("Another", category="HOME")
    await world.expect(8)
    await restore_task(world.ctx, task["id"])
    await world.expect(1)
    namesake = await world.find_category("HOME")
    assert world.replica.rows["task"][task["id"]]["category_id"] == namesake


async def scenario_tags(world: World) -> None:
    made = await create_tag(world.ctx, TagCreate(name="made", color="#AABBCC"))
    await world.expect(3)
    for fields, count in (({"name": "Made"}, 1), ({"name": "Made"}, 0), ({"color": None}, 1)):
        await update_tag(world.ctx, made["id"], TagPatch(**fields))
        await world.expect(count)
    await world.create("One", tags=["made"])
    await world.create("Both", tags=["made", "other"])
    trashed = await world.create("In the trash", tags=["made"])
    await trash_task(world.ctx, trashed["id"])
    await world.expect(5)
    other = await world.find_tag("other")
    await merge_tag(world.ctx, made["id"], into=other)
    await world.expect(4)
    await trash_tag(world.ctx, other)
    await world.expect(4)
    assert not any(row["tag_ids"] for row in world.replica.rows["task"].values())


Scenario = Callable[[World], Awaitable[None]]
SCENARIOS: dict[Scenario, set[Callable[..., Any]]] = {
    scenario_accounts: {create_account, register_account, update_account},
    scenario_workspace: {create_workspace, update_workspace},
    scenario_workspace_trash: {trash_workspace, restore_workspace},
    scenario_deletion: {delete_own_account, delete_user, delete_user_by_email},
    scenario_members: {add_member, update_member, remove_member},
    scenario_creating: {create_task, create_tasks},
    scenario_operations: {process_operations},
    scenario_processing: {process_chunk},
    scenario_import: {import_chunk},
    scenario_replacing: {import_tasks},
    scenario_changing: {update_task},
    scenario_putting: {put_task},
    scenario_moves: {move_task},
    scenario_quick_add: {create_quick_task},
    scenario_repeats: {complete_task, skip_occurrence},
    scenario_trash: {trash_task, restore_task},
    scenario_subtask_choices: {complete_task, trash_task},
    scenario_purge: {purge_task},
    scenario_emptying: {empty_trash},
    scenario_expiry: {run_housekeeping},
    scenario_categories: {create_category, update_category, trash_category},
    scenario_namesakes: {trash_category, restore_task},
    scenario_undo: {undo_batch, undo_change},
    scenario_tags: {create_tag, update_tag, merge_tag, trash_tag},
    scenario_filters: {
        create_saved_filter,
        update_saved_filter,
        move_saved_filter,
        trash_saved_filter,
    },
    scenario_filters_of_members: {remove_member},
}


@pytest.mark.parametrize(
    "scenario", SCENARIOS, ids=lambda scenario: scenario.__name__.removeprefix("scenario_")
)
async def test_log_reproduces_the_tables_after_scenario(scenario: Scenario, world: World) -> None:
    await scenario(world)


async def test_change_names_user_and_credential(owner: Client, database: Database) -> None:
    me = (await owner.get("/auth/me")).json()
    token = (await owner.post("/api/v1/tokens", {"name": "x", "scopes": ["tasks:write"]})).json()
    await owner.create_task()
    await owner.with_token(token["token"]).create_task(category="New")
    changes = await read_log(database, me["personal_workspace_id"])
    assert {change["user_id"] for change in changes} == {me["id"]}
    made, by_session, *by_token = changes[1:]
    assert made["credential_id"] is None, "nobody is logged in when an account is created"
    assert by_session["credential_id"] not in (None, token["id"])
    assert [change["credential_id"] for change in by_token] == [token["id"]] * 2
    assert len({change["batch_id"] for change in by_token}) == 1
    assert by_session["batch_id"] != by_token[0]["batch_id"] != made["batch_id"]


def list_services() -> set[str]:
    """Return the names of all public functions that can start a transaction of their own.

    They have a parameter with the database or with the context of a write.
    """
    found = set()
    for module_info in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        module = importlib.import_module(module_info.name)
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            parameters = inspect.signature(function).parameters.values()
            if is_own and any(one.annotation in (Database, WriteContext) for one in parameters):
                found.add(name)
    return found


def test_every_service_that_writes_has_a_scenario() -> None:
    covered = {function.__name__ for functions in SCENARIOS.values() for function in functions}
    assert list_services() == covered | WITHOUT_LOG
