"""Who is calling: the one indexed read that each request starts with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, Select, and_, bindparam, case, func, select
from sqlalchemy.sql import ColumnElement

from taskstead.db.database import Reader
from taskstead.db.statements import Row
from taskstead.db.types import Id
from taskstead.tables.tokens import access_tokens, api_tokens
from taskstead.tables.users import users
from taskstead.tables.workspaces import members, workspaces

# A prefix lets secret scanners find a token that got out, and tells the server where to look.
API_TOKEN_PREFIX = "tsk_"  # noqa: S105 - no secret
ACCESS_TOKEN_PREFIX = "tsa_"  # noqa: S105 - no secret
REFRESH_TOKEN_PREFIX = "tsr_"  # noqa: S105 - no secret

SCOPES = {
    "tasks:read": "Read tasks, categories and tags",
    "tasks:write": "Change tasks, categories and tags, and put them in the trash",
    "tasks:purge": "Delete tasks for good",
    "account:read": "Read the account, its workspaces and its API tokens",
    "account:write": "Change the account, its workspaces and its API tokens",
    "admin": "Administer the server; for administrators only",
}
_ALL_SCOPES = frozenset(SCOPES)
_PERSONAL_SCOPES = _ALL_SCOPES - {"admin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a request acts for, and where.

    Attributes:
        session_id: the login that the token descends from; None for API tokens and the CLI.
        api_token_id: the API token; None for sessions and the CLI.
        bound_workspace_id: the only workspace that the API token may act in; None for any.
        api_token_expires_at: when the API token ends; None for never, and where there is none.
        workspace_id: the workspace that the request acts in: the one asked for, or the token's, or
            the personal one.
        role: owner, editor or viewer in that workspace; None when it is not there, in the trash, or
            not theirs.
        revision: that workspace's revision at the time of the read; None when the role is.
    """

    user_id: str
    email: str
    name: str
    time_zone: str
    is_admin: bool
    personal_workspace_id: str
    scopes: frozenset[str]
    session_id: str | None
    api_token_id: str | None
    bound_workspace_id: str | None
    api_token_expires_at: datetime | None
    workspace_id: str
    role: str | None
    revision: int | None

    @property
    def credential_id(self) -> str | None:
        """The session or API token through which the principal acts; None for the CLI."""
        return self.session_id or self.api_token_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a token stands for: its principal, and what decides whether it is still good."""

    principal: Principal
    is_disabled: bool
    expires_at: datetime | None
    last_used_at: datetime | None


def _select_principal(
    source: FromClause, *columns: ColumnElement[Any], bound: ColumnElement[Any] | None = None
) -> Select[Any]:
    """Select a user, and what they may in the first named of three workspaces.

    Args:
        source: the users, joined to what tells which one.
        columns: more of what to select.
        bound: the workspace that comes after the one asked for and before the personal one.
    """
    asked = bindparam("workspace_id", type_=Id)
    wanted = func.coalesce(
        asked, *([] if bound is None else [bound]), users.c.personal_workspace_id, type_=Id
    )
    membership = and_(members.c.user_id == users.c.id, members.c.workspace_id == wanted)
    return (
        select(
            users.c.id.label("user_id"),
            users.c.email,
            users.c.name,
            users.c.time_zone,
            users.c.is_admin,
            users.c.disabled_at,
            users.c.personal_workspace_id,
            wanted.label("workspace_id"),
            # None where the workspace is in the trash, too.
            case((workspaces.c.id.is_not(None), members.c.role)).label("role"),
            workspaces.c.revision,
            *columns,
        )
        .select_from(source)
        .outerjoin(members, membership)
        .outerjoin(
            workspaces,
            and_(workspaces.c.id == members.c.workspace_id, workspaces.c.deleted_at.is_(None)),
        )
    )


_GET_BY_ACCESS_TOKEN = _select_principal(
    access_tokens.join(users, users.c.id == access_tokens.c.user_id),
    access_tokens.c.session_id,
    access_tokens.c.expires_at,
).where(access_tokens.c.token_hash == bindparam("token_hash"))

_GET_BY_API_TOKEN = _select_principal(
    api_tokens.join(users, users.c.id == api_tokens.c.user_id),
    api_tokens.c.id.label("api_token_id"),
    api_tokens.c.workspace_id.label("bound_workspace_id"),
    api_tokens.c.scopes,
    api_tokens.c.expires_at,
    api_tokens.c.last_used_at,
    bound=api_tokens.c.workspace_id,
).where(api_tokens.c.token_hash == bindparam("token_hash"))

_GET_BY_EMAIL = _select_principal(users).where(users.c.email == bindparam("email"))
_GET_BY_ID = _select_principal(users).where(users.c.id == bindparam("id"))


async def find_credential(
    reader: Reader, token_hash: bytes, *, is_api_token: bool, workspace_id: str | None
) -> Credential | None:
    """Return what a token stands for, whether still good or not; None for an unknown one.

    Args:
        reader: where to look.
        token_hash: the SHA-256 of the token.
        is_api_token: which of the two kinds of token it is.
        workspace_id: the workspace asked for; None for the token's or the personal one.
    """
    statement = _GET_BY_API_TOKEN if is_api_token else _GET_BY_ACCESS_TOKEN
    row = await reader.fetch_one(
        statement, {"workspace_id": workspace_id, "token_hash": token_hash}
    )
    if row is None:
        return None
    scopes = _ALL_SCOPES if row["is_admin"] else _PERSONAL_SCOPES
    if is_api_token:
        # An administrator who is one no longer keeps no token that says so.
        scopes = scopes.intersection(row["scopes"])
    return Credential(
        principal=_make_principal(row, scopes),
        is_disabled=row["disabled_at"] is not None,
        expires_at=row["expires_at"],
        last_used_at=row.get("last_used_at"),
    )


async def find_principal_by_email(
    reader: Reader, email: str, *, workspace_id: str | None = None
) -> Principal | None:
    """Return the principal that a user is at the command line: with every scope, no credential."""
    row = await reader.fetch_one(_GET_BY_EMAIL, {"email": email, "workspace_id": workspace_id})
    return None if row is None else _make_principal(row, _ALL_SCOPES)


async def find_principal_by_id(
    reader: Reader, user_id: str, *, workspace_id: str
) -> Principal | None:
    """Return the principal that a user is in a workspace; None for one who is gone or disabled."""
    row = await reader.fetch_one(_GET_BY_ID, {"id": user_id, "workspace_id": workspace_id})
    if row is None or row["disabled_at"] is not None:
        return None
    return _make_principal(row, _PERSONAL_SCOPES)


def _make_principal(row: Row, scopes: frozenset[str]) -> Principal:
    return Principal(
        user_id=row["user_id"],
        email=row["email"],
        name=row["name"],
        time_zone=row["time_zone"],
        is_admin=row["is_admin"],
        personal_workspace_id=row["personal_workspace_id"],
        scopes=scopes,
        session_id=row.get("session_id"),
        api_token_id=row.get("api_token_id"),
        bound_workspace_id=row.get("bound_workspace_id"),
        api_token_expires_at=row["expires_at"] if row.get("api_token_id") else None,
        workspace_id=row["workspace_id"],
        role=row["role"],
        revision=row["revision"],
    )
