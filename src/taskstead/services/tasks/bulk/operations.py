"""Bulk operations: many operations on tasks in one transaction and one batch of the log.

Consecutive operations of the same kind are a run. The number of SQL statements of a run does not
depend on its length. A run ends before an operation on a task that the run has already changed, so
that each operation sees the results of the operations before it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from taskstead.domain.principal import Principal
from taskstead.errors import (
    FieldError,
    InsufficientScopeError,
    NotFoundError,
    RevisionMismatchError,
    TasksteadError,
    ValidationFailedError,
)
from taskstead.formats.json.validation_errors import list_field_errors
from taskstead.queries.tasks.tasks import ReferredTaskRow, list_references, list_tasks_by_ids
from taskstead.schemas.tasks.bulk import (
    BulkRequest,
    CompleteOperation,
    CreateOperation,
    InvalidOperation,
    MoveOperation,
    Operation,
    ReferringOperation,
    SkipOperation,
    TrashOperation,
    UpdateOperation,
)
from taskstead.services.changelog import Batch, open_batch, summarize_batch
from taskstead.services.context import WriteContext, WrittenBatch
from taskstead.services.tasks.create import TaskDraft, create_tasks_in_batch
from taskstead.services.tasks.item_errors import prefix_pointers
from taskstead.services.tasks.purge import check_purge_scope, purge_tasks_in_batch
from taskstead.services.tasks.restore import restore_tasks_in_batch
from taskstead.services.tasks.trash import trash_tasks_in_batch
from taskstead.services.tasks.update import TaskUpdate, update_tasks_in_batch
from taskstead.tables.tasks import LabelledTaskRow

_MAX_ERRORS = 100
_REMOVALS = ("trash", "purge")
OutcomeKind = Literal["created", "changed", "removed", "failed"]
# The kinds of outcomes that contain the task.
_SHOWN = ("created", "changed")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one operation.

    Attributes:
        kind: whether the task was created, changed or removed, or the operation failed. A trashed
            or purged task is removed.
        task_id: the task's id; None if it is not known.
        task: the task after all operations, as a row of ``queries.tasks.tasks``. None if the
            operation removed the task or failed.
        error: the error of a failed operation. Its JSON pointers begin with ``/operations/``.
        revision: the revision of the last change of the task in the batch; None if the batch does
            not change it.
    """

    kind: OutcomeKind
    task_id: str | None = None
    task: LabelledTaskRow | None = None
    error: TasksteadError | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """The result of a bulk request.

    Attributes:
        outcomes: the results of the operations, in order.
        written: the batch in the change log; None after a dry run.
    """

    outcomes: list[Outcome]
    written: WrittenBatch | None


class _DryRunError(Exception):
    """Rolls back the transaction of a dry run."""


@dataclass(slots=True, kw_only=True)
class _Item:
    """An operation of a request.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the operation.
        outcome: the result of the operation, when it is known.
    """

    pointer: str
    outcome: Outcome | None = None

    def fail(self, error: TasksteadError, task_id: str | None = None) -> None:
        """Set the outcome to an error. Its JSON pointers begin with the pointer of the item."""
        self.outcome = Outcome("failed", task_id, error=error)


@dataclass(slots=True, kw_only=True)
class _Creation(_Item):
    """An operation that creates a task."""

    draft: TaskDraft

    def finish(self) -> None:
        """Set the outcome after the draft was created or has an error."""
        error = self.draft.error
        if error is None:
            self.outcome = Outcome("created", self.draft.id)
        else:
            _locate_error(error, f"{self.pointer}/task", f"{self.pointer}/task")
            self.fail(error)


@dataclass(slots=True, kw_only=True)
class _Change(_Item):
    """An operation on an existing task."""

    operation: ReferringOperation

    def finish(self, task_id: str | None, error: TasksteadError | None) -> None:
        """Set the outcome.

        Args:
            task_id: the id of the task; None if it does not exist.
            error: the error of the operation, if it failed.
        """
        if error is None:
            kind: OutcomeKind = "removed" if self.operation.op in _REMOVALS else "changed"
            self.outcome = Outcome(kind, task_id)
            return
        if isinstance(error, RevisionMismatchError):
            _locate_error(error, f"{self.pointer}/id", self.pointer)
        elif isinstance(self.operation, MoveOperation):
            _locate_error(error, f"{self.pointer}/id", self.pointer, old_prefix="/place")
        else:
            _locate_error(error, f"{self.pointer}/id", f"{self.pointer}/task")
        self.fail(error, task_id)


def _locate_error(
    error: TasksteadError, default: str, prefix: str, *, old_prefix: str = ""
) -> None:
    """Make the JSON pointers of an error relative to the request.

    Args:
        error: the error to change.
        default: the JSON pointer of an error that has none.
        prefix: put before the existing JSON pointers.
        old_prefix: an existing prefix, which is removed first.
    """
    if error.errors:
        prefix_pointers(error, prefix, old_prefix=old_prefix)
    else:
        error.errors = (FieldError(default, error.detail, error.code),)


