"""Bulk processes: one action on all tasks that match a filter, as a background job in chunks.

When the job starts, it stores the numbers of the matching tasks. Changes after that do not affect
which tasks are processed.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from pydantic import TypeAdapter

from taskstead.clock import render_instant
from taskstead.db.database import Database, Transaction
from taskstead.domain.due_dates import parse_due_date, shift_due_date
from taskstead.domain.filters.nodes import FilterWarning
from taskstead.domain.sorting import SortKey
from taskstead.errors import FieldError, TasksteadError, ValidationFailedError
from taskstead.jobs.progress import FailedItem
from taskstead.jobs.queue import Job, add_job_parts, finish_job, save_progress
from taskstead.queries.system.jobs import find_job_part
from taskstead.queries.tasks.chunks import list_tasks_by_numbers, walk_numbers
from taskstead.queries.tasks.filter_names import find_members, list_warnings
from taskstead.queries.tasks.filters import load_conditions
from taskstead.queries.tasks.listing import count_tasks, list_tasks
from taskstead.queries.tasks.tasks import list_references
from taskstead.schemas.tasks.bulk_process import (
    BulkProcess,
    CompleteAll,
    Editing,
    Labelling,
    MoveAll,
    ProcessFilter,
    ShiftDueDatesOfAll,
    TrashAll,
)
from taskstead.schemas.tasks.subtasks import SubtaskChoice
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import WriteContext
from taskstead.services.filters import check_names
from taskstead.services.job_auth import (
    enqueue_for_principal,
    make_job_context,
    record_job_batch,
)
from taskstead.services.tasks.labels import load_labels
from taskstead.services.tasks.trash import trash_tasks_in_batch
from taskstead.services.tasks.update import TaskUpdate, update_tasks_in_batch
from taskstead.tables.jobs import JobRow
from taskstead.tables.tasks import LabelledTaskRow, ShownTaskRow, TaskRow

KIND = "bulk_process"
# Tasks per chunk.
CHUNK = 500
# Tasks in a preview.
_SAMPLE_SIZE = 20
_MAX_ERRORS = 100
_BY_NUMBER = (SortKey("number", is_descending=False),)
# JSON pointers in the request for a process, by pointer in the patch of a single task.
_POINTERS = {
    "/add_tags/0": "/tag",
    "/add_tag_ids/0": "/tag_id",
    "/remove_tags/0": "/tag",
    "/remove_tag_ids/0": "/tag_id",
}
_PROCESS: TypeAdapter[Editing | TrashAll] = TypeAdapter(BulkProcess)


class _DueDateRangeError(Exception):
    """The shifted due date would be out of range."""


async def start_bulk_process(ctx: WriteContext, process: Editing | TrashAll) -> JobRow:
    """Enqueue a bulk process; return the row of its job.

    Raises:
        ValidationFailedError: a task, the category, the tag or a name in the filter does not exist,
            or the category or tag cannot be created.
    """
    if isinstance(process, Labelling):
        await _check_labels(ctx, process)
    await _check_filter(ctx, process)
    stored = process.model_dump(mode="json", exclude_unset=True, exclude={"dry_run"})
    payload: dict[str, Any] = {"process": stored, "at": render_instant(ctx.clock())}
    if process.ids is not None:
        payload["numbers"] = await _find_numbers(ctx, process.ids)
    return await enqueue_for_principal(ctx, KIND, payload)


class Preview(NamedTuple):
    """What a bulk process would process.

    Attributes:
        matched: the number of matching tasks.
        sample: the first of these tasks by number.
        warnings: the names in the filter that do not exist, if the request allows any.
    """

    matched: int
    sample: Sequence[ShownTaskRow]
    warnings: Sequence[FilterWarning] = ()


async def preview_bulk_process(ctx: WriteContext, process: Editing | TrashAll) -> Preview:
    """Return what a bulk process would process.

    Raises:
        ValidationFailedError: as for :func:`start_bulk_process`.
    """
    if isinstance(process, Labelling):
        await _check_labels(ctx, process)
    if process.ids is not None:
        numbers = await _find_numbers(ctx, process.ids)
        rows = await list_tasks_by_numbers(
            ctx.database, ctx.principal.workspace_id, numbers[:_SAMPLE_SIZE]
        )
        return Preview(len(numbers), rows)
    await _check_filter(ctx, process)
    task_filter = process.filter or ProcessFilter()
    conditions = await load_conditions(ctx.database, ctx.principal, task_filter, ctx.clock())
    matched = await count_tasks(ctx.database, conditions)
    sample = await list_tasks(ctx.database, conditions, _BY_NUMBER, after=None, limit=_SAMPLE_SIZE)
    members = await find_members(ctx.database, ctx.principal, task_filter.filter)
    workspace_id = ctx.principal.workspace_id
    warnings = await list_warnings(ctx.database, workspace_id, task_filter.filter, members)
    return Preview(matched, sample, warnings)


async def _check_filter(ctx: WriteContext, process: Editing | TrashAll) -> None:
    """Check that the filter names only what exists, unless the request allows other names.

    Raises:
        ValidationFailedError: with the position of each unknown name.
    """
    if process.filter is None or process.allow_unknown:
        return
    is_text = process.filter.model_fields_set == {"filter"}
    await check_names(ctx, process.filter.filter, "/filter" if is_text else "/filter/filter")


async def _find_numbers(ctx: WriteContext, references: Sequence[str | int]) -> list[int]:
    """Return the distinct numbers of the tasks, sorted."""
    found = await list_references(
        ctx.database,
        ctx.principal.workspace_id,
        ids=[reference for reference in references if isinstance(reference, str)],
        numbers=[reference for reference in references if isinstance(reference, int)],
    )
    numbers = {
        reference: row["number"] for row in found for reference in (row["id"], row["number"])
    }
    errors = [
        FieldError(f"/ids/{index}", f"There is no task {reference} in this workspace.", "task")
        for index, reference in enumerate(references)
        if reference not in numbers
    ]
    if errors:
        raise ValidationFailedError(errors[0].message, errors=errors[:_MAX_ERRORS])
    return sorted({numbers[reference] for reference in references})


async def _check_labels(ctx: WriteContext, process: Labelling) -> None:
    values = process.make_values()
    labels = await load_labels(ctx.database, ctx.principal.workspace_id, [values])
    try:
        labels.check(values)
    except ValidationFailedError as error:
        error.errors = tuple(
            replace(item, pointer=_POINTERS.get(item.pointer, item.pointer))
            for item in error.errors
        )
        raise


def _read_process(job: Job) -> Editing | TrashAll:
    return _PROCESS.validate_python(job.payload["process"])


async def process_chunk(database: Database, job: Job) -> bool:
    """Process the next chunk in its own transaction and batch.

    Returns:
        Whether the job is finished.

    Raises:
        JobLostError: the worker has lost the lease; nothing was changed.
        InsufficientRoleError: the user may no longer change tasks in the workspace.
        ValidationFailedError: the filter names something that was deleted after the request.
    """
    ctx = await make_job_context(database, job)
    if "part" not in job.progress.cursor:
        return await _store_task_numbers(ctx, job)
    part: int = job.progress.cursor["part"]
    data = await find_job_part(database, job.id, part)
    numbers: list[int] = [] if data is None else msgspec.json.decode(data)
    async with open_batch(ctx) as batch:
        failed = await _process_tasks(batch, _read_process(job), numbers)
        for item in failed:
            job.progress.add_failed_item(item)
        job.progress.count("changed", sum(row["kind"] == "task" for row in batch.rows))
        job.progress.done += len(numbers)
        job.progress.cursor["part"] = part + 1
        record_job_batch(job, batch)
        return await _finish_chunk(batch.transaction, job)


async def _store_task_numbers(ctx: WriteContext, job: Job) -> bool:
    """Store the numbers of the matching tasks as parts of the job."""
    parts = []
    total = 0
    async for numbers in _walk_task_numbers(ctx, job):
        parts.append(msgspec.json.encode(numbers))
        total += len(numbers)
    job.progress.total = total
    job.progress.cursor["part"] = 0
    async with ctx.database.transaction() as transaction:
        await add_job_parts(transaction, job.id, parts)
        return await _finish_chunk(transaction, job)


async def _walk_task_numbers(ctx: WriteContext, job: Job) -> AsyncGenerator[Sequence[int]]:
    """Yield the numbers of the job's tasks in chunks."""
    stored: list[int] | None = job.payload.get("numbers")
    if stored is not None:
        for start in range(0, len(stored), CHUNK):
            yield stored[start : start + CHUNK]
        return
    process = _read_process(job)
    # A name may have been deleted since the request.
    await _check_filter(ctx, process)
    now = msgspec.convert(job.payload["at"], datetime)
    task_filter = process.filter or ProcessFilter()
    conditions = await load_conditions(ctx.database, ctx.principal, task_filter, now)
    async for numbers in walk_numbers(ctx.database, conditions, chunk=CHUNK):
        yield numbers


