"""Sessions: login, cookies, refresh tokens, logout.

A session of the web app has a cookie, and any other session a pair of tokens. A cookie is not
rotated (docs/decisions/0051-cookie-session-of-the-web-app.md).

Refresh tokens rotate (RFC 9700, section 4.14): the use of a refresh token returns a new pair of
tokens. A client that lost the response, or a second browser tab, may use the same refresh token
again within the grace period and gets the same pair. A repeated use after that indicates a stolen
token, so the session ends.
See docs/decisions/0037-repeated-refreshes-return-the-same-pair.md.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, update

from taskstead.clock import Clock
from taskstead.config.settings import Settings
from taskstead.db.database import Database, Transaction
from taskstead.domain.email_addresses import normalise_email
from taskstead.domain.principal import ACCESS_TOKEN_PREFIX, COOKIE_PREFIX, REFRESH_TOKEN_PREFIX
from taskstead.errors import (
    ForbiddenError,
    LoginFailedError,
    RefreshSupersededError,
    TokenExpiredError,
    UnauthenticatedError,
)
from taskstead.ids import derive_secret, hash_secret, make_id, make_key, make_secret
from taskstead.observability.request_record import current_request
from taskstead.queries.accounts.sessions import find_session_by_cookie
from taskstead.queries.accounts.tokens import SessionRefreshRow, find_refresh_token
from taskstead.queries.accounts.users import (
    PasswordRow,
    find_password_by_email,
    find_password_by_id,
    get_user,
)
from taskstead.queries.workspaces.memberships import lock_user
from taskstead.schemas.admin.audit import EventKind
from taskstead.services.accounts.passwords import Passwords
from taskstead.services.accounts.session_use import get_session_end
from taskstead.services.audit import record_event
from taskstead.services.context import WriteContext
from taskstead.tables.tokens import access_tokens, refresh_tokens, sessions

# Grace period in which the use of a refresh token can be repeated.
REFRESH_GRACE = timedelta(seconds=30)
_LOGIN_FAILED = "No account has this e-mail address and password."

_INSERT_SESSION = insert(sessions)
_INSERT_ACCESS = insert(access_tokens)
_INSERT_REFRESH = insert(refresh_tokens)
_EXTEND_SESSION = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"))
    .values(expires_at=bindparam("expires_at"), last_used_at=bindparam("now"))
)
_REPLACE_COOKIE = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"), sessions.c.cookie_hash.is_not(None))
    .values(cookie_hash=bindparam("cookie_hash"))
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


class SessionCookie(NamedTuple):
    """The value of a session cookie, and the seconds for which the browser keeps it."""

    value: str
    seconds: int


class NewSession(NamedTuple):
    """A session of the web app: its user and its cookie."""

    user_id: str
    cookie: SessionCookie


async def log_in(
    database: Database,
    passwords: Passwords,
    settings: Settings,
    *,
    email: str,
    password: str,
    client: str | None,
    clock: Clock,
) -> IssuedTokens:
    """Verify e-mail address and password, and start a session with tokens.

    Args:
        database: the application's database.
        passwords: verifies the password.
        settings: the settings, which define the lifetimes of tokens.
        email: the address that the user entered.
        password: the password that the user entered.
        client: the short name of the client, if known.
        clock: returns the current time. The session begins after the password was verified.

    Raises:
        LoginFailedError, ForbiddenError: as for :func:`_verify_login`.
    """
    user = await _verify_login(database, passwords, email=email, password=password, clock=clock)
    async with database.transaction() as transaction:
        await _check_unchanged(transaction, user)
        return await start_session(
            transaction, settings, user["id"], "login.succeeded", client=client, now=clock()
        )


async def log_in_by_cookie(
    database: Database,
    passwords: Passwords,
    settings: Settings,
    *,
    email: str,
    password: str,
    client: str | None,
    old_cookies: Sequence[str],
    clock: Clock,
) -> NewSession:
    """Verify e-mail address and password, and start a session with a cookie.

    Ends the sessions of the browser's previous cookies, at most two, because the new cookie
    replaces them. The other arguments and the errors are those of :func:`log_in`.
    """
    user = await _verify_login(database, passwords, email=email, password=password, clock=clock)
    async with database.transaction() as transaction:
        await _check_unchanged(transaction, user)
        return await start_cookie_session(
            transaction,
            settings,
            user["id"],
            "login.succeeded",
            client=client,
            old_cookies=old_cookies,
            now=clock(),
        )


async def _verify_login(
    database: Database, passwords: Passwords, *, email: str, password: str, clock: Clock
) -> PasswordRow:
    """Verify e-mail address and password; return the user with the verified hash.

    An unknown address and a wrong password get the same error after the same time.

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
        raise LoginFailedError(_LOGIN_FAILED)
    if user["disabled_at"] is not None:
        await _record_failure(database, user, address, "disabled", now=clock())
        raise ForbiddenError("This account is disabled. Contact the administrator of this server.")
    return user


