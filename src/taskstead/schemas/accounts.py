"""Accounts, sessions and invitations on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from taskstead.db.statements import Row
from taskstead.schemas.base import Input, Output, drop_defaults
from taskstead.schemas.text import PersonName, TimeZone, Uuid

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 256
_ELSEWHERE = ".example"


def normalise_email(address: str) -> str:
    """Return the one form of an e-mail address: Unicode-normalised (RFC 6532), lower-case.

    Names that exist at home only (``me@localhost``, ``admin@nas.local``, ``x@home.arpa``) will do:
    the address is who somebody is here, and nothing is sent to it.

    Raises:
        ValueError: it is not an e-mail address.
    """
    # The library refuses such names whatever one asks of it; below another name it checks them as
    # it does all others. Its list of them is a global that is not ours to change.
    checked = validate_email(address.strip() + _ELSEWHERE, check_deliverability=False)
    return checked.normalized.lower().removesuffix(_ELSEWHERE)


def _check_email(address: str) -> str:
    try:
        return normalise_email(address)
    except EmailNotValidError as error:
        code = "email"
        reason = str(error).replace("{", "(").replace("}", ")")
        raise PydanticCustomError(
            code, "Not an e-mail address: {reason}", {"reason": reason}
        ) from None


Email = Annotated[
    str, Field(max_length=254, json_schema_extra={"format": "email"}), AfterValidator(_check_email)
]
NewPassword = Annotated[
    str, StringConstraints(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH)
]
GivenPassword = Annotated[str, StringConstraints(max_length=MAX_PASSWORD_LENGTH)]
HandOver = Annotated[
    dict[Uuid, Uuid],
    Field(
        max_length=1000,
        description="New owners of shared workspaces that only this user owns: by the id of the "
        "workspace, the id of one of its members.",
    ),
]
Token = Annotated[str, StringConstraints(max_length=200)]


class Register(Input):
    """A new account."""

    email: Email
    password: Annotated[NewPassword, Field(description="10 to 256 characters, not a common one.")]
    name: Annotated[PersonName | None, Field(description="Left out: what stands before the @.")] = (
        None
    )
    time_zone: TimeZone = "Etc/UTC"
    invitation: Annotated[
        Token | None, Field(description="Where registration is by invitation: its token.")
    ] = None
    setup_token: Annotated[
        Token | None,
        Field(
            description="For the first account of a server in production or on a public address: "
            "the token that the server has printed at its start."
        ),
    ] = None


class Login(Input):
    """Who wants in."""

    email: Annotated[str, StringConstraints(max_length=254)]
    password: GivenPassword


class Refresh(Input):
    """The refresh token to exchange for a new pair."""

    refresh_token: Token


class AccountPatch(Input):
    """Changes to the principal's account: only what is named changes."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    name: PersonName = ""
    time_zone: TimeZone = ""
    email: Annotated[Email, Field(description="Needs current_password beside it.")] = ""
    current_password: GivenPassword = ""


class PasswordChange(Input):
    """The old password and the new one. All other sessions end."""

    current_password: GivenPassword
    new_password: NewPassword


class PasswordConfirmation(Input):
    """The current password, to confirm who asks."""

    current_password: GivenPassword


class AccountDeletion(PasswordConfirmation):
    """The current password, and who gets the workspaces that would be left without an owner."""

    hand_over: HandOver = Field(default_factory=dict)


class TokenPair(Output):
    """An access token and the refresh token that gets the next one (RFC 6749, section 5.1)."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"]
    expires_in: Annotated[int, Field(description="Seconds that the access token lives.")]


class Account(Output):
    """The principal's account."""

    id: str
    email: str
    name: str
    time_zone: str
    is_admin: bool
    personal_workspace_id: str
    created_at: datetime
    updated_at: datetime


class InvitationCreate(Input):
    """An invitation to make an account."""

    email: Annotated[Email | None, Field(description="Set: only this address can use it.")] = None


class Invitation(Output):
    """An invitation."""

    id: str
    email: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class InvitationWithToken(Invitation):
    """A new invitation with its token, which is shown this once."""

    token: str


def render_account(row: Row) -> dict[str, Any]:
    """Return the JSON data of a user's row, shaped as :class:`Account`."""
    return {name: row[name] for name in Account.model_fields}


def render_invitation(row: Row) -> dict[str, Any]:
    """Return the JSON data of an invitation's row, shaped as :class:`Invitation`."""
    return {name: row[name] for name in Invitation.model_fields}