async def _finish_chunk(transaction: Transaction, job: Job) -> bool:
    if job.progress.done == job.progress.total:
        await finish_job(transaction, job)
        return True
    await save_progress(transaction, job)
    return False


async def _process_tasks(
    batch: Batch, process: Editing | TrashAll, numbers: Sequence[int]
) -> list[FailedItem]:
    """Process the tasks with these numbers; return the tasks that could not be processed."""
    tasks = await list_tasks_by_numbers(batch.transaction, batch.workspace_id, numbers)
    found = {row["number"] for row in tasks}
    failed = [
        FailedItem(number, "The task was permanently deleted.", "not_found")
        for number in numbers
        if number not in found
    ]
    if _get_choice(process) == "refuse":
        tasks = _put_children_first(tasks)
    if isinstance(process, TrashAll):
        return failed + await _trash_tasks(batch, process, tasks)
    return failed + await _update_tasks(batch, process, tasks)


def _get_choice(process: Editing | TrashAll) -> SubtaskChoice | None:
    """Return what happens to the open sub-tasks of the tasks."""
    return process.subtasks if isinstance(process, (CompleteAll, MoveAll, TrashAll)) else None


def _put_children_first(tasks: Sequence[LabelledTaskRow]) -> list[LabelledTaskRow]:
    """Sort tasks so that a task whose sub-tasks are processed too is not refused for them."""
    parents = {row["id"]: row["parent_id"] for row in tasks}

    def measure_depth(row: LabelledTaskRow) -> int:
        depth, parent_id = 0, row["parent_id"]
        while parent_id is not None:
            depth, parent_id = depth + 1, parents.get(parent_id)
        return depth

    return sorted(tasks, key=measure_depth, reverse=True)


