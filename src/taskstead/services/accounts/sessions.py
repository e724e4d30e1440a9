"""Sessions: login, refresh tokens, logout.

Refresh tokens rotate (RFC 9700, section 4.14): the use of a refresh token returns a new pair of
tokens. A client that lost the response, or a second browser tab, may use the same refresh token
again within the grace period and gets the same pair. A repeated use after that indicates a stolen
token, so the session ends.
See docs/decisions/0037-repeated-refreshes-return-the-same-pair.md.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, update

from taskstead.clock import Clock
from taskstead.config.settings import Settings
from taskstead.db.database import Database, Transaction
from taskstead.domain.email_addresses import normalise_email
from taskstead.domain.principal import ACCESS_TOKEN_PREFIX, REFRESH_TOKEN_PREFIX
from taskstead.errors import (
    ForbiddenError,
    LoginFailedError,
    RefreshSupersededError,
    TokenExpiredError,
    UnauthenticatedError,
)
from taskstead.ids import derive_secret, hash_secret, make_id, make_key, make_secret
from taskstead.queries.accounts.tokens import find_refresh_token
from taskstead.queries.accounts.users import PasswordRow, find_password_by_email, get_user
from taskstead.schemas.admin.audit import EventKind
from taskstead.services.accounts.passwords import Passwords
from taskstead.services.audit import record_event
from taskstead.services.context import WriteContext
from taskstead.tables.tokens import RefreshTokenRow, access_tokens, refresh_tokens, sessions

# Grace period in which the use of a refresh token can be repeated.
REFRESH_GRACE = timedelta(seconds=30)

_INSERT_SESSION = insert(sessions)
_INSERT_ACCESS = insert(access_tokens)
_INSERT_REFRESH = insert(refresh_tokens)
_EXTEND_SESSION = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"))
    .values(expires_at=bindparam("expires_at"))
)
_USE_REFRESH = (
    update(refresh_tokens)
    .where(refresh_tokens.c.token_hash == bindparam("hash"), refresh_tokens.c.used_at.is_(None))
    .values(used_at=bindparam("used_at"), successor_key=bindparam("successor_key"))
)
_DROP_OLD_KEYS = (
    update(refresh_tokens)
    .where(
        refresh_tokens.c.session_id == bindparam("session"),
        refresh_tokens.c.token_hash != bindparam("hash"),
        refresh_tokens.c.successor_key.is_not(None),
    )
    .values(successor_key=None)
)
_END_SESSION = delete(sessions).where(sessions.c.id == bindparam("session"))
_END_SESSIONS = delete(sessions).where(sessions.c.user_id == bindparam("user"))
_END_OTHER_SESSIONS = _END_SESSIONS.where(sessions.c.id != bindparam("session"))
_DELETE_EXPIRED_SESSIONS = _END_SESSIONS.where(sessions.c.expires_at < bindparam("now"))
_DELETE_EXPIRED_ACCESS = delete(access_tokens).where(
    access_tokens.c.session_id == bindparam("session"),
    access_tokens.c.expires_at < bindparam("now"),
)


class IssuedTokens(NamedTuple):
    """A pair of tokens. ``expires_in`` is the lifetime of the access token in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


async def log_in(
    database: Database,
    passwords: Passwords,
    settings: Settings,
    *,
    email: str,
    password: str,
    clock: Clock,
) -> IssuedTokens:
    """Verify e-mail address and password, and start a session.

    An unknown address and a wrong password get the same error after the same time.

    Args:
        database: the application's database.
        passwords: verifies the password.
        settings: the settings, which define the lifetimes of tokens.
        email: the address that the user entered.
        password: the password that the user entered.
        clock: returns the current time. The session begins after the password was verified.

    Raises:
        LoginFailedError: the address is unknown or the password is wrong.
        ForbiddenError: the account is disabled.
    """
    address: str | None = None
    user: PasswordRow | None = None
    # An invalid address is not recorded, because the user may have typed the password instead.
    with suppress(ValueError):
        address = normalise_email(email)
        user = await find_password_by_email(database, address)
    secret = None if user is None else user["secret"]
    is_correct = await passwords.is_correct(password, secret)
    if user is None or not is_correct:
        await _record_failure(database, user, address, "password", now=clock())
        raise LoginFailedError("No account has this e-mail address and password.")
    if user["disabled_at"] is not None:
        await _record_failure(database, user, address, "disabled", now=clock())
        raise ForbiddenError("This account is disabled. Contact the administrator of this server.")
    async with database.transaction() as transaction:
        return await start_session(
            transaction, settings, user["id"], "login.succeeded", now=clock()
        )


