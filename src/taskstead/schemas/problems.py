"""The problem document (RFC 9457) that every error is told with."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from taskstead.schemas.undo import UndoConflict


class ProblemField(BaseModel):
    """One thing wrong with the input."""

    pointer: Annotated[
        str,
        Field(
            description="A JSON pointer (RFC 6901) into the body, or `query/…`, `path/…`, "
            "`header/…` and the name of a parameter."
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
    """A workspace that would be left without an owner."""

    id: str
    name: str
    members: list[PossibleOwner]


class Problem(BaseModel):
    """What went wrong, where, and how to mend it."""

    type: Annotated[str, Field(description="URI of the page that explains the code.")]
    title: str
    status: int
    detail: str
    code: Annotated[str, Field(description="Stable; the one to program against.")]
    request_id: str
    timestamp: datetime
    errors: Annotated[
        list[ProblemField], Field(description="Only for `validation_failed` and the like.")
    ] = []
    conflicts: Annotated[
        list[UndoConflict], Field(description="Only for `undo_conflict`: the first hundred.")
    ] = []
    workspaces: Annotated[
        list[OwnerlessWorkspace], Field(description="Only for `sole_owner`.")
    ] = []