async def _trash_tasks(
    batch: Batch, process: TrashAll, tasks: Sequence[LabelledTaskRow]
) -> list[FailedItem]:
    """Trash the tasks; return the tasks that could not be trashed."""
    ids = [row["id"] for row in tasks]
    errors = await trash_tasks_in_batch(batch, ids, dict.fromkeys(ids, process.subtasks))
    return [
        _make_failed_item(row["number"], errors[row["id"]]) for row in tasks if row["id"] in errors
    ]


async def _update_tasks(
    batch: Batch, process: Editing, tasks: Sequence[LabelledTaskRow]
) -> list[FailedItem]:
    """Update the tasks; return the tasks that could not be updated."""
    updates: list[TaskUpdate[LabelledTaskRow]] = []
    failed: list[FailedItem] = []
    for row in tasks:
        try:
            values = _make_values(process, row)
        except _DueDateRangeError:
            message = "The new due date would be out of range"
            failed.append(FailedItem(row["number"], message, "due_date"))
        else:
            if values is not None:
                updates.append(TaskUpdate(row, values, subtasks=_get_choice(process)))
    await update_tasks_in_batch(batch, updates)
    return failed + [
        _make_failed_item(update.old["number"], update.error)
        for update in updates
        if update.error is not None
    ]


def _make_values(process: Editing, task: TaskRow) -> dict[str, Any] | None:
    """Return the values to change in a task; None if nothing changes.

    Raises:
        _DueDateRangeError: the new due date would be out of range.
    """
    if not isinstance(process, ShiftDueDatesOfAll):
        return process.make_values()
    if task["due_date"] is None:
        return None
    try:
        shifted = shift_due_date(task["due_date"], process.days, task["due_time_zone"])
        parse_due_date(shifted)
    except (ValueError, OverflowError) as error:
        raise _DueDateRangeError from error
    return {"due_date": shifted}


def _make_failed_item(number: int, error: TasksteadError) -> FailedItem:
    pointer = error.errors[0].pointer if error.errors else None
    return FailedItem(number, error.detail, error.code, pointer)
