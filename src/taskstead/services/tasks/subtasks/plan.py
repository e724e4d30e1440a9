"""Decides which sub-tasks are completed with their parents, and which writes are refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from taskstead.concurrency.cooperative import yield_every
from taskstead.errors import OpenSubtasksError
from taskstead.schemas.tasks.subtasks import SubtaskChoice
from taskstead.services.changelog import Batch
from taskstead.services.tasks.subtasks.forest import load_forest
from taskstead.tables.tasks import LabelledTaskRow


@dataclass(frozen=True, slots=True)
class ParentWrite:
    """A write of a task that may have sub-tasks.

    Attributes:
        task_id: the id of the task.
        choice: what happens to its open sub-tasks; None if the write does not affect them.
        status: the new status, if the write sets it.
        restarts: whether the write completes an occurrence and the task continues with the next
            one. Its sub-tasks then start again, whatever the choice.
        moves: whether the write sets the parent.
        parent_id: the new parent.
    """

    task_id: str
    choice: SubtaskChoice | None
    status: str | None = None
    restarts: bool = False
    moves: bool = False
    parent_id: str | None = None


@dataclass(slots=True)
class SubtaskPlan:
    """What happens to the sub-tasks in a sequence of writes.

    Attributes:
        errors: the errors of the refused writes, by id of the task.
        completed: the sub-tasks to complete, by id. Some may have a write of their own, which does
            not set the status or comes before.
    """

    errors: dict[str, OpenSubtasksError] = field(default_factory=dict)
    completed: dict[str, LabelledTaskRow] = field(default_factory=dict)


async def plan_subtasks(batch: Batch, writes: Sequence[ParentWrite]) -> SubtaskPlan:
    """Plan a sequence of writes, at most one per task. Each sees the effects of the earlier ones.

    At most two SQL statements are executed, and none if no write has a choice other than ``keep``.
    """
    plan = SubtaskPlan()
    if all(write.choice in (None, "keep") for write in writes):
        return plan
    # The tasks without a choice are loaded too, because a write may move them below another task.
    forest = await load_forest(batch, [write.task_id for write in writes])
    async for write in yield_every(writes):
        open_ids = [] if write.choice in (None, "keep") else forest.list_open_below(write.task_id)
        if write.choice == "refuse" and open_ids:
            plan.errors[write.task_id] = forest.make_error(write.task_id, open_ids)
            continue
        if write.choice == "complete" and not write.restarts:
            for id_ in open_ids:
                plan.completed[id_] = forest.rows[id_]
                if forest.rows[id_]["repeat_rule"] is None:
                    forest.change(id_, status="done")
        if write.status is not None:
            plan.completed.pop(write.task_id, None)
            forest.change(write.task_id, status="todo" if write.restarts else write.status)
        if write.moves:
            forest.change(write.task_id, parent_id=write.parent_id)
    return plan
