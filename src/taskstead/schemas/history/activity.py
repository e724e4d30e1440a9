"""Schemas of the change log: changes and filter parameters.

A change is an entry of the log. It has its own revision. All changes of one request are a batch.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from taskstead.domain.text import Uuid
from taskstead.ids import parse_id
from taskstead.schemas.base import Output
from taskstead.schemas.log_listing import LogListing
from taskstead.tables.changes import ChangeRow, EntityNameRow

ChangeKind = Literal["workspace", "member", "category", "tag", "task"]
ChangeAction = Literal["created", "updated", "trashed", "restored", "purged"]

# Fields that contain the id of another row, or a list of such ids.
REFERENCE_FIELDS = ("category_id", "tag_ids", "parent_id", "assignee_id", "created_by")


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
        default=[], max_length=5, description="Only changes of rows of these kinds."
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


def list_referred_ids(value: Any) -> Sequence[str]:
    """Return the ids in the old or new value of one of :data:`REFERENCE_FIELDS`."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def render_change(row: ChangeRow, entities: Mapping[str, EntityNameRow]) -> dict[str, Any]:
    """Return a row of the log as JSON data of :class:`Change`.

    Args:
        row: the change.
        entities: by id, the kind, name and number of all rows that the change refers to.
    """
    entity = entities.get(row["entity_id"])
    user_id, credential_id = row["user_id"], row["credential_id"]
    return {
        "revision": row["revision"],
        "batch": row["batch_id"],
        "at": row["at"],
        "kind": row["kind"],
        "id": row["entity_id"],
        "name": entity and entity["name"],
        "number": entity and entity["number"],
        "action": row["action"],
        "user": user_id and {"id": user_id, "name": _find_name(user_id, entities)},
        "credential": credential_id and _render_credential(credential_id, entities),
        "fields": [
            {
                "field": name,
                "old": old,
                "new": new,
                "old_name": _find_names(name, old, entities),
                "new_name": _find_names(name, new, entities),
            }
            for name, (old, new) in row["fields"].items()
        ],
    }


def _render_credential(credential_id: str, entities: Mapping[str, EntityNameRow]) -> dict[str, Any]:
    credential = entities.get(credential_id)
    if credential is None:
        return {"id": credential_id, "kind": "ended", "name": None}
    return {"id": credential_id, "kind": credential["kind"], "name": credential["name"]}


def _find_name(id_: str, entities: Mapping[str, EntityNameRow]) -> str | None:
    entity = entities.get(id_)
    return entity and entity["name"]


def _find_names(field: str, value: Any, entities: Mapping[str, EntityNameRow]) -> Any:
    if field not in REFERENCE_FIELDS:
        return None
    names = [_find_name(id_, entities) for id_ in list_referred_ids(value)]
    if field == "tag_ids":
        return names if value is not None else None
    return names[0] if names else None
