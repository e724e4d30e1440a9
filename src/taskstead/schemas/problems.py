"""Schema of problem documents (RFC 9457), the format of all errors."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from taskstead.domain.change_kinds import EntityKind
from taskstead.schemas.base import Output, drop_defaults

ConflictCode = Literal[
    "changed",
    "purged",
    "in_use",
    "name_taken",
    "category_gone",
    "category_trashed",
    "tag_gone",
    "tag_trashed",
    "too_many_tags",
    "parent_gone",
    "parent_trashed",
    "cycle",
    "depth",
    "not_a_member",
    "zone_without_date",
    "not_owner",
]


class ProblemField(BaseModel):
    """One invalid field or parameter."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    pointer: Annotated[
        str,
        Field(
            description="A JSON pointer (RFC 6901) into the body, or a parameter as `query/…`, "
            "`path/…` or `header/…`."
        ),
    ]
    message: str
    code: str
    start: Annotated[
        int,
        Field(
            description="The position of the first wrong character, in Unicode code points from 0; "
            "only for a text that is parsed, such as a filter."
        ),
    ] = 0
    end: Annotated[
        int, Field(description="The position after the last wrong character, like `start`.")
    ] = 0
    expected: Annotated[
        list[str],
        Field(description="What is allowed instead, if it can be listed."),
    ] = []


class PossibleOwner(BaseModel):
    """A member of a workspace who can become its owner."""

    user_id: str
    email: str
    name: str
    role: str


class OwnerlessWorkspace(BaseModel):
    """A workspace that would have no owner."""

    id: str
    name: str
    members: list[PossibleOwner]


class UndoConflict(Output):
    """A conflict that prevents an undo."""

    kind: EntityKind
    id: str
    field: Annotated[
        str | None,
        Field(
            description="The field name in the change log (`title`, `category_id`, …); `tasks` or "
            "`subtasks` for dependent tasks; null for the whole row."
        ),
    ]
    expected: Annotated[
        Any, Field(description="For `changed` and `in_use`, the value required for the undo.")
    ]
    present: Annotated[
        Any, Field(description="The current value; for other codes, the id of the conflicting row.")
    ]
    code: Annotated[
        ConflictCode,
        Field(
            description="`changed`: the value was changed after the change to undo. `in_use`: "
            "other tasks depend on the row that would be trashed. `purged`: the row was "
            "permanently deleted or is no longer shared. The other codes state why the old value "
            "cannot be restored."
        ),
    ]
    message: str
    forcible: Annotated[
        bool,
        Field(
            description="True if the change is undone despite the conflict with `force=true`. "
            "False if the change is then skipped."
        ),
    ]


class Problem(BaseModel):
    """An error: what is wrong, where, and how to fix it."""

    type: Annotated[str, Field(description="The URI of the page that explains the code.")]
    title: str
    status: int
    detail: str
    code: Annotated[str, Field(description="The machine-readable error code. It is stable.")]
    request_id: str
    timestamp: datetime
    errors: Annotated[
        list[ProblemField],
        Field(description="The field errors, for `validation_failed` and similar errors."),
    ] = []
    conflicts: Annotated[
        list[UndoConflict],
        Field(description="The first hundred conflicts; only for `undo_conflict`."),
    ] = []
    workspaces: Annotated[
        list[OwnerlessWorkspace],
        Field(description="The workspaces without another owner; only for `sole_owner`."),
    ] = []
