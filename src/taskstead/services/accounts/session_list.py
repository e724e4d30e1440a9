"""The list of a user's sessions, and the end of single sessions or of all others."""

from sqlalchemy import bindparam, delete

from taskstead.errors import NotFoundError
from taskstead.formats.cursor import CursorCodec, Page, decode_id
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.accounts.sessions import list_sessions
from taskstead.services.accounts.sessions import end_sessions
from taskstead.services.audit import record_event
from taskstead.services.context import ReadContext, WriteContext
from taskstead.tables.tokens import SessionRow, sessions

_END = delete(sessions).where(
    sessions.c.id == bindparam("session"), sessions.c.user_id == bindparam("user")
)


async def read_sessions(ctx: ReadContext, *, cursor: str | None, limit: int) -> Page[SessionRow]:
    """Return a page of the user's sessions that have not expired.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("sessions", decode_id)
    (after,) = cursors.decode(cursor, BEFORE_ALL_IDS)
    rows = await list_sessions(
        ctx.database, ctx.principal.user_id, now=ctx.now, after_id=after, limit=limit + 1
    )
    return cursors.make_page(rows, limit, lambda row: (row["id"],))


async def end_one_session(ctx: WriteContext, session_id: str) -> None:
    """End one of the user's sessions, which may be the current one.

    Raises:
        NotFoundError: the user has no such session.
    """
    async with ctx.database.transaction() as transaction:
        values = {"session": session_id, "user": ctx.principal.user_id}
        if not await transaction.execute(_END, values):
            raise NotFoundError(f"You have no session {session_id}.")
        await record_event(
            transaction, "session.ended", at=ctx.clock(), by=ctx.principal, subject_id=session_id
        )


async def end_other_sessions(ctx: WriteContext) -> None:
    """End all sessions of the user except the current one. API tokens remain valid."""
    user_id = ctx.principal.user_id
    async with ctx.database.transaction() as transaction:
        await end_sessions(transaction, user_id, except_session=ctx.principal.session_id)
        await record_event(
            transaction,
            "session.others_ended",
            at=ctx.clock(),
            by=ctx.principal,
            subject_id=user_id,
        )
