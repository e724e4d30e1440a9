"""The last use of sessions, and the time at which they end.

A session ends after ``refresh_token_days`` without use, and ``session_days`` after the login in any
case. A session with tokens is extended by a refresh, and one with a cookie by each use.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, update

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.domain.principal import Credential
from taskstead.tables.tokens import sessions

# Minimum time between two updates of a session's last use, to limit the number of writes.
_INTERVAL = timedelta(minutes=5)

_SET_LAST_USED = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"))
    .values(last_used_at=bindparam("now"))
)
_EXTEND = _SET_LAST_USED.values(expires_at=bindparam("expires_at"))


def get_session_end(settings: Settings, *, started_at: datetime, now: datetime) -> datetime:
    """Return when a session expires if it is used now and never again."""
    return min(
        now + timedelta(days=settings.refresh_token_days),
        started_at + timedelta(days=settings.session_days),
    )


async def update_session_use(
    database: Database, settings: Settings, credential: Credential, *, now: datetime
) -> None:
    """Record the use of a session, at most every five minutes. Extend it if it has a cookie."""
    last = credential.last_used_at
    if last is not None and now - last < _INTERVAL:
        return
    values = {"session": credential.principal.session_id, "now": now}
    started_at = credential.session_started_at
    async with database.transaction() as transaction:
        if started_at is None:
            await transaction.execute(_SET_LAST_USED, values)
        else:
            expires_at = get_session_end(settings, started_at=started_at, now=now)
            await transaction.execute(_EXTEND, {**values, "expires_at": expires_at})
