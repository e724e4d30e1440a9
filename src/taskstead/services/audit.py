"""The audit log: lists events, writes them and deletes old ones.

An event is written in the transaction of the action that it records. The client's address and the
request id come from the current request; the command line has none.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert

from taskstead.db.database import Transaction
from taskstead.db.sql.functions import is_any_of
from taskstead.domain.principal import Principal
from taskstead.formats.cursor import CursorCodec, Page, decode_id
from taskstead.ids import AFTER_ALL_IDS, make_id
from taskstead.observability.request_record import current_request
from taskstead.queries.audit import list_audit_events, list_old_event_ids
from taskstead.schemas.admin.audit import AuditListing, EventKind
from taskstead.services.context import ReadContext
from taskstead.tables.audit import NamedAuditEventRow, audit_log

_INSERT = insert(audit_log)
_DELETE = delete(audit_log).where(
    is_any_of(audit_log.c.id, "ids"), audit_log.c.at < bindparam("until")
)


async def read_audit_log(ctx: ReadContext, query: AuditListing) -> Page[NamedAuditEventRow]:
    """Return a page of the audit log, newest event first.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    filters = query.model_dump_json(exclude={"limit", "cursor"})
    cursors = CursorCodec(f"audit {filters}", decode_id)
    (before,) = cursors.decode(query.cursor, AFTER_ALL_IDS)
    rows = await list_audit_events(
        ctx.database,
        query,
        zone=ctx.principal.time_zone,
        now=ctx.now,
        before_id=before,
        limit=query.limit + 1,
    )
    return cursors.make_page(rows, query.limit, lambda row: (row["id"],))


async def record_event(
    transaction: Transaction,
    kind: EventKind,
    *,
    at: datetime,
    by: Principal | None = None,
    user_id: str | None = None,
    credential_id: str | None = None,
    subject_id: str | None = None,
    **details: Any,
) -> None:
    """Write an event to the audit log.

    Args:
        transaction: the transaction of the recorded action.
        kind: the kind of event.
        at: the time of the event.
        by: the acting principal, if there is one.
        user_id: the acting user; used if ``by`` is None, as at a login.
        credential_id: the session or API token; used if ``by`` is None.
        subject_id: id of the object of the action: a user, token, invitation, workspace or job.
        **details: further values. They must not be secrets.
    """
    request = current_request.get()
    await transaction.execute(
        _INSERT,
        {
            "id": make_id(),
            "at": at,
            "kind": kind,
            "user_id": by.user_id if by else user_id,
            "credential_id": by.credential_id if by else credential_id,
            "subject_id": subject_id,
            "address": request.address if request else None,
            "request_id": request.request_id if request else None,
            "details": details,
        },
    )


async def delete_old_events(transaction: Transaction, *, until: datetime, limit: int) -> int:
    """Delete up to ``limit`` of the oldest events before ``until``; return the number deleted."""
    ids = await list_old_event_ids(transaction, until=until, limit=limit)
    return await transaction.execute(_DELETE, {"ids": ids, "until": until}) if ids else 0
