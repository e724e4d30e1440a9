"""Queries for the audit log."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, bindparam, or_, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.statements import Row
from taskstead.db.types import Id, Instant
from taskstead.schemas.audit import AuditListing
from taskstead.schemas.moments import parse_moment
from taskstead.tables.audit import audit_log
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
_LIST_OLD = (
    select(audit_log.c.id)
    .where(audit_log.c.at < bindparam("until"))
    .order_by(audit_log.c.at)
    .limit(_LIMIT)
)


@lru_cache(maxsize=32)
def _build_list(names: frozenset[str]) -> Select[Any]:
    return (
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
        .limit(_LIMIT)
    )


async def list_audit_events(
    reader: LongReader,
    given: AuditListing,
    *,
    zone: str,
    now: datetime,
    before_id: str,
    limit: int,
) -> list[Row]:
    """Return events that match all conditions, newest first, with the users' e-mail addresses.

    Args:
        reader: the database connection to read from.
        given: the conditions. Its cursor and limit are not used.
        zone: the time zone of days, if the conditions specify none.
        now: the current time.
        before_id: id of the last event of the previous page.
        limit: maximum number of rows.
    """
    values = _make_values(given, ZoneInfo(given.time_zone or zone), now)
    return await reader.fetch_all(
        _build_list(frozenset(values)),
        {**values, "before_id": before_id, "limit": limit},
        # A selective condition may have to scan many rows.
        is_long=bool(values),
    )


def _make_values(given: AuditListing, zone: ZoneInfo, now: datetime) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    if given.kind:
        values["kind"] = list(given.kind)
    if given.user is not None:
        values["user"] = given.user
    if given.since is not None:
        values["since"] = parse_moment(given.since, zone, now).start
    if given.until is not None:
        values["until"] = parse_moment(given.until, zone, now).end
    return values


async def list_old_event_ids(reader: Reader, *, until: datetime, limit: int) -> list[str]:
    """Return the ids of the oldest events before a time."""
    rows = await reader.fetch_all(_LIST_OLD, {"until": until, "limit": limit})
    return [row["id"] for row in rows]
