"""State machine: undos in any order, with force or without, keep all invariants.

No model predicts the result of undoing an old batch after later ones. The test checks invariants of
the tables, and that an undo without force restores the old values.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import httpx2
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from taskstead.config.settings import Settings
from taskstead.services.tasks.tree import MAX_DEPTH
from tests.integration.log.model import Category, Tag, Task
from tests.integration.log.replica import Data, Rows, read_log, read_tables, strip_rows
from tests.integration.log.test_log_machine import LogMachine, check_machine, picks

pytestmark = pytest.mark.engines("sqlite", "postgresql")


class UndoMachine(LogMachine):
    """The operations of LogMachine, and undos. The model only selects targets."""

    def act(
        self, _expected: Callable[[], Any], method: str, path: str, body: Any = None
    ) -> httpx2.Response:
        answer = self.send(method, path, body)
        assert answer.status_code < 500, answer.text
        if answer.status_code == 201 and path.startswith("/api/v1/tasks"):
            task = Task(answer.json()["number"])
            self.model.tasks.append(task)
            self.ids[task] = answer.json()["id"]
        return answer

    def refresh(self) -> None:
        names = {
            kind: [item["name"] for item in self.send("GET", f"/api/v1/{kind}").json()["items"]]
            for kind in ("categories", "tags")
        }
        self.model.categories = [Category(name, 1) for name in names["categories"]]
        self.model.tags = [Tag(name) for name in names["tags"]]
        # Without members in the model, the rule never removes the only owner, who sends the
        # requests.
        self.model.members = {}

    def list_trashed_tasks(self) -> list[Task]:
        return self.model.tasks

    def read(self) -> Rows:
        read = partial(read_tables, self.world.database, self.replica.workspace_id)
        rows: Rows = self.world.portal.call(read)
        return rows

    @rule(pick=picks, one=st.booleans(), force=st.booleans())
    def undo_something(self, pick: int, *, one: bool, force: bool) -> None:
        """Undo any change or batch. Recent ones are more likely."""
        portal, database = self.world.portal, self.world.database
        log: list[Data] = portal.call(read_log, database, self.replica.workspace_id)
        change = log[-1 - pick % min(len(log), 1 + pick // 10)]
        path = f"changes/{change['revision']}" if one else f"batches/{change['batch_id']}"
        before = self.read()
        answer = self.send("POST", f"/api/v1/{path}/undo?force={str(force).lower()}")
        if answer.status_code != 200:
            assert answer.status_code in ((422,) if force else (409, 422)), answer.text
            assert self.read() == before
            return
        undone = [entry for entry in log if entry["batch_id"] == change["batch_id"]]
        if not force:
            check_old_values([change] if one else undone, self.read())
        if answer.json()["batch"] is not None:
            self.undo(answer.json()["batch"])
            assert strip_rows(self.read()) == strip_rows(before)
            # Undo that undo, too, so that the first undo takes effect for the next steps.
            latest = portal.call(read_log, database, self.replica.workspace_id)[-1]
            self.undo(latest["batch_id"])

    @invariant()
    def api_equals_the_model(self) -> None:
        """Check the rules of the tables instead."""
        self.refresh()
        check_rules(self.read())

    def teardown(self) -> None:
        """Skip the final comparison, because the model has no current values."""


def check_old_values(undone: list[Data], rows: Rows) -> None:
    """Check that objects have the oldest of the old values. Created objects must be trashed."""
    created = {change["entity_id"] for change in undone if change["action"] == "created"}
    for change in reversed(undone):
        row = rows[change["kind"]][change["entity_id"]]
        if change["entity_id"] in created:
            assert row["deleted_at"] is not None
            continue
        is_first = change is next(one for one in undone if one["entity_id"] == change["entity_id"])
        for name, (old, _) in change["fields"].items() if is_first else ():
            assert name == "tag_ids" or row[name] == old, (name, change)


def check_rules(rows: Rows) -> None:
    """Check the invariants of every workspace."""
    tasks, categories, tags = rows["task"], rows["category"], rows["tag"]
    assert {row["task_id"] for row in rows["occurrence"].values()} <= tasks.keys()
    for kind in (categories, tags):
        names = [row["name_key"] for row in kind.values() if row["deleted_at"] is None]
        assert len(names) == len(set(names))
    for row in tasks.values():
        assert all(tags[tag_id]["deleted_at"] is None for tag_id in row["tag_ids"])
        assert row["assignee_id"] is None or row["assignee_id"] in rows["member"]
        assert row["due_date"] is not None or row["due_time_zone"] is None
        check_repeat_columns(row)
        assert (row["deleted_at"] is None) is (row["deleted_batch"] is None)
        above = list_ancestors(tasks, row)
        assert len(above) < MAX_DEPTH
        if row["deleted_at"] is None:
            assert all(one["deleted_at"] is None for one in above)
            category = categories.get(row["category_id"])
            assert category is None or category["deleted_at"] is None


def check_repeat_columns(row: Data) -> None:
    """Check that a task has all columns of a repeating task, or none."""
    names = ("repeat_mode", "repeat_start", "repeat_at", "repeat_gone")
    is_repeating = row["repeat_rule"] is not None
    assert [row[name] is not None for name in names] == [is_repeating] * len(names)
    if is_repeating:
        lengths = {len(row[name]) > len("2026-12-01") for name in ("due_date", "repeat_at")}
        assert len(lengths) == 1, "the due date and the occurrence are both dates or both times"


def list_ancestors(tasks: dict[str, Data], row: Data) -> list[Data]:
    above: list[Data] = []
    while row["parent_id"] is not None:
        row = tasks[row["parent_id"]]
        assert row not in above, "a cycle"
        above.append(row)
    return above


@pytest.mark.parametrize("examples", [4, pytest.param(40, marks=pytest.mark.system)])
def test_invariants_hold_after_any_undos(settings: Settings, examples: int) -> None:
    check_machine(UndoMachine, settings, examples=examples)