async def _check_unchanged(transaction: Transaction, verified: PasswordRow) -> None:
    """Check that a verified login is still valid, and lock the user's row.

    The password may have changed while it was verified. A later change waits for the lock, and then
    ends the session that this transaction starts.

    Raises:
        LoginFailedError: the password has changed, or the account was disabled or deleted.
    """
    await lock_user(transaction, verified["id"])
    user = await find_password_by_id(transaction, verified["id"])
    if user is None or user["secret"] != verified["secret"] or user["disabled_at"] is not None:
        raise LoginFailedError(_LOGIN_FAILED)


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
    transaction: Transaction,
    settings: Settings,
    user_id: str,
    event: EventKind,
    *,
    client: str | None,
    now: datetime,
) -> IssuedTokens:
    """Start a session with tokens in the caller's transaction.

    Args:
        transaction: the open transaction.
        settings: the settings, which define the lifetimes of tokens.
        user_id: the user's id.
        event: the kind of event to record in the audit log.
        client: the short name of the client, if known.
        now: the start of the session.
    """
    session_id = await _insert_session(
        transaction, settings, user_id, event, client=client, cookie_hash=None, now=now
    )
    issued = IssuedTokens(
        make_secret(ACCESS_TOKEN_PREFIX),
        make_secret(REFRESH_TOKEN_PREFIX),
        int(_get_access_lifetime(settings).total_seconds()),
    )
    await _store_tokens(
        transaction,
        settings,
        issued,
        session_id=session_id,
        user_id=user_id,
        expires_at=get_session_end(settings, started_at=now, now=now),
        now=now,
    )
    return issued


async def start_cookie_session(
    transaction: Transaction,
    settings: Settings,
    user_id: str,
    event: EventKind,
    *,
    client: str | None,
    old_cookies: Sequence[str],
    now: datetime,
) -> NewSession:
    """Start a session with a cookie in the caller's transaction.

    The arguments are those of :func:`log_in_by_cookie` and :func:`start_session`.
    """
    for old_cookie in old_cookies:
        await _end_cookie_session(transaction, old_cookie, now=now)
    cookie = make_secret(COOKIE_PREFIX)
    await _insert_session(
        transaction,
        settings,
        user_id,
        event,
        client=client,
        cookie_hash=hash_secret(cookie),
        now=now,
    )
    return NewSession(user_id, SessionCookie(cookie, settings.session_days * 86400))


async def _insert_session(
    transaction: Transaction,
    settings: Settings,
    user_id: str,
    event: EventKind,
    *,
    client: str | None,
    cookie_hash: bytes | None,
    now: datetime,
) -> str:
    """Write a session's row and the event, and delete the user's expired sessions; return its id.

    The arguments are those of :func:`start_session`, and the hash of the cookie, if there is one.
    """
    request = current_request.get()
    await transaction.execute(_DELETE_EXPIRED_SESSIONS, {"user": user_id, "now": now})
    session_id = make_id()
    await transaction.execute(
        _INSERT_SESSION,
        {
            "id": session_id,
            "user_id": user_id,
            "created_at": now,
            "expires_at": get_session_end(settings, started_at=now, now=now),
            "cookie_hash": cookie_hash,
            "method": "password",
            "client": client,
            "address": request.address if request else None,
            "last_used_at": now,
        },
    )
    await record_event(
        transaction, event, at=now, user_id=user_id, credential_id=session_id, subject_id=user_id
    )
    return session_id


