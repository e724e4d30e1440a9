"""Administration of user accounts. Users change their own account through ``accounts/``."""

from datetime import datetime

from sqlalchemy import bindparam, delete, update

from taskstead.db.database import Transaction
from taskstead.domain.principal import Principal
from taskstead.formats.cursor import CursorCodec, Page, decode_id
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.accounts.users import get_user, list_users, search_users
from taskstead.schemas.admin.audit import EventKind
from taskstead.schemas.admin.users import UserPatch
from taskstead.services.accounts.accounts import write_disabled
from taskstead.services.accounts.administrators import check_administrator_remains
from taskstead.services.accounts.sessions import end_sessions
from taskstead.services.audit import record_event
from taskstead.services.context import ReadContext, WriteContext
from taskstead.tables.tokens import api_tokens
from taskstead.tables.users import UserRow, users

_SET_ADMIN = (
    update(users)
    .where(users.c.id == bindparam("user"))
    .values(is_admin=bindparam("is_admin"), updated_at=bindparam("updated_at"))
)
_DELETE_TOKENS = delete(api_tokens).where(api_tokens.c.user_id == bindparam("user"))


async def read_users(
    ctx: ReadContext, *, text: str | None, cursor: str | None, limit: int
) -> Page[UserRow]:
    """Return a page of the accounts of the server, oldest first.

    Args:
        ctx: the context of the request.
        text: only users whose e-mail address or name contains this text are returned.
        cursor: the cursor of the page; None for the first page.
        limit: the page size.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec(f"users {text or ''}", decode_id)
    (after,) = cursors.decode(cursor, BEFORE_ALL_IDS)
    if text is None:
        rows = await list_users(ctx.database, after_id=after, limit=limit + 1)
    else:
        rows = await search_users(ctx.database, text, after_id=after, limit=limit + 1)
    return cursors.make_page(rows, limit, lambda row: (row["id"],))


async def update_user(ctx: WriteContext, user_id: str, body: UserPatch) -> UserRow:
    """Disable or enable an account, grant or revoke administrator rights; return the user's row.

    Raises:
        NotFoundError: there is no such user.
        LastAdministratorError: the server would have no active administrator.
    """
    changes = body.list_values()
    async with ctx.database.transaction() as transaction:
        if changes.get("disabled") or changes.get("is_admin") is False:
            await check_administrator_remains(transaction, user_id)
        user = await get_user(transaction, user_id)
        now = ctx.clock()
        if "is_admin" in changes and changes["is_admin"] != user["is_admin"]:
            await _write_admin(
                transaction, ctx.principal, user_id, is_admin=changes["is_admin"], now=now
            )
        if "disabled" in changes:
            await write_disabled(
                transaction, user, disabled=changes["disabled"], by=ctx.principal, now=now
            )
        return await get_user(transaction, user_id)


async def _write_admin(
    transaction: Transaction, principal: Principal, user_id: str, *, is_admin: bool, now: datetime
) -> None:
    values = {"user": user_id, "is_admin": is_admin, "updated_at": now}
    await transaction.execute(_SET_ADMIN, values)
    kind: EventKind = "admin.granted" if is_admin else "admin.revoked"
    await record_event(transaction, kind, at=now, by=principal, subject_id=user_id)


async def sign_out_user(ctx: WriteContext, user_id: str) -> None:
    """End all sessions of a user and delete all their API tokens.

    Raises:
        NotFoundError: there is no such user.
    """
    async with ctx.database.transaction() as transaction:
        await get_user(transaction, user_id)
        await end_sessions(transaction, user_id)
        tokens = await transaction.execute(_DELETE_TOKENS, {"user": user_id})
        await record_event(
            transaction,
            "account.signed_out",
            at=ctx.clock(),
            by=ctx.principal,
            subject_id=user_id,
            tokens=tokens,
        )