async def process_operations(ctx: WriteContext, request: BulkRequest) -> BulkOutcome:
    """Run operations on tasks in one batch; return the result of each.

    Raises:
        TasksteadError: the request is atomic and an operation failed, so nothing was changed. This
            is the error of the first failed operation. Its JSON pointers begin with
            ``/operations/`` and the index.
    """
    items = [
        _make_item(ctx.principal, f"/operations/{index}", operation)
        for index, operation in enumerate(request.list_operations())
    ]
    if request.atomic:
        _raise_request_error(items)
    outcomes: list[Outcome] = []
    try:
        async with open_batch(ctx) as batch:
            await _BulkRun(batch, is_atomic=request.atomic).run(items)
            outcomes = await _list_outcomes(batch, items)
            _abort_dry_run(is_dry_run=request.dry_run)
    except _DryRunError:
        return BulkOutcome(outcomes, None)
    return BulkOutcome(outcomes, summarize_batch(batch))


def _abort_dry_run(*, is_dry_run: bool) -> None:
    if is_dry_run:
        raise _DryRunError


def _make_item(
    principal: Principal, pointer: str, operation: Operation | InvalidOperation
) -> _Item:
    """Return the item of an operation. A malformed or forbidden operation has failed."""
    if isinstance(operation, InvalidOperation):
        item = _Item(pointer=pointer)
        field_errors = list_field_errors(operation.error, operation.value)
        error = ValidationFailedError(field_errors[0].message, errors=field_errors)
        prefix_pointers(error, pointer)
        item.fail(error)
        return item
    if isinstance(operation, CreateOperation):
        return _Creation(pointer=pointer, draft=TaskDraft.from_body(operation.task))
    change = _Change(pointer=pointer, operation=operation)
    scope_error = _find_missing_scope(principal, operation)
    if scope_error is not None:
        prefix_pointers(scope_error, pointer)
        change.fail(scope_error)
    return change


def _raise_request_error(items: Sequence[_Item]) -> None:
    """Raise an error with the errors of all malformed operations, or of the first forbidden one.

    Raises:
        ValidationFailedError: an operation is malformed.
        InsufficientScopeError: an operation is forbidden.
    """
    errors = [item.outcome.error for item in items if item.outcome and item.outcome.error]
    field_errors = [
        field_error
        for error in errors
        if isinstance(error, ValidationFailedError)
        for field_error in error.errors
    ]
    if field_errors:
        more = f" (and {len(field_errors) - 1} more)" if len(field_errors) > 1 else ""
        raise ValidationFailedError(
            f"{field_errors[0].pointer}: {field_errors[0].message}{more}",
            errors=field_errors[:_MAX_ERRORS],
        )
    if errors:
        raise errors[0]


class _BulkRun:
    """Executes the operations of one request in an open batch."""

    def __init__(self, batch: Batch, *, is_atomic: bool) -> None:
        self._batch = batch
        self._is_atomic = is_atomic
        # Ids and numbers of the tasks that the request has purged.
        self._purged: set[str | int] = set()

    async def run(self, items: Iterable[_Item]) -> None:
        """Execute the items without an outcome, run by run, and set their outcomes.

        Raises:
            TasksteadError: the request is atomic, and this is its first error.
        """
        pending = [item for item in items if item.outcome is None]
        for _, group in groupby(pending, key=_find_kind):
            run = list(group)
            creations = [item for item in run if isinstance(item, _Creation)]
            if creations:
                await self._create(creations)
            changes: Sequence[_Change] = [item for item in run if isinstance(item, _Change)]
            while changes:
                changes = await self._run_until_repeat(changes)

    async def _create(self, run: Sequence[_Creation]) -> None:
        await create_tasks_in_batch(self._batch, [item.draft for item in run])
        for item in run:
            item.finish()
        self._raise_if_atomic(run)

    async def _run_until_repeat(self, run: Sequence[_Change]) -> Sequence[_Change]:
        """Execute operations of a run; return the remaining ones, which need another call.

        The call stops before the second operation on the same task.
        """
        found = await _find_tasks(self._batch, [item.operation for item in run])
        selected: dict[str, _Change] = {}
        rest: Sequence[_Change] = ()
        for offset, item in enumerate(run):
            operation = item.operation
            task = found.get(operation.id)
            if task is not None and task["id"] in selected:
                rest = run[offset:]
                break
            if task is None and operation.op == "purge" and operation.id in self._purged:
                # An earlier operation has already purged the task.
                item.finish(None, None)
            elif (error := _find_error(operation, task)) is not None:
                item.finish(None if task is None else task["id"], error)
            elif task is not None:
                selected[task["id"]] = item
        operations = {task_id: item.operation for task_id, item in selected.items()}
        result = await _ACTIONS[run[0].operation.op](self._batch, operations)
        self._purged |= result.purged
        for task_id, item in selected.items():
            item.finish(task_id, result.errors.get(task_id))
        self._raise_if_atomic(run)
        return rest

    def _raise_if_atomic(self, run: Iterable[_Item]) -> None:
        if self._is_atomic:
            for item in run:
                if item.outcome is not None and item.outcome.error is not None:
                    raise item.outcome.error


