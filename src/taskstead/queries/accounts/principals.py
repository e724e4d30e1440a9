"""Query for the principal of a request: user, scopes, workspace, role and revision.

Every authenticated request starts with this query, which is a single indexed read.
"""

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import FromClause, Select, and_, bindparam, case, func, select
from sqlalchemy.sql import ColumnElement

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id
from taskstead.domain.principal import (
    ALL_SCOPES,
    PERSONAL_SCOPES,
    Credential,
    CredentialKind,
    Principal,
)
from taskstead.tables.tokens import access_tokens, api_tokens, sessions
from taskstead.tables.users import users
from taskstead.tables.workspaces import members, workspaces


class _PrincipalRow(TypedDict):
    """A user, and their role in the workspace of the request."""

    user_id: str
    email: str
    name: str
    time_zone: str
    is_admin: bool
    disabled_at: datetime | None
    personal_workspace_id: str
    workspace_id: str
    role: str | None
    revision: int | None


class _SessionRow(_PrincipalRow):
    """The principal of a session, from an access token or a cookie."""

    session_id: str
    started_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


class _ApiTokenRow(_PrincipalRow):
    """The principal of an API token, with the restrictions of the token."""

    api_token_id: str
    bound_workspace_id: str | None
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None


def _select_principal(
    source: FromClause, *columns: ColumnElement[Any], bound: ColumnElement[Any] | None = None
) -> Select[Any]:
    """Build the query for a user and their role in the workspace of the request.

    Args:
        source: the table of users, joined to the table that identifies the user.
        columns: additional columns.
        bound: column with the API token's workspace, used if the request specifies none.
    """
    requested = bindparam("workspace_id", type_=Id)
    workspace_id = func.coalesce(
        requested, *([] if bound is None else [bound]), users.c.personal_workspace_id, type_=Id
    )
    membership = and_(members.c.user_id == users.c.id, members.c.workspace_id == workspace_id)
    return (
        select(
            users.c.id.label("user_id"),
            users.c.email,
            users.c.name,
            users.c.time_zone,
            users.c.is_admin,
            users.c.disabled_at,
            users.c.personal_workspace_id,
            workspace_id.label("workspace_id"),
            # NULL also if the workspace is in the trash.
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


_SESSION_COLUMNS = (
    sessions.c.id.label("session_id"),
    sessions.c.created_at.label("started_at"),
    sessions.c.last_used_at,
)
_GET_BY_ACCESS_TOKEN = Query(
    _SessionRow,
    _select_principal(
        access_tokens.join(sessions, sessions.c.id == access_tokens.c.session_id).join(
            users, users.c.id == access_tokens.c.user_id
        ),
        *_SESSION_COLUMNS,
        access_tokens.c.expires_at,
    ).where(access_tokens.c.token_hash == bindparam("token_hash")),
)

_GET_BY_COOKIE = Query(
    _SessionRow,
    _select_principal(
        sessions.join(users, users.c.id == sessions.c.user_id),
        *_SESSION_COLUMNS,
        sessions.c.expires_at,
    ).where(sessions.c.cookie_hash == bindparam("token_hash")),
)

_GET_BY_API_TOKEN = Query(
    _ApiTokenRow,
    _select_principal(
        api_tokens.join(users, users.c.id == api_tokens.c.user_id),
        api_tokens.c.id.label("api_token_id"),
        api_tokens.c.workspace_id.label("bound_workspace_id"),
        api_tokens.c.scopes,
        api_tokens.c.expires_at,
        api_tokens.c.last_used_at,
        bound=api_tokens.c.workspace_id,
    ).where(api_tokens.c.token_hash == bindparam("token_hash")),
)

_GET_BY_EMAIL = Query(
    _PrincipalRow, _select_principal(users).where(users.c.email == bindparam("email"))
)
_GET_BY_ID = Query(_PrincipalRow, _select_principal(users).where(users.c.id == bindparam("id")))


async def find_credential(
    reader: Reader, token_hash: bytes, kind: CredentialKind, *, workspace_id: str | None
) -> Credential | None:
    """Return the credential of a token or cookie, or None if it is unknown.

    The caller checks that it has not expired and that the user is not disabled.

    Args:
        reader: the database connection to read from.
        token_hash: the SHA-256 hash of the token or of the value of the cookie.
        kind: what the hash belongs to.
        workspace_id: the workspace that the request specifies, if any.
    """
    values = {"workspace_id": workspace_id, "token_hash": token_hash}
    if kind == "api_token":
        api_token = await reader.fetch_one(_GET_BY_API_TOKEN, values)
        return None if api_token is None else _make_api_token_credential(api_token)
    is_cookie = kind == "cookie"
    query = _GET_BY_COOKIE if is_cookie else _GET_BY_ACCESS_TOKEN
    session = await reader.fetch_one(query, values)
    return None if session is None else _make_session_credential(session, is_cookie=is_cookie)


def _make_api_token_credential(row: _ApiTokenRow) -> Credential:
    # A former administrator's token loses the scope `admin`.
    scopes = _get_scopes(row).intersection(row["scopes"])
    return Credential(
        principal=_make_principal(row, scopes, api_token=row),
        is_disabled=row["disabled_at"] is not None,
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        session_started_at=None,
    )


def _make_session_credential(row: _SessionRow, *, is_cookie: bool) -> Credential:
    return Credential(
        principal=_make_principal(row, _get_scopes(row), session_id=row["session_id"]),
        is_disabled=row["disabled_at"] is not None,
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        session_started_at=row["started_at"] if is_cookie else None,
    )


def _get_scopes(row: _PrincipalRow) -> frozenset[str]:
    return ALL_SCOPES if row["is_admin"] else PERSONAL_SCOPES


async def find_principal_by_email(
    reader: Reader, email: str, *, workspace_id: str | None = None
) -> Principal | None:
    """Return a user's principal for the command line, with all scopes and without a credential."""
    row = await reader.fetch_one(_GET_BY_EMAIL, {"email": email, "workspace_id": workspace_id})
    return None if row is None else _make_principal(row, ALL_SCOPES)


async def find_principal_by_id(
    reader: Reader, user_id: str, *, workspace_id: str
) -> Principal | None:
    """Return a user's principal in a workspace; None if the user was deleted or disabled."""
    row = await reader.fetch_one(_GET_BY_ID, {"id": user_id, "workspace_id": workspace_id})
    if row is None or row["disabled_at"] is not None:
        return None
    return _make_principal(row, PERSONAL_SCOPES)


def _make_principal(
    row: _PrincipalRow,
    scopes: frozenset[str],
    *,
    session_id: str | None = None,
    api_token: _ApiTokenRow | None = None,
) -> Principal:
    return Principal(
        user_id=row["user_id"],
        email=row["email"],
        name=row["name"],
        time_zone=row["time_zone"],
        is_admin=row["is_admin"],
        personal_workspace_id=row["personal_workspace_id"],
        scopes=scopes,
        session_id=session_id,
        api_token_id=api_token["api_token_id"] if api_token else None,
        job_credential_id=None,
        bound_workspace_id=api_token["bound_workspace_id"] if api_token else None,
        api_token_expires_at=api_token["expires_at"] if api_token else None,
        workspace_id=row["workspace_id"],
        role=row["role"],
        revision=row["revision"],
    )
