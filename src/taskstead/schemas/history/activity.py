"""Schemas of the change log: changes and filter parameters.

A change is an entry of the log. It has its own revision. All changes of one request are a batch.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from taskstead.domain.change_kinds import ChangeKind
from taskstead.ids import parse_id
from taskstead.schemas.base import Output
from taskstead.schemas.log_listing import LogListing
from taskstead.schemas.text import Uuid

ChangeAction = Literal["created", "updated", "trashed", "restored", "purged"]


def _check_user(text: str) -> str:
    if text == "me":
        return text
    try:
        return parse_id(text)
    except ValueError:
        code = "user_reference"
        raise PydanticCustomError(code, "Input should be a user's id or me") from None


class ActivityListing(LogListing):
    """The parameters of an activity listing. Unknown parameters are rejected."""

    kind: list[ChangeKind] = Field(
        default=[],
        max_length=len(get_args(ChangeKind)),
        description="Only changes of rows of these kinds.",
    )
    user: Annotated[
        Annotated[str, StringConstraints(max_length=50), AfterValidator(_check_user)] | None,
        Field(description="Only changes by this user: a user id or `me`."),
    ] = None
    entity: Annotated[
        Uuid | None,
        Field(description="Only changes of the row with this id; for a member, the user id."),
    ] = None
    batch: Annotated[
        Uuid | None, Field(description="Only changes of the request with this batch id.")
    ] = None


class Actor(Output):
    """The user who made a change."""

    id: str
    name: Annotated[str | None, Field(description="Null for a deleted account.")]


class ActingCredential(Output):
    """The credential with which a change was made."""

    id: str
    kind: Annotated[
        Literal["session", "api_token", "ended"],
        Field(description="`ended`: a session or API token that no longer exists."),
    ]
    name: Annotated[str | None, Field(description="The name of an API token.")]


class FieldChange(Output):
    """A changed field, with its old and new value."""

    field: Annotated[str, Field(examples=["title", "category_id", "tag_ids"])]
    old: Annotated[Any, Field(description="The logged value. References are logged as ids.")]
    new: Any
    old_name: Annotated[
        str | list[str | None] | None,
        Field(
            description="The current name of the row that `old` refers to. A list for `tag_ids`. "
            "Null if `old` is not a reference or the row was permanently deleted."
        ),
    ]
    new_name: str | list[str | None] | None


class Change(Output):
    """One change of one row."""

    revision: int
    batch: Annotated[str, Field(description="The batch id, shared by all changes of one request.")]
    at: datetime
    kind: ChangeKind
    id: Annotated[str, Field(description="The id of the changed row; for a member, the user id.")]
    name: Annotated[
        str | None, Field(description="The current name; null if the row was permanently deleted.")
    ]
    number: Annotated[int | None, Field(description="The number of a task.")]
    action: ChangeAction
    user: Annotated[Actor | None, Field(description="Null for changes by the server.")]
    credential: Annotated[
        ActingCredential | None, Field(description="Null for the command line and the server.")
    ]
    fields: list[FieldChange]
