"""Writing the audit log, in the transaction of what it tells, and deleting what is old in it.

From which address and in which request something happens is taken from the request under way; at
the command line there is none.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert

from taskstead.clock import get_now
from taskstead.db.database import Transaction
from taskstead.db.expressions import is_any_of
from taskstead.ids import make_id
from taskstead.queries.audit import list_old_event_ids
from taskstead.queries.principals import Principal
from taskstead.schemas.audit import EventKind
from taskstead.tables.audit import audit_log
from taskstead.telemetry.requests import current_request

_INSERT = insert(audit_log)
_DELETE = delete(audit_log).where(
    is_any_of(audit_log.c.id, "ids"), audit_log.c.at < bindparam("until")
)


async def record_event(
    transaction: Transaction,
    kind: EventKind,
    *,
    by: Principal | None = None,
    user_id: str | None = None,
    credential_id: str | None = None,
    subject_id: str | None = None,
    **details: Any,
) -> None:
    """Note an event; one statement.

    Args:
        transaction: that of what happens, so that neither is without the other.
        kind: what happens.
        by: who does it, through which credential.
        user_id: who, where there is no principal yet, as at a login.
        credential_id: through which, likewise.
        subject_id: whom or what it is done to.
        **details: more about it. No secrets.
    """
    request = current_request.get()
    await transaction.execute(
        _INSERT,
        {
            "id": make_id(),
            "at": get_now(),
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
    """Delete so many of the events before an instant, at most; return how many there were."""
    ids = await list_old_event_ids(transaction, until=until, limit=limit)
    return await transaction.execute(_DELETE, {"ids": ids, "until": until}) if ids else 0
