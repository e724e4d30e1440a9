"""Invitations to register: listed, created, deleted, or used for a registration."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, or_, update

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database, Reader, Transaction
from taskstead.db.sql.query import Query
from taskstead.domain.principal import Principal
from taskstead.errors import NotFoundError, RegistrationClosedError
from taskstead.formats.cursor import Page, decode_cursor, make_page
from taskstead.ids import BEFORE_ALL_IDS, hash_secret, make_id, make_secret
from taskstead.queries.accounts.users import list_invitations
from taskstead.schemas.accounts.accounts import InvitationCreate
from taskstead.services.audit import record_event
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
    reader: Reader, *, cursor: str | None, limit: int
) -> Page[InvitationRow]:
    """Return a page of all invitations, including used ones.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    listing = "invitations"
    (after,) = decode_cursor(listing, cursor, BEFORE_ALL_IDS)
    rows = await list_invitations(reader, after_id=after, limit=limit + 1)
    return make_page(listing, rows, limit, lambda row: (row["id"],))


async def create_invitation(
    database: Database, settings: Settings, principal: Principal, body: InvitationCreate
) -> tuple[InvitationRow, str]:
    """Create an invitation; return its row and token. Only the hash of the token is stored."""
    token = make_secret(_PREFIX)
    now = get_now()
    row: InvitationRow = {
        "id": make_id(),
        "token_hash": hash_secret(token),
        "email": body.email,
        "created_by": principal.user_id,
        "created_at": now,
        "expires_at": now + timedelta(days=settings.invitation_days),
        "used_at": None,
        "used_by": None,
    }
    async with database.transaction() as transaction:
        await transaction.execute(_INSERT, row)
        await record_event(
            transaction, "invitation.created", by=principal, subject_id=row["id"], email=body.email
        )
    return row, token


async def delete_invitation(database: Database, principal: Principal, invitation_id: str) -> None:
    """Delete an invitation, so that it can no longer be used.

    Raises:
        NotFoundError: there is no such invitation.
    """
    async with database.transaction() as transaction:
        if not await transaction.execute(_DELETE, {"invitation": invitation_id}):
            raise NotFoundError(f"There is no invitation {invitation_id}.")
        await record_event(
            transaction, "invitation.deleted", by=principal, subject_id=invitation_id
        )


async def use_invitation(transaction: Transaction, token: str, *, email: str, user_id: str) -> None:
    """Use an invitation, in the transaction that creates the account.

    Raises:
        RegistrationClosedError: it is unknown, used, expired or for another address.
    """
    values = {"hash": hash_secret(token), "now": get_now(), "address": email, "user": user_id}
    used = await transaction.fetch_one(_MARK_USED, values)
    if used is None:
        raise RegistrationClosedError(
            "This invitation is unknown, used, expired or for another address."
        )
    await record_event(transaction, "invitation.used", user_id=user_id, subject_id=used["id"])
