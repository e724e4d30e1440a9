"""Schemas of workspaces and members."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from taskstead.schemas.accounts.accounts import Email
from taskstead.schemas.base import UNSENT, Input, Output, Patch
from taskstead.schemas.text import Label

Role = Literal["owner", "editor", "viewer"]


class WorkspaceCreate(Input):
    """A new workspace."""

    name: Label


class WorkspacePatch(Patch):
    """Changes to a workspace. Omitted fields keep their values."""

    name: Label = UNSENT


class Workspace(Output):
    """A workspace with your role in it."""

    id: str
    name: str
    personal: Annotated[
        bool,
        Field(description="True for the personal workspace, which is created with your account."),
    ]
    role: Annotated[Role, Field(description="Your role in the workspace.")]
    revision: Annotated[int, Field(description="The revision of the last change in the workspace.")]
    created_at: datetime
    updated_at: datetime
    deleted_at: Annotated[
        datetime | None,
        Field(description="When it was moved to the trash; null outside the trash."),
    ]


class MemberAdd(Input):
    """A new member, by the e-mail address of an existing account."""

    email: Email
    role: Role = "editor"


class MemberPatch(Input):
    """The new role of a member."""

    role: Role


class Member(Output):
    """A member of a workspace."""

    user_id: str
    email: str
    name: str
    role: Role
    revision: int
    created_at: datetime
    updated_at: datetime