def _get_access_lifetime(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.access_token_minutes)


async def _store_tokens(
    transaction: Transaction,
    settings: Settings,
    issued: IssuedTokens,
    *,
    session_id: str,
    user_id: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Store the hashes of a pair of tokens. The refresh token is valid until ``expires_at``."""
    owner = {"session_id": session_id, "user_id": user_id}
    access = {
        **owner,
        "token_hash": hash_secret(issued.access_token),
        "expires_at": now + _get_access_lifetime(settings),
    }
    refresh = {
        **owner,
        "token_hash": hash_secret(issued.refresh_token),
        "expires_at": expires_at,
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
    refresh: SessionRefreshRow,
    refresh_token: str,
    *,
    now: datetime,
) -> IssuedTokens | None:
    """Return the pair of tokens that replaces a refresh token.

    Return None if the session has ended, or if it is ended now because the token was reused.
    """
    session_id, user_id = refresh["session_id"], refresh["user_id"]
    expires_at = get_session_end(settings, started_at=refresh["started_at"], now=now)
    # Lock the session's row before its tokens, as the deletion of a session does. Two simultaneous
    # uses of a token then wait here and cannot deadlock.
    session = {"session": session_id, "expires_at": expires_at, "now": now}
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
    await _check_may_refresh(transaction, refresh, min(refresh["expires_at"], expires_at), now)
    issued = _derive_tokens(settings, refresh_token, used_at=used_at, key=key, now=now)
    if is_first_use:
        values = {"session": session_id, "hash": refresh["token_hash"], "now": now}
        await transaction.execute(_DROP_OLD_KEYS, values)
        await transaction.execute(_DELETE_EXPIRED_ACCESS, values)
        await _store_tokens(
            transaction,
            settings,
            issued,
            session_id=session_id,
            user_id=user_id,
            expires_at=expires_at,
            now=now,
        )
    return issued


async def _check_may_refresh(
    transaction: Transaction, refresh: SessionRefreshRow, expires_at: datetime, now: datetime
) -> None:
    if expires_at <= now:
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


async def end_cookie_sessions(database: Database, cookies: Sequence[str], *, clock: Clock) -> None:
    """Log out: end the sessions of at most two cookies, if they still exist."""
    for cookie in cookies:
        # Without a session, a client that is not authenticated must not wait for a write.
        if await find_session_by_cookie(database, hash_secret(cookie)) is not None:
            async with database.transaction() as transaction:
                await _end_cookie_session(transaction, cookie, now=clock())


async def _end_cookie_session(transaction: Transaction, cookie: str, *, now: datetime) -> None:
    session = await find_session_by_cookie(transaction, hash_secret(cookie))
    if session is None or not await transaction.execute(_END_SESSION, {"session": session["id"]}):
        return
    await record_event(
        transaction,
        "session.ended",
        at=now,
        user_id=session["user_id"],
        credential_id=session["id"],
        subject_id=session["user_id"],
    )


async def replace_cookie(
    transaction: Transaction, settings: Settings, session_id: str | None
) -> SessionCookie | None:
    """Give a session a new cookie, so that copies of the old one are rejected.

    Return None if the session has tokens instead, or if there is none.
    """
    cookie = make_secret(COOKIE_PREFIX)
    values = {"session": session_id, "cookie_hash": hash_secret(cookie)}
    if session_id is None or not await transaction.execute(_REPLACE_COOKIE, values):
        return None
    return SessionCookie(cookie, settings.session_days * 86400)


async def end_sessions(
    transaction: Transaction, user_id: str, *, except_session: str | None = None
) -> None:
    """End all sessions of a user, or all except one, in the caller's transaction."""
    if except_session is None:
        await transaction.execute(_END_SESSIONS, {"user": user_id})
    else:
        values = {"user": user_id, "session": except_session}
        await transaction.execute(_END_OTHER_SESSIONS, values)
