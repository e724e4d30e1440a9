"""Schemas of users and registration rules, for administrators."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from taskstead.domain.registration import Registration
from taskstead.schemas.accounts.accounts import HandOver
from taskstead.schemas.base import UNSENT, Input, Output, Patch


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
        datetime | None, Field(description="When the account was disabled; null if it is enabled.")
    ]


class UserPatch(Patch):
    """Changes to an account. Omitted fields keep their values."""

    disabled: Annotated[
        bool, Field(description="True disables the account and ends its sessions.")
    ] = UNSENT
    is_admin: bool = UNSENT


class UserDeletion(Input):
    """New owners for workspaces that would have no owner."""

    hand_over: HandOver = Field(default_factory=dict)


class RegistrationRules(Output):
    """The registration rules of the server."""

    registration: Annotated[
        Registration, Field(description="The setting `TASKSTEAD_REGISTRATION`.")
    ]
    invitation_days: Annotated[int, Field(description="The validity of invitations in days.")]
