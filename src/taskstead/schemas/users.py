"""Users as an administrator sees them, and who may become one, on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from taskstead.db.statements import Row
from taskstead.schemas.accounts import HandOver
from taskstead.schemas.base import Input, Output, drop_defaults
from taskstead.settings import Registration


class User(Output):
    """An account."""

    id: str
    email: str
    name: str
    time_zone: str
    is_admin: bool
    created_at: datetime
    updated_at: datetime
    disabled_at: Annotated[
        datetime | None, Field(description="Since when nobody gets in with it; null: they do.")
    ]


class UserPatch(Input):
    """Changes to an account: only what is named changes."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    disabled: Annotated[
        bool, Field(description="True ends its sessions and lets nobody in, from now on.")
    ] = False
    is_admin: bool = False


class UserDeletion(Input):
    """Who gets the workspaces that would be left without an owner."""

    hand_over: HandOver = Field(default_factory=dict)


class RegistrationRules(Output):
    """Who may make an account."""

    registration: Annotated[
        Registration, Field(description="The setting `TASKSTEAD_REGISTRATION`.")
    ]
    invitation_days: Annotated[int, Field(description="How long an invitation can be used.")]


def render_user(row: Row) -> dict[str, Any]:
    """Return the JSON data of a user's row, shaped as :class:`User`."""
    return {name: row[name] for name in User.model_fields}
