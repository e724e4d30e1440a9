"""Changes of the log on the wire, and what they can be filtered by."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from taskstead.db.statements import Row
from taskstead.ids import parse_id
from taskstead.schemas.base import Output
from taskstead.schemas.log_listing import LogListing
from taskstead.schemas.text import Uuid

ChangeKind = Literal["workspace", "member", "category", "tag", "task"]
ChangeAction = Literal["created", "updated", "trashed", "restored", "purged"]

# Fields that hold the id of something, or a list of such ids.
REFERENCES = ("category_id", "tag_ids", "parent_id", "assignee_id", "created_by")


def _check_user(text: str) -> str:
    if text == "me":
        return text
    try:
        return parse_id(text)
    except ValueError:
        code = "user_reference"
        raise PydanticCustomError(code, "A user's id, or me, is needed") from None


class ActivityListing(LogListing):
    """Which changes of a workspace, and a page of them. Unknown parameters are refused."""

    kind: list[ChangeKind] = Field(
        default=[], max_length=5, description="What was changed: one of these."
    )
    user: Annotated[
        Annotated[str, StringConstraints(max_length=50), AfterValidator(_check_user)] | None,
        Field(description="Who changed it: a user's id, or `me`."),
    ] = None
    entity: Annotated[
        Uuid | None, Field(description="The id of what was changed; a member's is the user's.")
    ] = None
    batch: Annotated[Uuid | None, Field(description="What one request has changed.")] = None


class Actor(Output):
    """Who made a change."""

    id: str
    name: Annotated[str | None, Field(description="null for an account that is gone.")]


class ActingCredential(Output):
    """Through what a change was made."""

    id: str
    kind: Annotated[
        Literal["session", "api_token", "ended"],
        Field(description="`ended`: a session or an API token that is gone."),
    ]
    name: Annotated[str | None, Field(description="Of an API token.")]


class FieldChange(Output):
    """A field that a change has changed, with both values."""

    field: Annotated[str, Field(examples=["title", "category_id", "tag_ids"])]
    old: Annotated[Any, Field(description="As the log holds it: ids for what has an id.")]
    new: Any
    old_name: Annotated[
        str | list[str | None] | None,
        Field(
            description="For ids: what the thing is called now; null for what is gone. A list for "
            "`tag_ids`."
        ),
    ]
    new_name: str | list[str | None] | None


class Change(Output):
    """One change of one thing."""

    revision: int
    batch: Annotated[str, Field(description="The id that all changes of one request share.")]
    at: datetime
    kind: ChangeKind
    id: Annotated[str, Field(description="Of what was changed; a member's is the user's.")]
    name: Annotated[
        str | None, Field(description="What it is called now; null for what is gone for good.")
    ]
    number: Annotated[int | None, Field(description="Of a task.")]
    action: ChangeAction
    user: Annotated[Actor | None, Field(description="null for the server itself.")]
    credential: Annotated[
        ActingCredential | None, Field(description="null for the command line and the server.")
    ]
    fields: list[FieldChange]


def list_referred_ids(value: Any) -> Sequence[str]:
    """Return the ids in the old or new value of one of :data:`REFERENCES`."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def render_change(row: Row, found: Mapping[str, Row]) -> dict[str, Any]:
    """Return the JSON data of a row of the log, shaped as :class:`Change`.

    Args:
        row: the change.
        found: kind, name and number of what it names, by id.
    """
    thing = found.get(row["entity_id"], {})
    user_id, credential_id = row["user_id"], row["credential_id"]
    credential = found.get(credential_id, {})
    return {
        "revision": row["revision"],
        "batch": row["batch_id"],
        "at": row["at"],
        "kind": row["kind"],
        "id": row["entity_id"],
        "name": thing.get("name"),
        "number": thing.get("number"),
        "action": row["action"],
        "user": user_id and {"id": user_id, "name": found.get(user_id, {}).get("name")},
        "credential": credential_id
        and {
            "id": credential_id,
            "kind": credential.get("kind", "ended"),
            "name": credential.get("name"),
        },
        "fields": [
            {
                "field": name,
                "old": old,
                "new": new,
                "old_name": _name_values(name, old, found),
                "new_name": _name_values(name, new, found),
            }
            for name, (old, new) in row["fields"].items()
        ],
    }


def _name_values(field: str, value: Any, found: Mapping[str, Row]) -> Any:
    if field not in REFERENCES:
        return None
    names = [found.get(id_, {}).get("name") for id_ in list_referred_ids(value)]
    if field == "tag_ids":
        return names if value is not None else None
    return names[0] if names else None
