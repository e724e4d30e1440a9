"""Administration of user accounts. Users change their own account through ``accounts/``."""

from sqlalchemy import bindparam, delete, update

from taskstead.clock import get_now
from taskstead.db.database import Database, Reader, Transaction
from taskstead.domain.principal import Principal
from taskstead.formats.cursor import Page, decode_cursor, make_page
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.accounts.users import get_user, list_users, search_users
from taskstead.schemas.admin.audit import EventKind
from taskstead.schemas.admin.users import UserPatch
from taskstead.services.accounts.accounts import write_disabled
from taskstead.services.accounts.administrators import check_administrator_remains
from taskstead.services.accounts.sessions import end_sessions
from taskstead.services.audit import record_event
from taskstead.tables.tokens import api_tokens
from taskstead.tables.users import UserRow, users

_SET_ADMIN = (
    update(users)
    .where(users.c.id == bindparam("user"))
    .values(is_admin=bindparam("is_admin"), updated_at=bindparam("updated_at"))
)
_DELETE_TOKENS = delete(api_tokens).where(api_tokens.c.user_id == bindparam("user"))


async def read_users(
    reader: Reader, *, text: str | None, cursor: str | None, limit: int
) -> Page[UserRow]:
    """Return a page of the accounts of the server, oldest first.

    Args:
        reader: the database connection to read from.
        text: only users whose e-mail address or name contains this text are returned.
        cursor: the cursor of the page; None for the first page.
        limit: the page size.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    listing = f"users {text or ''}"
    (after,) = decode_cursor(listing, cursor, BEFORE_ALL_IDS)
    if text is None:
        rows = await list_users(reader, after_id=after, limit=limit + 1)
    else:
        rows = await search_users(reader, text, after_id=after, limit=limit + 1)
    return make_page(listing, rows, limit, lambda row: (row["id"],))


async def update_user(
    database: Database, principal: Principal, user_id: str, body: UserPatch
) -> UserRow:
    """Disable or enable an account, grant or revoke administrator rights; return the user's row.

    Raises:
        NotFoundError: there is no such user.
        LastAdministratorError: the server would have no active administrator.
    """
    changes = body.list_values()
    async with database.transaction() as transaction:
        if changes.get("disabled") or changes.get("is_admin") is False:
            await check_administrator_remains(transaction, user_id)
        user = await get_user(transaction, user_id)
        if "is_admin" in changes and changes["is_admin"] != user["is_admin"]:
            await _write_admin(transaction, principal, user_id, is_admin=changes["is_admin"])
        if "disabled" in changes:
            await write_disabled(transaction, user, disabled=changes["disabled"], by=principal)
        return await get_user(transaction, user_id)


async def _write_admin(
    transaction: Transaction, principal: Principal, user_id: str, *, is_admin: bool
) -> None:
    values = {"user": user_id, "is_admin": is_admin, "updated_at": get_now()}
    await transaction.execute(_SET_ADMIN, values)
    kind: EventKind = "admin.granted" if is_admin else "admin.revoked"
    await record_event(transaction, kind, by=principal, subject_id=user_id)


async def sign_out_user(database: Database, principal: Principal, user_id: str) -> None:
    """End all sessions of a user and delete all their API tokens.

    Raises:
        NotFoundError: there is no such user.
    """
    async with database.transaction() as transaction:
        await get_user(transaction, user_id)
        await end_sessions(transaction, user_id)
        tokens = await transaction.execute(_DELETE_TOKENS, {"user": user_id})
        await record_event(
            transaction, "account.signed_out", by=principal, subject_id=user_id, tokens=tokens
        )
