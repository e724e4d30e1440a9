"""Many operations on tasks in one request, on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, WrapValidator

from taskstead.errors import FieldError
from taskstead.schemas.base import Input, Output, drop_defaults
from taskstead.schemas.faults import list_faults
from taskstead.schemas.places import TaskPlace
from taskstead.schemas.problems import Problem
from taskstead.schemas.references import TaskReference
from taskstead.schemas.tasks import TaskBase, TaskCreate, TaskPatch

MAX_OPERATIONS = 1000

OperationReference = Annotated[TaskReference, Field(description="The task, by id or number.")]
IfRevision = Annotated[
    int | None,
    Field(
        ge=1,
        lt=2**63,
        description="The task's `revision` as the client knows it: with another one, nothing is "
        "done and the answer is `revision_mismatch`.",
    ),
]


class CreateOperation(Input):
    """Create a task."""

    op: Literal["create"]
    task: TaskCreate


class UpdateOperation(Input):
    """Change the fields of a task that are named, and no other."""

    op: Literal["update"]
    id: OperationReference
    task: TaskPatch
    if_revision: IfRevision = None


class MoveOperation(TaskPlace):
    """Move a task in the manual order: exactly one of `before`, `after` and `to`."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    op: Literal["move"]
    id: OperationReference
    if_revision: IfRevision = None

    def make_patch(self) -> TaskPatch:
        """Return the change to the task."""
        place = self.model_dump(include=set(TaskPlace.model_fields), exclude_unset=True)
        return TaskPatch(place=TaskPlace.model_validate(place))


class TrashOperation(Input):
    """Put a task and all its sub-tasks in the trash."""

    op: Literal["trash"]
    id: OperationReference
    if_revision: IfRevision = None


class RestoreOperation(Input):
    """Bring a task back from the trash, with exactly the sub-tasks that went there with it."""

    op: Literal["restore"]
    id: OperationReference
    if_revision: IfRevision = None


class PurgeOperation(Input):
    """Delete a task and all its sub-tasks for good, be they in the trash or not.

    An API token needs the scope `tasks:purge` for this.
    """

    op: Literal["purge"]
    id: OperationReference
    if_revision: IfRevision = None


@dataclass(frozen=True, slots=True)
class BrokenOperation:
    """What was sent in place of an operation and is none; pointers are relative to it."""

    errors: tuple[FieldError, ...]


ReferringOperation = (
    UpdateOperation | MoveOperation | TrashOperation | RestoreOperation | PurgeOperation
)
Operation = CreateOperation | ReferringOperation


def _keep_faults(value: Any, validate: Any) -> Any:
    """Let the others be done: which operations are broken is told for each by itself."""
    try:
        return validate(value)
    except ValidationError as error:
        return BrokenOperation(list_faults(error, value))


class BulkRequest(Input):
    """Operations on tasks, done one after another in one transaction."""

    operations: Annotated[
        list[Annotated[Operation, Field(discriminator="op"), WrapValidator(_keep_faults)]],
        Field(
            min_length=1,
            max_length=MAX_OPERATIONS,
            description="Each sees what those before it have done.",
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
            description="All or none: the first operation that cannot be done is the answer. "
            "false: each is done or not by itself."
        ),
    ] = True
    dry_run: Annotated[
        bool,
        Field(
            description="Check and answer everything, write nothing. Ids, numbers and revisions "
            "in the answer are then made up."
        ),
    ] = False

    def list_operations(self) -> Sequence[Operation | BrokenOperation]:
        """Return the operations, broken ones in their places."""
        return self.operations


class TaskWritten(TaskBase):
    """A task as it is after all operations, without its description."""


class BulkResult(Output):
    """What has become of one operation."""

    status: Annotated[
        int,
        Field(
            description="The status that the operation would have had as a request of its own: "
            "201 created, 200 updated, moved or restored, 204 trashed or purged, 4xx not done.",
            examples=[201],
        ),
    ]
    id: Annotated[str | None, Field(description="The task's id; null where it is not known.")]
    task: Annotated[TaskWritten | None, Field(description="Null when it is not, or not done.")]
    problem: Annotated[Problem | None, Field(description="Null when it is done.")]


class BulkAnswer(Output):
    """What has become of the operations, in their order."""

    results: list[BulkResult]
    succeeded: int
    failed: int
    dry_run: bool
    batch: Annotated[
        str | None,
        Field(
            description="The batch of all operations in the log, to undo them by "
            "(`POST /api/v1/batches/{batch_id}/undo`); null if nothing was changed."
        ),
    ]
    revision: Annotated[
        int | None,
        Field(description="The revision of the workspace after the request; null on a dry run."),
    ]
