"""State machine: after any operations, the log reproduces the tables and the API equals the model.

Hypothesis generates the operations. The variable TASKSTEAD_TEST_EXAMPLES sets the number of
examples. It also makes each run different, and failing examples are then minimised.
"""

import itertools
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import httpx2
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.ids import make_id
from tests.harness.client import Client
from tests.integration.log.model import Category, Model, RefusedError, Tag, Task
from tests.integration.log.replica import (
    Data,
    Replica,
    check_change_log,
    check_undone,
    read_log,
    read_tables,
    strip_rows,
)

pytestmark = pytest.mark.engines("sqlite", "postgresql")

EXAMPLES = os.environ.get("TASKSTEAD_TEST_EXAMPLES")
STEPS = 25

# Few names, so that collisions occur. Some differ only in case.
names = st.sampled_from(["Home", "HOME", "work", "Straße", "STRASSE", "Ελλάς", "ελλάσ", "📚"])
titles = st.sampled_from(["Buy milk", "حليب", "e\u0301", "🥛", "x" * 500])
colors = st.sampled_from([None, "#aabbcc", "#123456"])
dues = st.sampled_from([None, "2026-12-01", "2026-12-01T09:00:00", "2026-12-01T09:00:00.5+01:00"])
rules = st.sampled_from([None, "FREQ=DAILY", "FREQ=DAILY;COUNT=2"])
choices = st.sampled_from([None, "complete", "keep", "refuse"])
statuses = st.sampled_from(["todo", "in_progress", "done", "cancelled"])
roles = st.sampled_from(["owner", "editor", "viewer"])
picks = st.integers(0, 1000)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "title": titles,
        "description": titles | st.just(""),
        "status": statuses,
        "priority": st.integers(1, 5),
        "due_date": dues,
        "repeat_rule": rules,
        "category": st.none() | names,
        "tags": st.lists(names, max_size=3, unique_by=str.casefold),
        # A number selects one of the tasks, including trashed ones, or one of three users.
        "parent": st.none() | picks,
        "assignee": st.none() | picks,
    },
)


@dataclass(frozen=True)
class RunningApp:
    """The running application, used through a portal because the state machine is synchronous."""

    portal: BlockingPortal
    client: Client
    database: Database