async def _record_failure(
    database: Database,
    user: PasswordRow | None,
    address: str | None,
    reason: str,
    *,
    now: datetime,
) -> None:
    """Record a failed login in the audit log. The rate limit of logins limits the events, too."""
    async with database.transaction() as transaction:
        subject_id = None if user is None else user["id"]
        await record_event(
            transaction,
            "login.failed",
            at=now,
            subject_id=subject_id,
            email=address,
            reason=reason,
        )


async def start_session(
    transaction: Transaction, settings: Settings, user_id: str, event: EventKind, *, now: datetime
) -> IssuedTokens:
    """Start a session in the caller's transaction, and delete the user's expired sessions.

    Args:
        transaction: the open transaction.
        settings: the settings, which define the lifetimes of tokens.
        user_id: the user's id.
        event: the kind of event to record in the audit log.
        now: the start of the session.
    """
    await transaction.execute(_DELETE_EXPIRED_SESSIONS, {"user": user_id, "now": now})
    session_id = make_id()
    await transaction.execute(
        _INSERT_SESSION,
        {
            "id": session_id,
            "user_id": user_id,
            "created_at": now,
            "expires_at": now + timedelta(days=settings.refresh_token_days),
        },
    )
    await record_event(
        transaction, event, at=now, user_id=user_id, credential_id=session_id, subject_id=user_id
    )
    issued = IssuedTokens(
        make_secret(ACCESS_TOKEN_PREFIX),
        make_secret(REFRESH_TOKEN_PREFIX),
        int(_get_access_lifetime(settings).total_seconds()),
    )
    await _store_tokens(
        transaction, settings, issued, session_id=session_id, user_id=user_id, now=now
    )
    return issued


def _get_access_lifetime(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.access_token_minutes)


async def _store_tokens(
    transaction: Transaction,
    settings: Settings,
    issued: IssuedTokens,
    *,
    session_id: str,
    user_id: str,
    now: datetime,
) -> None:
    owner = {"session_id": session_id, "user_id": user_id}
    access = {
        **owner,
        "token_hash": hash_secret(issued.access_token),
        "expires_at": now + _get_access_lifetime(settings),
    }
    refresh = {
        **owner,
        "token_hash": hash_secret(issued.refresh_token),
        "expires_at": now + timedelta(days=settings.refresh_token_days),
        "used_at": None,
        "successor_key": None,
    }
    await transaction.execute(_INSERT_ACCESS, access)
    await transaction.execute(_INSERT_REFRESH, refresh)


async def refresh_session(
    database: Database, settings: Settings, *, refresh_token: str, clock: Clock
) -> IssuedTokens:
    """Exchange a refresh token for a new pair of tokens.

    A repeat within the grace period returns the same pair.

    Raises:
        UnauthenticatedError: the token is unknown, or it was used and the grace period is over. In
            that case the session is ended.
        RefreshSupersededError: the token was used within the grace period, but its successor has
            been used, too.
        TokenExpiredError: the token has expired.
        ForbiddenError: the account is disabled.
    """
    token_hash = hash_secret(refresh_token)
    async with database.transaction() as transaction:
        row = await find_refresh_token(transaction, token_hash)
        issued = (
            await _renew_session(transaction, settings, row, refresh_token, now=clock())
            if row
            else None
        )
    # Raised after the commit, because the end of the session must be stored if a token was reused.
    if issued is None:
        raise UnauthenticatedError("The refresh token is unknown or was used before; log in again.")
    return issued


