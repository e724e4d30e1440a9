"""API tokens: listing, creation, deletion, and the time of their last use."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, update

from taskstead.clock import render_instant
from taskstead.db.database import Database
from taskstead.domain.principal import API_TOKEN_PREFIX, Credential, Principal
from taskstead.errors import (
    FieldError,
    ForbiddenError,
    InsufficientScopeError,
    NotFoundError,
    ValidationFailedError,
)
from taskstead.formats.cursor import CursorCodec, Page, decode_id
from taskstead.ids import BEFORE_ALL_IDS, hash_secret, make_id, make_secret
from taskstead.queries.accounts.tokens import list_api_tokens
from taskstead.queries.workspaces.workspaces import get_workspace
from taskstead.schemas.accounts.tokens import ApiTokenCreate
from taskstead.services.audit import record_event
from taskstead.services.context import ReadContext, WriteContext
from taskstead.tables.tokens import ApiTokenRow, api_tokens

# Minimum time between two updates of a token's last use, to limit the number of writes.
_LAST_USED_INTERVAL = timedelta(minutes=1)

_INSERT = insert(api_tokens)
_DELETE = delete(api_tokens).where(
    api_tokens.c.id == bindparam("token"), api_tokens.c.user_id == bindparam("user")
)
_SET_LAST_USED = (
    update(api_tokens)
    .where(api_tokens.c.id == bindparam("token"))
    .values(last_used_at=bindparam("now"))
)


async def read_api_tokens(ctx: ReadContext, *, cursor: str | None, limit: int) -> Page[ApiTokenRow]:
    """Return a page of the user's API tokens.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("tokens", decode_id)
    (after,) = cursors.decode(cursor, BEFORE_ALL_IDS)
    rows = await list_api_tokens(
        ctx.database, ctx.principal.user_id, after_id=after, limit=limit + 1
    )
    return cursors.make_page(rows, limit, lambda row: (row["id"],))


async def create_api_token(ctx: WriteContext, body: ApiTokenCreate) -> tuple[ApiTokenRow, str]:
    """Create an API token; return its row and the token. Only the hash of the token is stored.

    A token created with another API token cannot have more rights than that one.

    Raises:
        InsufficientScopeError: the current credential lacks one of the requested scopes.
        ForbiddenError: the current API token is restricted to a workspace and the new one is not
            restricted to the same workspace, or the current API token expires first.
        ValidationFailedError: the expiry is in the past, or the user is not a member of the
            workspace.
    """
    for scope in body.scopes:
        if scope not in ctx.principal.scopes:
            raise InsufficientScopeError(scope)
    if ctx.principal.bound_workspace_id not in (None, body.workspace_id):
        raise ForbiddenError(
            "This API token is restricted to one workspace and can only create tokens for it."
        )
    _check_expires_before_creator(ctx.principal, body.expires_at)
    now = ctx.clock()
    if body.expires_at is not None and body.expires_at <= now:
        message = "The expiry is in the past."
        raise ValidationFailedError(message, errors=[FieldError("/expires_at", message, "past")])
    if body.workspace_id is not None:
        await _check_workspace(ctx, body.workspace_id)
    token = make_secret(API_TOKEN_PREFIX)
    row: ApiTokenRow = {
        "id": make_id(),
        "user_id": ctx.principal.user_id,
        "workspace_id": body.workspace_id,
        "name": body.name,
        "token_hash": hash_secret(token),
        "scopes": sorted(set(body.scopes)),
        "created_at": now,
        "expires_at": body.expires_at,
        "last_used_at": None,
    }
    async with ctx.database.transaction() as transaction:
        await transaction.execute(_INSERT, row)
        await record_event(
            transaction,
            "token.created",
            at=ctx.clock(),
            by=ctx.principal,
            subject_id=row["id"],
            name=body.name,
            scopes=row["scopes"],
        )
    return row, token


def _check_expires_before_creator(principal: Principal, expires_at: datetime | None) -> None:
    own_expiry = principal.api_token_expires_at
    if own_expiry is not None and (expires_at is None or expires_at > own_expiry):
        raise ForbiddenError(
            f"This API token expires at {render_instant(own_expiry)}. Send an `expires_at` that is "
            "not later."
        )


async def _check_workspace(ctx: WriteContext, workspace_id: str) -> None:
    try:
        await get_workspace(ctx.database, ctx.principal.user_id, workspace_id)
    except NotFoundError as error:
        field_error = FieldError("/workspace_id", error.detail, "workspace")
        raise ValidationFailedError(error.detail, errors=[field_error]) from None


def get_own_token_id(principal: Principal) -> str:
    """Return the id of the API token of a request.

    Raises:
        NotFoundError: the request was sent with the access token of a session.
    """
    if principal.api_token_id is None:
        raise NotFoundError("This request was sent with a session, not with an API token.")
    return principal.api_token_id


async def delete_api_token(ctx: WriteContext, token_id: str) -> None:
    """Delete one of the user's API tokens. The next request with it is rejected.

    Raises:
        NotFoundError: the user has no such token.
    """
    async with ctx.database.transaction() as transaction:
        values = {"token": token_id, "user": ctx.principal.user_id}
        if not await transaction.execute(_DELETE, values):
            raise NotFoundError(f"You have no API token {token_id}.")
        await record_event(
            transaction, "token.deleted", at=ctx.clock(), by=ctx.principal, subject_id=token_id
        )


async def update_last_used(database: Database, credential: Credential, *, now: datetime) -> None:
    """Update the time of an API token's last use, at most once a minute."""
    last = credential.last_used_at
    if last is None or now - last >= _LAST_USED_INTERVAL:
        async with database.transaction() as transaction:
            values = {"token": credential.principal.api_token_id, "now": now}
            await transaction.execute(_SET_LAST_USED, values)