class LogMachine(RuleBasedStateMachine):
    """Operations on a new workspace of a new user, over the API and on the model."""

    world: ClassVar[RunningApp]
    counter: ClassVar = itertools.count(1)

    @initialize(chain=st.integers(1, 8), tasks=st.lists(bodies, min_size=3, max_size=8))
    def begin(self, chain: int, tasks: list[dict[str, Any]]) -> None:
        """Start with a chain of tasks, each a child of the previous one, and some more tasks."""
        call = self.world.portal.call
        self.emails = [f"{name}-{next(self.counter)}@example.com" for name in ("owner", "guest")]
        user, guest = (call(self.world.client.register, email) for email in self.emails)
        self.users = [call(one.get, "/auth/me").json()["id"] for one in (user, guest)]
        workspace = call(user.post, "/api/v1/workspaces", {"name": "Shared"}).json()
        self.path = f"/api/v1/workspaces/{workspace['id']}"
        self.client = user.in_workspace(workspace["id"])
        self.replica = Replica(workspace["id"])
        # The rows after each step by revision. They cannot be replayed later, because a purge
        # erases text from the log.
        self.rows_at: dict[int, dict[tuple[str, str], Data]] = {}
        self.model = Model(self.users[0])
        self.model.name = "Shared"
        self.ids: dict[Task, str] = {}
        for number in range(chain):
            self.create_task({"parent": number - 1 if number else None}, "A link")
        for body in tasks:
            self.create_task(body, "A task")

    # Helpers of the rules.

    def send(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        options = {} if body is None else {"json": body}
        request = partial(self.client.request, method, path, **options)
        answer: httpx2.Response = self.world.portal.call(request)
        return answer

    def act(
        self, expected: Callable[[], Any], method: str, path: str, body: Any = None
    ) -> httpx2.Response:
        """Send a request, and apply the same operation to the model."""
        answer = self.send(method, path, body)
        made: Any = None
        refusals: tuple[int, ...] = ()
        try:
            made = expected()
        except RefusedError as refused:
            refusals = refused.statuses
        assert answer.status_code in refusals or (answer.is_success and not refusals), answer.text
        if isinstance(made, Task):
            self.ids[made] = answer.json()["id"]
        return answer

    def pick_task(self, pick: int) -> Task:
        return self.model.tasks[pick % len(self.model.tasks)]

    def list_trashed_tasks(self) -> list[Task]:
        return [task for task in self.model.tasks if task.trashed_by is not None]

    def resolve(self, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a drawn body for the model and for the API."""
        ours, theirs = dict(body), dict(body)
        if body.get("repeat_rule") is not None:
            theirs["repeat_mode"] = "each"
        if body.get("assignee") is not None:
            users = [*self.users, make_id()]
            ours["assignee"] = theirs["assignee"] = users[body["assignee"] % len(users)]
        if body.get("parent") is not None:
            ours["parent"] = self.pick_task(body["parent"]) if self.model.tasks else None
            by_number = body["parent"] % 2
            parent = ours["parent"]
            theirs["parent"] = parent and (parent.number if by_number else self.ids[parent])
        return ours, theirs

    def get_path(self, kind: str, thing: Category | Tag) -> str:
        """Return the path of a category or tag. Its id is looked up by its name."""
        found = self.send("GET", f"/api/v1/{kind}?limit=200").json()["items"]
        id_ = next(item["id"] for item in found if item["name"] == thing.name)
        return f"/api/v1/{kind}/{id_}"

    has_trash = precondition(lambda self: self.list_trashed_tasks())

    # Tasks.

    @rule(body=bodies, title=titles)
    def create_task(self, body: dict[str, Any], title: str) -> None:
        ours, theirs = self.resolve({**body, "title": title})
        self.act(partial(self.model.create_task, ours), "POST", "/api/v1/tasks", theirs)

    @rule(body=bodies, title=titles)
    def put_new_task(self, body: dict[str, Any], title: str) -> None:
        ours, theirs = self.resolve({**body, "title": title})
        path = f"/api/v1/tasks/{make_id()}"
        self.act(partial(self.model.create_task, ours), "PUT", path, theirs)

    @rule(pick=picks, body=bodies, title=titles)
    def put_task(self, pick: int, body: dict[str, Any], title: str) -> None:
        task = self.pick_task(pick)
        ours, theirs = self.resolve({**body, "title": title})
        path = f"/api/v1/tasks/{self.ids[task]}"
        self.act(partial(self.model.replace_task, task, ours), "PUT", path, theirs)

    @rule(pick=picks, body=bodies)
    def patch_task(self, pick: int, body: dict[str, Any]) -> None:
        task = self.pick_task(pick)
        ours, theirs = self.resolve(body)
        path = f"/api/v1/tasks/{task.number}"
        self.act(partial(self.model.update_task, task, ours), "PATCH", path, theirs)

    @rule(pick=picks, rule_=rules, due=dues)
    def repeat_task(self, pick: int, rule_: str | None, due: str | None) -> None:
        self.patch_task(pick, {"repeat_rule": rule_, "due_date": due, "status": "todo"})

    @rule(pick=picks, choice=choices)
    def complete_task(self, pick: int, choice: str | None) -> None:
        task = self.pick_task(pick)
        path = f"/api/v1/tasks/{task.number}/complete" + write_choice(choice)
        self.act(partial(self.model.complete_task, task, choice), "POST", path)

    @rule(pick=picks)
    def skip_occurrence(self, pick: int) -> None:
        task = self.pick_task(pick)
        path = f"/api/v1/tasks/{task.number}/skip"
        self.act(partial(self.model.skip_occurrence, task), "POST", path)

    @rule(pick=picks, choice=choices)
    def trash_task(self, pick: int, choice: str | None) -> None:
        task = self.pick_task(pick)
        path = f"/api/v1/tasks/{task.number}" + write_choice(choice)
        self.act(partial(self.model.trash_task, task, choice), "DELETE", path)

    @rule(pick=picks)
    def purge_task(self, pick: int) -> None:
        task = self.pick_task(pick)
        if len(self.model.list_descendants(task)) == len(self.model.tasks):
            return  # The other rules need a task.
        path = f"/api/v1/tasks/{task.number}?permanent=true"
        self.act(partial(self.model.purge_task, task), "DELETE", path)

    @has_trash
    @rule(pick=picks)
    def restore_task(self, pick: int) -> None:
        trashed = self.list_trashed_tasks()
        task = trashed[pick % len(trashed)]
        path = f"/api/v1/tasks/{task.number}/restore"
        self.act(partial(self.model.restore_task, task), "POST", path)

    # Categories and tags: one rule each, so that most operations concern tasks.

    @rule(act=st.integers(0, 3), name=names, color=colors, pick=picks, other=picks)
    def change_categories(
        self, act: int, name: str, color: str | None, pick: int, other: int
    ) -> None:
        model, live = self.model, self.model.list_live_categories()
        if act == 0 or not live:
            create = partial(model.create_category, name)
            self.act(create, "POST", "/api/v1/categories", {"name": name})
            return
        category, target = live[pick % len(live)], live[other % len(live)]
        path = self.get_path("categories", category)
        if act == 1:
            changes = {"name": name, "color": color}
            self.act(partial(model.update_category, category, changes), "PATCH", path, changes)
        elif act == 2:
            path += "?move_to=" + self.get_path("categories", target).rpartition("/")[2]
            self.act(partial(model.trash_category, category, target), "DELETE", path)
        else:
            self.act(partial(model.trash_category, category, None), "DELETE", path)

    @rule(act=st.integers(0, 3), name=names, color=colors, pick=picks, other=picks)
    def change_tags(self, act: int, name: str, color: str | None, pick: int, other: int) -> None:
        model, tags = self.model, self.model.tags
        if act == 0 or not tags:
            self.act(partial(model.create_tag, name), "POST", "/api/v1/tags", {"name": name})
            return
        tag, into = tags[pick % len(tags)], tags[other % len(tags)]
        path = self.get_path("tags", tag)
        if act == 1:
            changes = {"name": name, "color": color}
            self.act(partial(model.update_tag, tag, changes), "PATCH", path, changes)
        elif act == 2:
            body = {"into": self.get_path("tags", into).rpartition("/")[2]}
            self.act(partial(model.merge_tag, tag, into), "POST", f"{path}/merge", body)
        else:
            self.act(partial(model.trash_tag, tag), "DELETE", path)

    # The workspace. The second user joins and leaves. The first one sends all requests.

    @rule(
        name=names, act=st.sampled_from(["rename", "add", "update", "remove", "leave"]), role=roles
    )
    def change_workspace(self, name: str, act: str, role: str) -> None:
        model, guest = self.model, self.users[1]
        members = f"{self.path}/members"
        if act == "rename":
            self.act(partial(setattr, model, "name", name), "PATCH", self.path, {"name": name})
        elif act == "add":
            body = {"email": self.emails[1], "role": role}
            self.act(partial(model.add_member, guest, role), "POST", members, body)
        elif act == "update":
            path = f"{members}/{guest}"
            self.act(partial(model.update_member, guest, role), "PATCH", path, {"role": role})
        elif act == "remove":
            self.act(partial(model.remove_member, guest), "DELETE", f"{members}/{guest}")
        elif list(model.members.values()).count("owner") == 1:
            owner = self.users[0]
            self.act(partial(model.remove_member, owner), "DELETE", f"{members}/{owner}")

    # Undo. An undo followed by its own undo changes nothing, so the model is not involved.

    @rule(count=st.integers(1, 4))
    def undo_and_redo(self, count: int) -> None:
        """Undo the last batches in reverse order, and then undo these undos."""
        call, database = self.world.portal.call, self.world.database
        log = call(read_log, database, self.replica.workspace_id)
        batches = list(dict.fromkeys(change["batch_id"] for change in log))[-count:]
        of_batches = [change for change in log if change["batch_id"] in batches]
        if not all(map(is_undoable, of_batches)):
            return
        now = call(read_tables, database, self.replica.workspace_id)
        earlier = self.rows_at.get(log[-len(of_batches) - 1]["revision"])
        if earlier is None:
            return  # The batches begin in the middle of a step.
        undone = [self.undo(batch) for batch in reversed(batches)]
        back = call(read_tables, database, self.replica.workspace_id)
        check_undone(earlier, strip_rows(back))
        for batch in reversed(undone):
            self.undo(batch)
        again = call(read_tables, database, self.replica.workspace_id)
        assert strip_rows(again) == strip_rows(now)

    def undo(self, batch: str) -> str:
        answer = self.send("POST", f"/api/v1/batches/{batch}/undo")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["batch"])

    # Invariants.

    @invariant()
    def log_reproduces_the_tables(self) -> None:
        self.world.portal.call(check_change_log, self.world.database, self.replica)
        self.rows_at[self.replica.revision] = strip_rows(self.replica.get_tables())

    @invariant()
    def api_equals_the_model(self) -> None:
        live = sorted(self.model.list_live_tasks(), key=lambda task: -task.number)
        shown = self.send("GET", "/api/v1/tasks?limit=200").json()["items"]
        assert [summarise(item) for item in shown] == [self.describe(task) for task in live]
        for kind, things in (
            ("categories", self.model.list_live_categories()),
            ("tags", self.model.list_tags()),
        ):
            items = self.send("GET", f"/api/v1/{kind}?limit=200").json()["items"]
            fields = ("name", "color", "task_count", "open_task_count")
            returned = [tuple(item[field] for field in fields) for item in items]
            assert returned == [self.count(thing) for thing in things]
        members = self.send("GET", f"{self.path}/members").json()["items"]
        assert {item["user_id"]: item["role"] for item in members} == self.model.members

    def teardown(self) -> None:
        """At the end, compare each task by itself, trashed or not."""
        for task in self.model.tasks:
            item = self.send("GET", f"/api/v1/tasks/{self.ids[task]}").json()
            assert summarise(item) == self.describe(task)
            assert item["description"] == task.values["description"]
            assert (item["deleted_at"] is None) is (task.trashed_by is None)
            assert (item["completed_at"] is None) is (item["status"] != "done")
            ended = self.send("GET", f"/api/v1/tasks/{self.ids[task]}/occurrences").json()["items"]
            found = [(one["occurrence"], one["outcome"]) for one in ended]
            assert sorted(found) == sorted(task.occurrences)

    def count(self, thing: Category | Tag) -> tuple[Any, ...]:
        tasks = [
            task.values["status"]
            for task in self.model.list_live_tasks()
            if thing is task.category or thing in task.tags
        ]
        is_open = [status in ("todo", "in_progress") for status in tasks]
        return thing.name, thing.color, len(tasks), sum(is_open)

    def describe(self, task: Task) -> dict[str, Any]:
        values = {name: value for name, value in task.values.items() if name != "description"}
        return {
            **values,
            "number": task.number,
            "completed": values["status"] == "done",
            "category": task.category and task.category.name,
            "tags": sorted((tag.name for tag in task.tags), key=str.casefold),
            "parent": task.parent and self.ids[task.parent],
        }


def write_choice(choice: str | None) -> str:
    """Return the query with a choice for open sub-tasks."""
    return f"?subtasks={choice}" if choice else ""


def is_undoable(change: dict[str, Any]) -> bool:
    kinds = ("category", "tag", "task", "occurrence", "filter")
    return change["kind"] in kinds and change["action"] != "purged"


def summarise(item: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a task in the API that the model knows."""
    plain = (
        *("number", "title", "status", "completed", "priority", "due_date", "repeat_rule"),
        *("tags", "parent"),
    )
    category = item["category"] and item["category"]["name"]
    return {name: item[name] for name in (*plain, "assignee")} | {"category": category}


@asynccontextmanager
async def running(settings_: Settings) -> AsyncIterator[tuple[Client, Database]]:
    app = create_app(settings_)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http,
    ):
        yield Client(http), app.state.server.database


def check_machine(machine: type[LogMachine], settings: Settings, *, examples: int) -> None:
    """Run a state machine on an application of its own."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running(settings)) as (client, database),
    ):
        machine.world = RunningApp(portal, client, database)
        run_state_machine_as_test(
            machine,
            settings=hypothesis_settings(
                max_examples=int(EXAMPLES or examples),
                stateful_step_count=STEPS,
                derandomize=EXAMPLES is None,
                deadline=None,
                # Examples are minimised only in long runs, because that takes time.
                phases=[Phase.generate, *([Phase.shrink] if EXAMPLES else [])],
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


@pytest.mark.parametrize("examples", [6, pytest.param(60, marks=pytest.mark.system)])
def test_log_and_model_agree_after_any_operations(settings: Settings, examples: int) -> None:
    check_machine(LogMachine, settings, examples=examples)
