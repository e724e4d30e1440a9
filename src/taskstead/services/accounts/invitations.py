"""Invitations to register: listed, created, deleted, or used for a registration."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, or_, update

from taskstead.config.settings import Settings
from taskstead.db.database import Transaction
from taskstead.db.sql.query import Query
from taskstead.errors import NotFoundError, RegistrationClosedError
from taskstead.formats.cursor import CursorCodec, Page, decode_id
from taskstead.ids import BEFORE_ALL_IDS, hash_secret, make_id, make_secret
from taskstead.queries.accounts.users import list_invitations
from taskstead.schemas.accounts.accounts import InvitationCreate
from taskstead.services.audit import record_event
from taskstead.services.context import ReadContext, WriteContext
from taskstead.tables.rows import IdRow
from taskstead.tables.users import InvitationRow, invitations

_PREFIX = "tsi_"

_INSERT = insert(invitations)
_DELETE = delete(invitations).where(invitations.c.id == bindparam("invitation"))
_MARK_USED = Query(
    IdRow,
    update(invitations)
    .where(
        invitations.c.token_hash == bindparam("hash"),
        invitations.c.used_at.is_(None),
        invitations.c.expires_at > bindparam("now"),
        or_(invitations.c.email.is_(None), invitations.c.email == bindparam("address")),
    )
    .values(used_at=bindparam("now"), used_by=bindparam("user"))
    .returning(invitations.c.id),
)


async def read_invitations(
    ctx: ReadContext, *, cursor: str | None, limit: int
) -> Page[InvitationRow]:
    """Return a page of all invitations, including used ones.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("invitations", decode_id)
    (after,) = cursors.decode(cursor, BEFORE_ALL_IDS)
    rows = await list_invitations(ctx.database, after_id=after, limit=limit + 1)
    return cursors.make_page(rows, limit, lambda row: (row["id"],))


async def create_invitation(
    ctx: WriteContext, settings: Settings, body: InvitationCreate
) -> tuple[InvitationRow, str]:
    """Create an invitation; return its row and token. Only the hash of the token is stored."""
    token = make_secret(_PREFIX)
    now = ctx.clock()
    row: InvitationRow = {
        "id": make_id(),
        "token_hash": hash_secret(token),
        "email": body.email,
        "created_by": ctx.principal.user_id,
        "created_at": now,
        "expires_at": now + timedelta(days=settings.invitation_days),
        "used_at": None,
        "used_by": None,
    }
    async with ctx.database.transaction() as transaction:
        await transaction.execute(_INSERT, row)
        await record_event(
            transaction,
            "invitation.created",
            at=ctx.clock(),
            by=ctx.principal,
            subject_id=row["id"],
            email=body.email,
        )
    return row, token


async def delete_invitation(ctx: WriteContext, invitation_id: str) -> None:
    """Delete an invitation, so that it can no longer be used.

    Raises:
        NotFoundError: there is no such invitation.
    """
    async with ctx.database.transaction() as transaction:
        if not await transaction.execute(_DELETE, {"invitation": invitation_id}):
            raise NotFoundError(f"There is no invitation {invitation_id}.")
        await record_event(
            transaction,
            "invitation.deleted",
            at=ctx.clock(),
            by=ctx.principal,
            subject_id=invitation_id,
        )


async def use_invitation(
    transaction: Transaction, token: str, *, email: str, user_id: str, now: datetime
) -> None:
    """Use an invitation, in the transaction that creates the account.

    Raises:
        RegistrationClosedError: it is unknown, used, expired or for another address.
    """
    values = {"hash": hash_secret(token), "now": now, "address": email, "user": user_id}
    used = await transaction.fetch_one(_MARK_USED, values)
    if used is None:
        raise RegistrationClosedError(
            "This invitation is unknown, used, expired or for another address."
        )
    await record_event(
        transaction, "invitation.used", at=now, user_id=user_id, subject_id=used["id"]
    )
