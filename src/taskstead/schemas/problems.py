"""Schema of problem documents (RFC 9457), the format of all errors."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from taskstead.schemas.undo import UndoConflict


class ProblemField(BaseModel):
    """One invalid field or parameter."""

    pointer: Annotated[
        str,
        Field(
            description="A JSON pointer (RFC 6901) into the body, or a parameter as `query/…`, "
            "`path/…` or `header/…`."
        ),
    ]
    message: str
    code: str


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
