"""Imports parsed tasks in a batch. New tasks are created; existing tasks are skipped or replaced.

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
from taskstead.services.task_changes import TaskUpdate, update_tasks_in_batch
from taskstead.services.task_creation import ImportedMetadata, create_tasks_in_batch

OnConflict = Literal["skip", "replace", "fail"]
"""Handling of a task whose id is in use: skip it, replace the existing task, or report an error."""

# A replaced task gets all fields of a request body.
_REPLACED_FIELDS = frozenset(TaskReplace.model_fields)


@dataclass(slots=True)
class ImportOutcome:
    """The result of importing some tasks.

    Attributes:
        counts: numbers of tasks ``created``, ``replaced``, ``unchanged``, ``skipped``, and
            ``unassigned`` (imported without their assignee, who is not a member).
        deferred: indexes of the tasks whose parent does not exist yet.
        problems: errors of the tasks that could not be imported, by index.
    """

    counts: Counter[str] = field(default_factory=Counter)
    deferred: list[int] = field(default_factory=list)
    problems: Problems = field(default_factory=dict)


class ImportRefusedError(Exception):
    """Some tasks cannot be imported, so no task was imported.

    Attributes:
        problems: the errors by index of the task.
    """

    def __init__(self, problems: Problems) -> None:
        super().__init__(f"{len(problems)} tasks cannot be imported")
        self.problems = problems


@dataclass(slots=True)
class _Plan:
    """The tasks to create and the tasks to replace, by index, parents first."""

    to_create: dict[int, ImportTask] = field(default_factory=dict)
    to_replace: dict[int, ImportTask] = field(default_factory=dict)


async def import_tasks_in_batch(
    batch: Batch, tasks: Sequence[ImportTask], on_conflict: OnConflict, *, is_final: bool
) -> ImportOutcome:
    """Create the new tasks, and handle existing ones as requested.

    Args:
        batch: the open batch.
        tasks: the tasks in any order; a parent may come after its children.
        on_conflict: how to handle existing tasks.
        is_final: whether no further tasks follow. If true, a missing parent is an error.
            Otherwise the task is deferred.
    """
    outcome = ImportOutcome()
    pending = dict(enumerate(tasks))
    while pending:
        # If an id occurs twice, the first task is imported before the second one is handled as a
        # conflict, as if they were in different chunks.
        first_by_id = {task.id or str(index): index for index, task in reversed(pending.items())}
        unique = {index: pending.pop(index) for index in sorted(first_by_id.values())}
        await _import_unique(batch, unique, on_conflict, outcome, is_final=is_final)
    return outcome


async def _import_unique(
    batch: Batch,
    tasks: Mapping[int, ImportTask],
    on_conflict: OnConflict,
    outcome: ImportOutcome,
    *,
    is_final: bool,
) -> None:
    """Import tasks that all have different ids."""
    found = await _find_references(batch, tasks.values())
    existing = {row["id"]: row for row in found}
    plan = _plan(tasks, existing, on_conflict, outcome, is_final=is_final)
    await _drop_unknown_assignees(batch, plan, outcome)
    await _create(batch, plan.to_create, {row["number"] for row in found}, outcome)
    await _replace(batch, plan.to_replace, outcome)


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
    outcome: ImportOutcome,
    *,
    is_final: bool,
) -> _Plan:
    plan = _Plan()
    pending: dict[int, ImportTask] = {}
    for index, task in tasks.items():
        if task.id is not None and task.id in existing:
            is_trashed = existing[task.id]["deleted_at"] is not None
            if on_conflict == "skip" or (on_conflict == "replace" and is_trashed):
                outcome.counts["skipped"] += 1
                continue
            if on_conflict == "fail":
                outcome.problems[index] = _make_conflict(task.id)
                continue
        pending[index] = task
    _order_by_parent(pending, existing, plan, outcome, is_final=is_final)
    return plan


def _make_conflict(task_id: str) -> NameTakenError:
    message = f"The id {task_id} is already in use."
    return NameTakenError(message, errors=[FieldError("/id", message, NameTakenError.code)])


def _order_by_parent(
    pending: dict[int, ImportTask],
    existing: Mapping[str, Row],
    plan: _Plan,
    outcome: ImportOutcome,
    *,
    is_final: bool,
) -> None:
    """Add tasks to the plan, parents before children; defer tasks with a missing parent."""
    available = set(existing)
    while pending:
        ready = {
            index: task
            for index, task in pending.items()
            if task.parent is None or task.parent in available
        }
        if not ready and not is_final:
            outcome.deferred += pending
            return
        # In the final round, tasks with a missing parent are planned too. Their creation fails with
        # the usual error.
        for index, task in (ready or dict(pending)).items():
            (plan.to_replace if task.id in existing else plan.to_create)[index] = task
            del pending[index]
            if task.id is not None:
                available.add(task.id)


async def _drop_unknown_assignees(batch: Batch, plan: _Plan, outcome: ImportOutcome) -> None:
    """Remove assignees who are not members. They occur in files from other servers."""
    assigned = [
        (tasks, index, task)
        for tasks in (plan.to_create, plan.to_replace)
        for index, task in tasks.items()
        if task.assignee is not None
    ]
    if not assigned:
        return
    user_ids = sorted({str(task.assignee) for _, _, task in assigned})
    members = await list_member_ids(batch.transaction, batch.workspace_id, user_ids)
    for tasks, index, task in assigned:
        if task.assignee not in members:
            tasks[index] = task.model_copy(update={"assignee": None})
            outcome.counts["unassigned"] += 1


async def _create(
    batch: Batch, tasks: Mapping[int, ImportTask], used_numbers: set[int], outcome: ImportOutcome
) -> None:
    if not tasks:
        return
    imported = []
    for task in tasks.values():
        # A task whose number is in use gets a new number.
        number = None if task.number in used_numbers else task.number
        if number is not None:
            used_numbers.add(number)
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
    rows = await create_tasks_in_batch(
        batch, list(tasks.values()), problems, dict(enumerate(imported))
    )
    indexes = list(tasks)
    outcome.counts["created"] += len(rows)
    outcome.problems |= {indexes[offset]: problem for offset, problem in problems.items()}


async def _replace(batch: Batch, tasks: Mapping[int, ImportTask], outcome: ImportOutcome) -> None:
    if not tasks:
        return
    ids = [str(task.id) for task in tasks.values()]
    rows = {
        row["id"]: row
        for row in await list_tasks_by_ids(batch.transaction, batch.workspace_id, ids)
    }
    updates = []
    for task in tasks.values():
        metadata = {"position": task.position, "created_at": task.created_at}
        if task.completed_at is not None:
            metadata["completed_at"] = task.completed_at
        columns = {name: value for name, value in metadata.items() if value is not None}
        updates.append(TaskUpdate(rows[str(task.id)], task, _REPLACED_FIELDS, columns))
    problems: Problems = {}
    changed = await update_tasks_in_batch(batch, updates, problems)
    indexes = list(tasks)
    outcome.counts["replaced"] += len(changed)
    outcome.counts["unchanged"] += len(updates) - len(changed) - len(problems)
    outcome.problems |= {indexes[offset]: problem for offset, problem in problems.items()}
