"""Schemas of bulk requests: many operations on tasks in one request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, WrapValidator

from taskstead.schemas.base import Input, Output, drop_defaults
from taskstead.schemas.problems import Problem
from taskstead.schemas.tasks.places import TaskPlace
from taskstead.schemas.tasks.references import TaskReference
from taskstead.schemas.tasks.repeats import OccurrenceChoice
from taskstead.schemas.tasks.subtasks import SubtasksField, TrashSubtasksField
from taskstead.schemas.tasks.tasks import TaskBase, TaskCreate, TaskPatch

MAX_OPERATIONS = 1000

OperationReference = Annotated[TaskReference, Field(description="The task, by id or number.")]
IfRevision = Annotated[
    int | None,
    Field(
        ge=1,
        lt=2**63,
        description="The `revision` of your copy of the task. If the task has another revision, "
        "the operation fails with `revision_mismatch`.",
    ),
]


class CreateOperation(Input):
    """Create a task."""

    op: Literal["create"]
    task: TaskCreate


class UpdateOperation(Input):
    """Change the given fields of a task. All other fields keep their values."""

    op: Literal["update"]
    id: OperationReference
    task: TaskPatch
    if_revision: IfRevision = None
    subtasks: SubtasksField = None

    def list_values(self) -> dict[str, Any]:
        """Return the values to change, by field; see ``TaskPatch.list_values``."""
        return self.task.list_values()


class MoveOperation(TaskPlace):
    """Move a task in the manual order: exactly one of `before`, `after` and `to`."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    op: Literal["move"]
    id: OperationReference
    if_revision: IfRevision = None
    subtasks: SubtasksField = None

    def list_values(self) -> dict[str, Any]:
        """Return the new place as the value of a field; see ``TaskPatch.list_values``."""
        return {"place": self}


class SkipOperation(OccurrenceChoice):
    """Skip the current occurrence of a repeating task."""

    op: Literal["skip"]
    id: OperationReference
    if_revision: IfRevision = None


class CompleteOperation(OccurrenceChoice):
    """Complete a task, or the current occurrence of a repeating task."""

    op: Literal["complete"]
    id: OperationReference
    if_revision: IfRevision = None
    subtasks: SubtasksField = None


class TrashOperation(Input):
    """Move a task and all its sub-tasks to the trash."""

    op: Literal["trash"]
    id: OperationReference
    if_revision: IfRevision = None
    subtasks: TrashSubtasksField = None


class RestoreOperation(Input):
    """Restore a task from the trash, with exactly the sub-tasks that were trashed with it."""

    op: Literal["restore"]
    id: OperationReference
    if_revision: IfRevision = None


class PurgeOperation(Input):
    """Delete a task and all its sub-tasks permanently. The task need not be in the trash.

    An API token needs the scope `tasks:purge` for this.
    """

    op: Literal["purge"]
    id: OperationReference
    if_revision: IfRevision = None


@dataclass(frozen=True, slots=True)
class InvalidOperation:
    """An operation that failed validation.

    Attributes:
        value: the operation as sent by the client.
        error: the error of pydantic.
    """

    value: Any
    error: ValidationError


ReferringOperation = (
    UpdateOperation
    | MoveOperation
    | CompleteOperation
    | SkipOperation
    | TrashOperation
    | RestoreOperation
    | PurgeOperation
)
Operation = CreateOperation | ReferringOperation


def _capture_errors(value: Any, validate: Any) -> Any:
    """Return an ``InvalidOperation`` on failure, so that errors are reported per operation."""
    try:
        return validate(value)
    except ValidationError as error:
        return InvalidOperation(value, error)


class BulkRequest(Input):
    """Operations on tasks, run in order in one transaction."""

    operations: Annotated[
        list[Annotated[Operation, Field(discriminator="op"), WrapValidator(_capture_errors)]],
        Field(
            min_length=1,
            max_length=MAX_OPERATIONS,
            description="Each operation sees the effects of the previous ones.",
            examples=[
                [
                    {"op": "create", "task": {"title": "Buy oat milk", "tags": ["errand"]}},
                    {"op": "update", "id": 17, "task": {"completed": True}, "if_revision": 203},
                    {"op": "trash", "id": 18},
                ]
            ],
        ),
    ]
    atomic: Annotated[
        bool,
        Field(
            description="True: apply all operations or none, and return the first error. False: "
            "apply each operation independently."
        ),
    ] = True
    dry_run: Annotated[
        bool,
        Field(
            description="Validate and return all results without writing. Ids, numbers and "
            "revisions in the response are placeholders."
        ),
    ] = False

    def list_operations(self) -> Sequence[Operation | InvalidOperation]:
        """Return all operations in their order, including invalid ones."""
        return self.operations


class TaskWritten(TaskBase):
    """A task after all operations, without its description."""


class BulkResult(Output):
    """The result of one operation."""

    status: Annotated[
        int,
        Field(
            description="The status of the equivalent single request: 201 created, 200 updated, "
            "moved, completed, skipped or restored, 204 trashed or purged, 4xx failed.",
            examples=[201],
        ),
    ]
    id: Annotated[str | None, Field(description="The task's id; null if unknown.")]
    task: Annotated[
        TaskWritten | None,
        Field(description="Null if the task was trashed or purged, or if the operation failed."),
    ]
    revision: Annotated[
        int | None,
        Field(
            description="The revision at which the request changed the task last; null if it did "
            "not change it."
        ),
    ]
    problem: Annotated[
        Problem | None, Field(description="The error; null if the operation succeeded.")
    ]


class BulkAnswer(Output):
    """The results of all operations, in their order."""

    results: list[BulkResult]
    succeeded: int
    failed: int
    dry_run: bool
    batch: Annotated[
        str | None,
        Field(
            description="The id of the batch: all changes of this request in the change log. "
            "`POST /api/v1/batches/{batch_id}/undo` undoes them. Null if nothing was changed."
        ),
    ]
    revision: Annotated[
        int | None,
        Field(description="The revision of the workspace after the request; null for a dry run."),
    ]
