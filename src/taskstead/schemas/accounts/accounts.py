"""Schemas of accounts, sessions and invitations."""

from datetime import datetime
from typing import Annotated, Literal

from email_validator import EmailNotValidError
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from taskstead.domain.email_addresses import normalise_email
from taskstead.schemas.base import UNSENT, Input, Output, Patch
from taskstead.schemas.text import Language, PersonName, TimeZone, Uuid

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 256


def _check_email(address: str) -> str:
    try:
        return normalise_email(address)
    except EmailNotValidError as error:
        code = "email"
        reason = str(error).replace("{", "(").replace("}", ")")
        raise PydanticCustomError(
            code, "Input should be an e-mail address: {reason}", {"reason": reason}
        ) from None


Email = Annotated[
    str, Field(max_length=254, json_schema_extra={"format": "email"}), AfterValidator(_check_email)
]
NewPassword = Annotated[
    str, StringConstraints(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH)
]
EnteredPassword = Annotated[str, StringConstraints(max_length=MAX_PASSWORD_LENGTH)]
HandOver = Annotated[
    dict[Uuid, Uuid],
    Field(
        max_length=1000,
        description="The new owners of shared workspaces that only this user owns. The keys are "
        "workspace ids. The values are user ids of members.",
    ),
]
ProfileDateOrder = Literal["dmy", "mdy", "none"]
Token = Annotated[str, StringConstraints(max_length=200)]


class Register(Input):
    """A new account."""

    email: Email
    password: Annotated[
        NewPassword, Field(description="10 to 256 characters. Common passwords are rejected.")
    ]
    name: Annotated[
        PersonName | None,
        Field(description="Default: the part of the e-mail address before the @."),
    ] = None
    time_zone: TimeZone = "Etc/UTC"
    invitation: Annotated[
        Token | None, Field(description="The invitation token, if registration requires one.")
    ] = None
    setup_token: Annotated[
        Token | None,
        Field(
            description="Required for the first account of a server in production or on a public "
            "address: the token that the server prints at its start."
        ),
    ] = None
    session: Annotated[
        Literal["token", "cookie"],
        Field(
            description="`cookie`: log in by cookie, like `POST /auth/session`, and return the "
            "account. For web pages of this server."
        ),
    ] = "token"


class Login(Input):
    """The credentials of a login."""

    email: Annotated[str, StringConstraints(max_length=254)]
    password: EnteredPassword


class Refresh(Input):
    """The refresh token to exchange for a new pair."""

    refresh_token: Token


class AccountPatch(Patch):
    """Changes to your account. Omitted fields keep their values."""

    name: PersonName = UNSENT
    time_zone: TimeZone = UNSENT
    language: Annotated[
        Language, Field(description="The language of quick add.", examples=["en", "de"])
    ] = UNSENT
    date_order: Annotated[
        ProfileDateOrder,
        Field(
            description="What quick add reads `3/12` as: 3 December (`dmy`), March 12 (`mdy`) or "
            "text (`none`)."
        ),
    ] = UNSENT
    email: Annotated[Email, Field(description="Requires `current_password`.")] = UNSENT
    current_password: EnteredPassword = UNSENT


class PasswordChange(Input):
    """The current password and the new one."""

    current_password: EnteredPassword
    new_password: NewPassword


class PasswordConfirmation(Input):
    """The current password, as confirmation."""

    current_password: EnteredPassword


class AccountDeletion(PasswordConfirmation):
    """The current password, and new owners for workspaces that would have no owner."""

    hand_over: HandOver = Field(default_factory=dict)


class TokenPair(Output):
    """An access token and the refresh token for its renewal (RFC 6749, section 5.1)."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"]
    expires_in: Annotated[int, Field(description="The lifetime of the access token in seconds.")]


class Account(Output):
    """Your account."""

    id: str
    email: str
    name: str
    time_zone: str
    language: Annotated[str, Field(description="The language of quick add.")]
    date_order: Annotated[
        ProfileDateOrder,
        Field(description="The order of day and month in dates with slashes in quick add."),
    ]
    is_admin: bool
    personal_workspace_id: str
    created_at: datetime
    updated_at: datetime


class InvitationCreate(Input):
    """A new invitation to register."""

    email: Annotated[
        Email | None, Field(description="If set, only this address can use the invitation.")
    ] = None


class Invitation(Output):
    """An invitation."""

    id: str
    email: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class InvitationWithToken(Invitation):
    """A new invitation with its token, which is shown only once."""

    token: str