async def _renew_session(
    transaction: Transaction,
    settings: Settings,
    refresh: RefreshTokenRow,
    refresh_token: str,
    *,
    now: datetime,
) -> IssuedTokens | None:
    """Return the pair of tokens that replaces a refresh token.

    Return None if the session has ended, or if it is ended now because the token was reused.
    """
    session_id, user_id = refresh["session_id"], refresh["user_id"]
    expires_at = now + timedelta(days=settings.refresh_token_days)
    # Lock the session's row before its tokens, as the deletion of a session does. Two simultaneous
    # uses of a token then wait here and cannot deadlock.
    session = {"session": session_id, "expires_at": expires_at}
    if not await transaction.execute(_EXTEND_SESSION, session):
        return None
    used_at, key = now, make_key()
    use = {"hash": refresh["token_hash"], "used_at": used_at, "successor_key": key}
    is_first_use = await transaction.execute(_USE_REFRESH, use) > 0
    if not is_first_use:
        # Read again, because another use may have been committed after the first read.
        used = await find_refresh_token(transaction, refresh["token_hash"])
        if used is None or used["used_at"] is None:
            return None
        if abs(now - used["used_at"]) > REFRESH_GRACE:
            await transaction.execute(_END_SESSION, {"session": session_id})
            await record_event(
                transaction, "refresh.reused", at=now, credential_id=session_id, subject_id=user_id
            )
            return None
        if used["successor_key"] is None:
            raise RefreshSupersededError(
                "This refresh token and its successor have been used. Use the newest token."
            )
        used_at, key = used["used_at"], used["successor_key"]
    await _check_may_refresh(transaction, refresh, now)
    issued = _derive_tokens(settings, refresh_token, used_at=used_at, key=key, now=now)
    if is_first_use:
        values = {"session": session_id, "hash": refresh["token_hash"], "now": now}
        await transaction.execute(_DROP_OLD_KEYS, values)
        await transaction.execute(_DELETE_EXPIRED_ACCESS, values)
        await _store_tokens(
            transaction, settings, issued, session_id=session_id, user_id=user_id, now=now
        )
    return issued


async def _check_may_refresh(
    transaction: Transaction, refresh: RefreshTokenRow, now: datetime
) -> None:
    if refresh["expires_at"] <= now:
        raise TokenExpiredError("The refresh token has expired; log in again.")
    user = await get_user(transaction, refresh["user_id"])
    if user["disabled_at"] is not None:
        raise ForbiddenError("This account is disabled. Contact the administrator of this server.")


def _derive_tokens(
    settings: Settings, refresh_token: str, *, used_at: datetime, key: bytes, now: datetime
) -> IssuedTokens:
    """Derive the pair that replaces a refresh token. Repeated calls return the same tokens.

    Args:
        settings: the settings, which define the lifetime of the access token.
        refresh_token: the replaced token.
        used_at: time of its first use.
        key: its successor key.
        now: the current time.
    """
    remaining = used_at + _get_access_lifetime(settings) - now
    return IssuedTokens(
        derive_secret(ACCESS_TOKEN_PREFIX, key, refresh_token),
        derive_secret(REFRESH_TOKEN_PREFIX, key, refresh_token),
        int(remaining.total_seconds()),
    )


async def end_session(ctx: WriteContext) -> None:
    """Log out: end the current session and delete its tokens."""
    async with ctx.database.transaction() as transaction:
        await transaction.execute(_END_SESSION, {"session": ctx.principal.session_id})
        await record_event(
            transaction,
            "session.ended",
            at=ctx.clock(),
            by=ctx.principal,
            subject_id=ctx.principal.user_id,
        )


async def end_sessions(
    transaction: Transaction, user_id: str, *, except_session: str | None = None
) -> None:
    """End all sessions of a user, or all except one, in the caller's transaction."""
    if except_session is None:
        await transaction.execute(_END_SESSIONS, {"user": user_id})
    else:
        values = {"user": user_id, "session": except_session}
        await transaction.execute(_END_OTHER_SESSIONS, values)
