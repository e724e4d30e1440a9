"""Tasks from a file, into a batch: which of them are new, and which are there already.

How a file becomes tasks, chunk by chunk: ``imports.py``.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from taskstead.db.statements import Row
from taskstead.errors import FieldError, NameTakenError
from taskstead.queries.tasks import list_references, list_tasks_by_ids
from taskstead.queries.workspaces import list_member_ids
from taskstead.schemas.tasks import TaskReplace
from taskstead.schemas.transfer import ImportTask
from taskstead.services.changes import Batch
from taskstead.services.problems import Problems
from taskstead.services.task_changes import TaskUpdate, change_in_batch
from taskstead.services.task_creation import ImportedMetadata, create_in_batch

OnConflict = Literal["skip", "replace", "fail"]
"""What to do with a task whose id is in use: leave what is there, replace it, or tell a fault."""

_REPLACED = frozenset(TaskReplace.model_fields)


@dataclass(slots=True)
class Imported:
    """What has become of some tasks.

    Attributes:
        counts: ``created``, ``replaced``, ``unchanged``, ``skipped``, and ``unassigned`` for those
            whose assignee is no member here.
        deferred: positions of those whose parent is not there yet.
        problems: by position, what could not be done.
    """

    counts: Counter[str] = field(default_factory=Counter)
    deferred: list[int] = field(default_factory=list)
    problems: Problems = field(default_factory=dict)


class ImportRefusedError(Exception):
    """Some tasks cannot be taken, and so none was.

    Attributes:
        problems: by position, why.
    """

    def __init__(self, problems: Problems) -> None:
        super().__init__(f"{len(problems)} tasks cannot be taken")
        self.problems = problems


@dataclass(slots=True)
class _Plan:
    """The tasks by position: which to create and which to replace, parents before children."""

    new: dict[int, ImportTask] = field(default_factory=dict)
    known: dict[int, ImportTask] = field(default_factory=dict)


async def import_in_batch(
    batch: Batch, tasks: Sequence[ImportTask], on_conflict: OnConflict, *, is_final: bool
) -> Imported:
    """Create the tasks that are new, deal with the others as asked for.

    Args:
        batch: the open batch.
        tasks: in any order, parents before or after their children.
        on_conflict: what to do with those that are there.
        is_final: no others will follow: a parent that is not there is a fault.
    """
    outcome = Imported()
    waiting = dict(enumerate(tasks))
    while waiting:
        # Where an id comes again, the earlier task has to be there first, as if the two were in
        # different chunks.
        single = {task.id or str(index): index for index, task in reversed(waiting.items())}
        chosen = {index: waiting.pop(index) for index in sorted(single.values())}
        await _import_single(batch, chosen, on_conflict, outcome, is_final=is_final)
    return outcome


async def _import_single(
    batch: Batch,
    tasks: Mapping[int, ImportTask],
    on_conflict: OnConflict,
    outcome: Imported,
    *,
    is_final: bool,
) -> None:
    """Import tasks by position of which no two have the same id."""
    found = await _find_references(batch, tasks.values())
    there = {row["id"]: row for row in found}
    plan = _plan(tasks, there, on_conflict, outcome, is_final=is_final)
    await _drop_strangers(batch, plan, outcome)
    await _create(batch, plan.new, {row["number"] for row in found}, outcome)
    await _replace(batch, plan.known, outcome)


async def _find_references(batch: Batch, tasks: Collection[ImportTask]) -> list[Row]:
    ids = {task.id for task in tasks if task.id} | {task.parent for task in tasks if task.parent}
    numbers = {task.number for task in tasks if task.number}
    return await list_references(
        batch.transaction, batch.workspace_id, ids=sorted(ids), numbers=sorted(numbers)
    )


def _plan(
    tasks: Mapping[int, ImportTask],
    there: Mapping[str, Row],
    on_conflict: OnConflict,
    outcome: Imported,
    *,
    is_final: bool,
) -> _Plan:
    plan = _Plan()
    waiting: dict[int, ImportTask] = {}
    for index, task in tasks.items():
        if task.id is not None and task.id in there:
            is_trashed = there[task.id]["deleted_at"] is not None
            if on_conflict == "skip" or (on_conflict == "replace" and is_trashed):
                outcome.counts["skipped"] += 1
                continue
            if on_conflict == "fail":
                outcome.problems[index] = _make_conflict(task.id)
                continue
        waiting[index] = task
    _sort_waiting(waiting, there, plan, outcome, is_final=is_final)
    return plan


def _make_conflict(task_id: str) -> NameTakenError:
    message = f"The id {task_id} is in use already."
    return NameTakenError(message, errors=[FieldError("/id", message, NameTakenError.code)])


def _sort_waiting(
    waiting: dict[int, ImportTask],
    there: Mapping[str, Row],
    plan: _Plan,
    outcome: Imported,
    *,
    is_final: bool,
) -> None:
    """Put the parents before their children, and off what has none yet."""
    placed = set(there)
    while waiting:
        ready = {
            index: task
            for index, task in waiting.items()
            if task.parent is None or task.parent in placed
        }
        if not ready and not is_final:
            outcome.deferred += waiting
            return
        # In the end those without a parent get their fault where it is told for any task.
        for index, task in (ready or dict(waiting)).items():
            (plan.known if task.id in there else plan.new)[index] = task
            del waiting[index]
            if task.id is not None:
                placed.add(task.id)


async def _drop_strangers(batch: Batch, plan: _Plan, outcome: Imported) -> None:
    """Take the assignees off that are no members here, as when the file is of another server."""
    assigned = [
        (tasks, index, task)
        for tasks in (plan.new, plan.known)
        for index, task in tasks.items()
        if task.assignee is not None
    ]
    if not assigned:
        return
    wanted = sorted({str(task.assignee) for _, _, task in assigned})
    members = await list_member_ids(batch.transaction, batch.workspace_id, wanted)
    for tasks, index, task in assigned:
        if task.assignee not in members:
            tasks[index] = task.model_copy(update={"assignee": None})
            outcome.counts["unassigned"] += 1


async def _create(
    batch: Batch, new: Mapping[int, ImportTask], taken: set[int], outcome: Imported
) -> None:
    if not new:
        return
    pasts = []
    for task in new.values():
        number = None if task.number in taken else task.number
        if number is not None:
            taken.add(number)
        pasts.append(
            ImportedMetadata(
                number=number,
                position=task.position,
                created_at=task.created_at,
                updated_at=task.updated_at,
                completed_at=task.completed_at,
                deleted_at=task.deleted_at,
                deleted_batch=task.deleted_batch,
            )
        )
    problems: Problems = {}
    rows = await create_in_batch(batch, list(new.values()), problems, dict(enumerate(pasts)))
    places = list(new)
    outcome.counts["created"] += len(rows)
    outcome.problems |= {places[offset]: problem for offset, problem in problems.items()}


async def _replace(batch: Batch, known: Mapping[int, ImportTask], outcome: Imported) -> None:
    if not known:
        return
    ids = [str(task.id) for task in known.values()]
    rows = {
        row["id"]: row
        for row in await list_tasks_by_ids(batch.transaction, batch.workspace_id, ids)
    }
    edits = []
    for task in known.values():
        kept = {"position": task.position, "created_at": task.created_at}
        if task.completed_at is not None:
            kept["completed_at"] = task.completed_at
        columns = {name: value for name, value in kept.items() if value is not None}
        edits.append(TaskUpdate(rows[str(task.id)], task, _REPLACED, columns))
    problems: Problems = {}
    changed = await change_in_batch(batch, edits, problems)
    places = list(known)
    outcome.counts["replaced"] += len(changed)
    outcome.counts["unchanged"] += len(edits) - len(changed) - len(problems)
    outcome.problems |= {places[offset]: problem for offset, problem in problems.items()}
