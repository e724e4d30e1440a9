"""Queries for the audit log, the security events of the whole server."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, bindparam, or_, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Instant
from taskstead.domain.time_ranges import parse_day_or_moment
from taskstead.schemas.admin.audit import AuditListing
from taskstead.tables.audit import NamedAuditEventRow, audit_log
from taskstead.tables.rows import IdRow
from taskstead.tables.users import users

_LIMIT = bindparam("limit", type_=BigInteger)
_USER = bindparam("user", type_=Id)
_CONDITIONS = {
    "kind": is_any_of(audit_log.c.kind, "kind"),
    "user": or_(audit_log.c.user_id == _USER, audit_log.c.subject_id == _USER),
    "since": audit_log.c.at >= bindparam("since", type_=Instant),
    "until": audit_log.c.at < bindparam("until", type_=Instant),
}
_ACTORS = users.alias("actors")
_SUBJECTS = users.alias("subjects")
_LIST_OLD = Query(
    IdRow,
    select(audit_log.c.id)
    .where(audit_log.c.at < bindparam("until"))
    .order_by(audit_log.c.at)
    .limit(_LIMIT),
)


@lru_cache(maxsize=32)
def _build_list(names: frozenset[str]) -> Query[NamedAuditEventRow]:
    """Build the query for a set of names of conditions. Cached for each set."""
    return Query(
        NamedAuditEventRow,
        select(
            *audit_log.c,
            _ACTORS.c.email.label("user_email"),
            _SUBJECTS.c.email.label("subject_email"),
        )
        .outerjoin(_ACTORS, _ACTORS.c.id == audit_log.c.user_id)
        .outerjoin(_SUBJECTS, _SUBJECTS.c.id == audit_log.c.subject_id)
        .where(
            audit_log.c.id < bindparam("before_id", type_=Id),
            *(_CONDITIONS[name] for name in sorted(names)),
        )
        .order_by(audit_log.c.id.desc())
        .limit(_LIMIT),
    )


async def list_audit_events(
    reader: LongReader,
    listing: AuditListing,
    *,
    zone: str,
    now: datetime,
    before_id: str,
    limit: int,
) -> list[NamedAuditEventRow]:
    """Return events that match the filter, newest first.

    Args:
        reader: the database connection to read from.
        listing: the filter. Its cursor and limit are ignored.
        zone: the time zone in which days are calculated, if the filter specifies none.
        now: the current time.
        before_id: id of the last event on the previous page.
        limit: maximum number of rows.
    """
    values = _build_values(listing, ZoneInfo(listing.time_zone or zone), now)
    return await reader.fetch_all(
        _build_list(frozenset(values)),
        {**values, "before_id": before_id, "limit": limit},
        # A filter that few events match may have to scan many rows.
        is_long=bool(values),
    )


def _build_values(listing: AuditListing, zone: ZoneInfo, now: datetime) -> Mapping[str, Any]:
    """Return the parameters of the filter. Each name is a key of ``_CONDITIONS``."""
    values: dict[str, Any] = {}
    if listing.kind:
        values["kind"] = list(listing.kind)
    if listing.user is not None:
        values["user"] = listing.user
    if listing.since is not None:
        values["since"] = parse_day_or_moment(listing.since, zone, now).start
    if listing.until is not None:
        values["until"] = parse_day_or_moment(listing.until, zone, now).end
    return values


async def list_old_event_ids(reader: Reader, *, until: datetime, limit: int) -> list[str]:
    """Return the ids of up to ``limit`` events before ``until``, oldest first."""
    rows = await reader.fetch_all(_LIST_OLD, {"until": until, "limit": limit})
    return [row["id"] for row in rows]
