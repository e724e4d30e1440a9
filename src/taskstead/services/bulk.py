"""Bulk operations: many operations on tasks in one transaction and one batch of the log.

Consecutive operations of the same kind are a run. The number of SQL statements of a run does not
depend on its length. A run ends before an operation on a task that the run has already changed, so
that each operation sees the results of the operations before it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import groupby

from taskstead.db.database import Database
from taskstead.errors import (
    FieldError,
    InsufficientScopeError,
    NotFoundError,
    RevisionMismatchError,
    TasksteadError,
    ValidationFailedError,
)
from taskstead.queries.principals import Principal
from taskstead.queries.tasks import ReferredTaskRow, list_references, list_tasks_by_ids
from taskstead.schemas.bulk import (
    BulkRequest,
    CreateOperation,
    InvalidOperation,
    MoveOperation,
    Operation,
    ReferringOperation,
    UpdateOperation,
)
from taskstead.services.changes import Batch, WrittenBatch, open_batch, summarize_batch
from taskstead.services.problems import prefix_pointers
from taskstead.services.purge import check_purge_scope, purge_tasks_in_batch
from taskstead.services.restore import restore_tasks_in_batch
from taskstead.services.task_changes import TaskUpdate, apply_updates
from taskstead.services.task_creation import TaskDraft, create_drafted_tasks
from taskstead.services.trash import trash_tasks_in_batch
from taskstead.tables.tasks import LabelledTaskRow

_MAX_ERRORS = 100
_STATUSES = {"create": 201, "update": 200, "move": 200, "restore": 200, "trash": 204, "purge": 204}

Referring = list[tuple[int, ReferringOperation]]
"""Operations on existing tasks, each with its index in the request."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one operation.

    Attributes:
        status: the HTTP status that a single request would return.
        task_id: the task's id; None if it is not known.
        task: the task after all operations, as a row of ``queries.tasks``. None if the operation
            trashed or purged the task, or failed.
        problem: the error of a failed operation. Its JSON pointers begin with ``/operations/``.
    """

    status: int
    task_id: str | None = None
    task: LabelledTaskRow | None = None
    problem: TasksteadError | None = None


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


async def process_operations(
    database: Database, principal: Principal, request: BulkRequest
) -> BulkOutcome:
    """Run operations on tasks in one batch; return the result of each.

    Raises:
        TasksteadError: the request is atomic and an operation failed, so nothing was changed. This
            is the error of the first failed operation. Its JSON pointers begin with
            ``/operations/`` and the index.
    """
    bulk = _BulkRun(is_atomic=request.atomic)
    bulk.partition_operations(principal, request.list_operations())
    outcomes: list[Outcome] = []
    try:
        async with open_batch(database, principal) as batch:
            await bulk.run(batch)
            outcomes = await bulk.list_outcomes(batch)
            _abort_dry_run(is_dry_run=request.dry_run)
    except _DryRunError:
        return BulkOutcome(outcomes, None)
    return BulkOutcome(outcomes, summarize_batch(batch))


def _abort_dry_run(*, is_dry_run: bool) -> None:
    if is_dry_run:
        raise _DryRunError


class _BulkRun:
    """The operations of one request, and the results so far."""

    def __init__(self, *, is_atomic: bool) -> None:
        self._is_atomic = is_atomic
        self._valid: list[tuple[int, Operation]] = []
        self._outcomes: dict[int, Outcome] = {}
        self._purged: set[str | int] = set()

    def partition_operations(
        self, principal: Principal, operations: Sequence[Operation | InvalidOperation]
    ) -> None:
        """Sort the operations into valid ones and failed (malformed or forbidden) ones.

        Raises:
            ValidationFailedError: the request is atomic and has malformed operations.
            InsufficientScopeError: the request is atomic and has forbidden operations.
        """
        field_errors: list[FieldError] = []
        for index, operation in enumerate(operations):
            if isinstance(operation, InvalidOperation):
                first = operation.errors[0]
                error = ValidationFailedError(first.message, errors=operation.errors)
                prefix_pointers(error, f"/operations/{index}")
                self._outcomes[index] = Outcome(error.status, problem=error)
                field_errors += error.errors
            elif (problem := _find_missing_scope(principal, operation)) is not None:
                prefix_pointers(problem, f"/operations/{index}")
                self._outcomes[index] = Outcome(problem.status, problem=problem)
            else:
                self._valid.append((index, operation))
        if field_errors and self._is_atomic:
            more = f" (and {len(field_errors) - 1} more)" if len(field_errors) > 1 else ""
            raise ValidationFailedError(
                f"{field_errors[0].pointer}: {field_errors[0].message}{more}",
                errors=field_errors[:_MAX_ERRORS],
            )
        self._raise_if_atomic()

    async def run(self, batch: Batch) -> None:
        """Execute the valid operations, run by run."""
        for kind, run in groupby(self._valid, key=lambda pair: pair[1].op):
            operations = list(run)
            if kind == "create":
                await self._create(batch, operations)
            else:
                pending: Referring = [
                    (index, operation)
                    for index, operation in operations
                    if not isinstance(operation, CreateOperation)
                ]
                while pending:
                    pending = await self._run_until_repeat(batch, pending, _ACTIONS[kind])

    async def _create(self, batch: Batch, run: list[tuple[int, Operation]]) -> None:
        creations = [
            (index, operation, TaskDraft.from_body(operation.task))
            for index, operation in run
            if isinstance(operation, CreateOperation)
        ]
        await create_drafted_tasks(batch, [draft for _, _, draft in creations])
        for index, operation, draft in creations:
            task_id = draft.id if draft.error is None else None
            self._record(index, operation, draft.error, task_id)
        self._raise_if_atomic()

    async def _run_until_repeat(self, batch: Batch, run: Referring, action: "_Action") -> Referring:
        """Execute operations of a run; return the remaining ones, which need another call.

        The call stops before the second operation on the same task.
        """
        found = await _find_tasks(batch, [operation for _, operation in run])
        selected: dict[str, tuple[int, ReferringOperation]] = {}
        rest: Referring = []
        for offset, (index, operation) in enumerate(run):
            task = found.get(operation.id)
            if task is not None and task["id"] in selected:
                rest = run[offset:]
                break
            if task is None and operation.op == "purge" and operation.id in self._purged:
                # An earlier operation has already purged the task.
                self._record(index, operation, None, None)
            elif (problem := _find_problem(operation, task)) is not None:
                self._record(index, operation, problem, None if task is None else task["id"])
            elif task is not None:
                selected[task["id"]] = (index, operation)
        operations = {task_id: operation for task_id, (_, operation) in selected.items()}
        result = await action(batch, operations)
        self._purged |= result.purged
        for task_id, (index, operation) in selected.items():
            self._record(index, operation, result.errors.get(task_id), task_id)
        self._raise_if_atomic()
        return rest

    def _record(
        self,
        index: int,
        operation: Operation,
        problem: TasksteadError | None,
        task_id: str | None,
    ) -> None:
        if problem is None:
            self._outcomes[index] = Outcome(_STATUSES[operation.op], task_id)
            return
        prefix = f"/operations/{index}"
        if not problem.errors:
            pointer = "/task" if isinstance(operation, CreateOperation) else "/id"
            problem.errors = (FieldError(prefix + pointer, problem.detail, problem.code),)
        elif isinstance(problem, RevisionMismatchError):
            prefix_pointers(problem, prefix)
        elif isinstance(operation, MoveOperation):
            prefix_pointers(problem, prefix, old_prefix="/place")
        else:
            prefix_pointers(problem, f"{prefix}/task")
        self._outcomes[index] = Outcome(problem.status, task_id, problem=problem)

    def _raise_if_atomic(self) -> None:
        if self._is_atomic:
            for index in sorted(self._outcomes):
                problem = self._outcomes[index].problem
                if problem is not None:
                    raise problem

    async def list_outcomes(self, batch: Batch) -> list[Outcome]:
        """Return the results of the operations, with the current rows of the tasks."""
        outcomes = [self._outcomes[index] for index in sorted(self._outcomes)]
        shown_ids = {outcome.task_id: None for outcome in outcomes if outcome.status in (200, 201)}
        ids = [task_id for task_id in shown_ids if task_id is not None]
        found = await list_tasks_by_ids(batch.transaction, batch.workspace_id, ids)
        tasks: dict[str | None, LabelledTaskRow] = {row["id"]: row for row in found}
        return [
            Outcome(
                outcome.status,
                outcome.task_id,
                tasks.get(outcome.task_id) if outcome.status in (200, 201) else None,
                outcome.problem,
            )
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


def _find_problem(
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


async def _update(batch: Batch, operations: Operations) -> _Result:
    updates = [
        TaskUpdate(row, operation.list_values())
        for row in await list_tasks_by_ids(batch.transaction, batch.workspace_id, [*operations])
        if isinstance(operation := operations[row["id"]], UpdateOperation | MoveOperation)
    ]
    await apply_updates(batch, updates)
    return _Result({update.old["id"]: update.error for update in updates if update.error})


async def _trash(batch: Batch, operations: Operations) -> _Result:
    await trash_tasks_in_batch(batch, [*operations])
    return _Result()


async def _restore(batch: Batch, operations: Operations) -> _Result:
    return _Result(await restore_tasks_in_batch(batch, [*operations]))


async def _purge(batch: Batch, operations: Operations) -> _Result:
    purged = await purge_tasks_in_batch(batch, [*operations])
    return _Result(purged={name for row in purged for name in (row["id"], row["number"])})


_ACTIONS: dict[str, _Action] = {
    "update": _update,
    "move": _update,
    "trash": _trash,
    "restore": _restore,
    "purge": _purge,
}
