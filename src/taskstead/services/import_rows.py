"""Imports parsed tasks in a batch: creates new ones, and skips or replaces existing ones.

``imports.py`` reads the file and calls this module for each chunk.
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
"""Handling of a task whose id is in use: skip it, replace the existing one, or report an error."""

_REPLACED = frozenset(TaskReplace.model_fields)


@dataclass(slots=True)
class Imported:
    """The result of importing some tasks.

    Attributes:
        counts: numbers of tasks ``created``, ``replaced``, ``unchanged``, ``skipped``, and
            ``unassigned`` (imported without their assignee, who is not a member).
        deferred: positions of the tasks whose parent does not exist yet.
        problems: errors of the tasks that could not be imported, by position.
    """

    counts: Counter[str] = field(default_factory=Counter)
    deferred: list[int] = field(default_factory=list)
    problems: Problems = field(default_factory=dict)


class ImportRefusedError(Exception):
    """Some tasks cannot be imported, so none was.

    Attributes:
        problems: their errors, by position.
    """

    def __init__(self, problems: Problems) -> None:
        super().__init__(f"{len(problems)} tasks cannot be imported")
        self.problems = problems


@dataclass(slots=True)
class _Plan:
    """The tasks to create (``new``) and to replace (``known``), by position, parents first."""

    new: dict[int, ImportTask] = field(default_factory=dict)
    known: dict[int, ImportTask] = field(default_factory=dict)


async def import_in_batch(
    batch: Batch, tasks: Sequence[ImportTask], on_conflict: OnConflict, *, is_final: bool
) -> Imported:
    """Create the new tasks, and handle existing ones as requested.

    Args:
        batch: the open batch.
        tasks: the tasks in any order; a parent may come after its children.
        on_conflict: how to handle existing tasks.
        is_final: whether no further tasks follow. Then a missing parent is an error; before, the
            task is deferred.
    """
    outcome = Imported()
    waiting = dict(enumerate(tasks))
    while waiting:
        # If an id occurs twice, the first task is imported before the second one is handled as a
        # conflict, as if they were in different chunks.
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
    """Import tasks whose ids are unique among them."""
    found = await _find_references(batch, tasks.values())
    existing = {row["id"]: row for row in found}
    plan = _plan(tasks, existing, on_conflict, outcome, is_final=is_final)
    await _drop_unknown_assignees(batch, plan, outcome)
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
    existing: Mapping[str, Row],
    on_conflict: OnConflict,
    outcome: Imported,
    *,
    is_final: bool,
) -> _Plan:
    plan = _Plan()
    waiting: dict[int, ImportTask] = {}
    for index, task in tasks.items():
        if task.id is not None and task.id in existing:
            is_trashed = existing[task.id]["deleted_at"] is not None
            if on_conflict == "skip" or (on_conflict == "replace" and is_trashed):
                outcome.counts["skipped"] += 1
                continue
            if on_conflict == "fail":
                outcome.problems[index] = _make_conflict(task.id)
                continue
        waiting[index] = task
    _order_by_parent(waiting, existing, plan, outcome, is_final=is_final)
    return plan


def _make_conflict(task_id: str) -> NameTakenError:
    message = f"The id {task_id} is already in use."
    return NameTakenError(message, errors=[FieldError("/id", message, NameTakenError.code)])


def _order_by_parent(
    waiting: dict[int, ImportTask],
    existing: Mapping[str, Row],
    plan: _Plan,
    outcome: Imported,
    *,
    is_final: bool,
) -> None:
    """Add tasks to the plan, parents before children; defer those whose parent is missing."""
    placed = set(existing)
    while waiting:
        ready = {
            index: task
            for index, task in waiting.items()
            if task.parent is None or task.parent in placed
        }
        if not ready and not is_final:
            outcome.deferred += waiting
            return
        # In the final round, tasks whose parent is missing are planned too: creating them fails
        # with the usual error.
        for index, task in (ready or dict(waiting)).items():
            (plan.known if task.id in existing else plan.new)[index] = task
            del waiting[index]
            if task.id is not None:
                placed.add(task.id)


async def _drop_unknown_assignees(batch: Batch, plan: _Plan, outcome: Imported) -> None:
    """Remove assignees who are not members, as in a file from another server."""
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
    imported = []
    for task in new.values():
        number = None if task.number in taken else task.number
        if number is not None:
            taken.add(number)
        imported.append(
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
    rows = await create_in_batch(batch, list(new.values()), problems, dict(enumerate(imported)))
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