def _find_kind(item: _Item) -> str:
    """Return the kind of an operation. Consecutive operations of the same kind are a run."""
    return item.operation.op if isinstance(item, _Change) else "create"


async def _list_outcomes(batch: Batch, items: Iterable[_Item]) -> list[Outcome]:
    """Return the results of the operations, with the current rows of the tasks."""
    revisions = {change["entity_id"]: change["revision"] for change in batch.rows}
    outcomes = [
        replace(item.outcome, revision=revisions.get(item.outcome.task_id or ""))
        for item in items
        if item.outcome is not None
    ]
    shown_ids = {outcome.task_id: None for outcome in outcomes if outcome.kind in _SHOWN}
    ids = [task_id for task_id in shown_ids if task_id is not None]
    found = await list_tasks_by_ids(batch.transaction, batch.workspace_id, ids)
    tasks: dict[str | None, LabelledTaskRow] = {row["id"]: row for row in found}
    return [
        replace(outcome, task=tasks.get(outcome.task_id)) if outcome.kind in _SHOWN else outcome
        for outcome in outcomes
    ]


async def _find_tasks(
    batch: Batch, operations: Sequence[ReferringOperation]
) -> dict[str | int, ReferredTaskRow]:
    """Return the tasks that the operations refer to, by id and also by number."""
    references = {operation.id for operation in operations}
    found = await list_references(
        batch.transaction,
        batch.workspace_id,
        ids=[reference for reference in references if isinstance(reference, str)],
        numbers=[reference for reference in references if isinstance(reference, int)],
    )
    return {reference: row for row in found for reference in (row["id"], row["number"])}


def _find_missing_scope(principal: Principal, operation: Operation) -> TasksteadError | None:
    if operation.op == "purge":
        try:
            check_purge_scope(principal)
        except InsufficientScopeError as error:
            error.errors = (FieldError("/op", error.detail, error.code),)
            return error
    return None


def _find_error(
    operation: ReferringOperation, task: ReferredTaskRow | None
) -> TasksteadError | None:
    if task is None:
        return NotFoundError(f"There is no task {operation.id} in this workspace.")
    if operation.if_revision not in (None, task["revision"]):
        message = (
            f"Task {task['number']} is at revision {task['revision']}, "
            f"not {operation.if_revision}. Fetch it and retry."
        )
        field_error = FieldError("/if_revision", message, RevisionMismatchError.code)
        return RevisionMismatchError(message, errors=[field_error])
    return None


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of some operations of the same kind.

    Attributes:
        errors: the errors of the failed operations, by id of the task.
        purged: ids and numbers of the purged tasks.
    """

    errors: Mapping[str, TasksteadError] = field(default_factory=dict)
    purged: AbstractSet[str | int] = frozenset()


Operations = Mapping[str, ReferringOperation]
"""Operations of one kind by the id of the task; at most one per task."""
_Action = Callable[[Batch, Operations], Awaitable[_Result]]


def _make_update(
    row: LabelledTaskRow, operation: ReferringOperation
) -> TaskUpdate[LabelledTaskRow]:
    match operation:
        case UpdateOperation() | MoveOperation():
            return TaskUpdate(row, operation.list_values(), subtasks=operation.subtasks)
        case CompleteOperation(occurrence=occurrence, subtasks=subtasks):
            values = {"completed": True}
            return TaskUpdate(row, values, occurrence=occurrence, subtasks=subtasks)
        case SkipOperation(occurrence=occurrence):
            return TaskUpdate(row, {}, occurrence=occurrence, is_skip=True)
    raise AssertionError(f"{operation.op} does not update a task")


async def _update(batch: Batch, operations: Operations) -> _Result:
    updates = [
        _make_update(row, operations[row["id"]])
        for row in await list_tasks_by_ids(batch.transaction, batch.workspace_id, [*operations])
    ]
    await update_tasks_in_batch(batch, updates)
    return _Result({update.old["id"]: update.error for update in updates if update.error})


async def _trash(batch: Batch, operations: Operations) -> _Result:
    choices = {
        task_id: operation.subtasks
        for task_id, operation in operations.items()
        if isinstance(operation, TrashOperation)
    }
    return _Result(await trash_tasks_in_batch(batch, [*operations], choices))


async def _restore(batch: Batch, operations: Operations) -> _Result:
    return _Result(await restore_tasks_in_batch(batch, [*operations]))


async def _purge(batch: Batch, operations: Operations) -> _Result:
    purged = await purge_tasks_in_batch(batch, [*operations])
    return _Result(purged={name for row in purged for name in (row["id"], row["number"])})


_ACTIONS: dict[str, _Action] = {
    "update": _update,
    "move": _update,
    "complete": _update,
    "skip": _update,
    "trash": _trash,
    "restore": _restore,
    "purge": _purge,
}
