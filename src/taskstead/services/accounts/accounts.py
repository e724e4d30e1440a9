"""User accounts: registration, changes of the profile and password, and disabling.

The first account of a server becomes an administrator.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, insert, update

from taskstead.clock import Clock
from taskstead.config.settings import Settings
from taskstead.db.database import Database, Reader, Transaction, UniqueViolationError
from taskstead.domain.principal import Principal
from taskstead.domain.registration import Registration
from taskstead.errors import (
    FieldError,
    NameTakenError,
    NotFoundError,
    RegistrationClosedError,
    SetupRequiredError,
    ValidationFailedError,
)
from taskstead.ids import is_same_secret, make_id
from taskstead.queries.accounts.users import (
    find_password_by_id,
    find_user_by_email,
    get_user,
    has_users,
)
from taskstead.queries.workspaces.memberships import lock_user
from taskstead.schemas.accounts.accounts import (
    AccountPatch,
    PasswordChange,
    PasswordConfirmation,
    Register,
)
from taskstead.schemas.admin.audit import EventKind
from taskstead.services.accounts.access import require_session
from taskstead.services.accounts.administrators import check_administrator_remains
from taskstead.services.accounts.invitations import use_invitation
from taskstead.services.accounts.passwords import Passwords, check_new_password
from taskstead.services.accounts.sessions import (
    IssuedTokens,
    NewSession,
    SessionCookie,
    end_sessions,
    replace_cookie,
    start_cookie_session,
    start_session,
)
from taskstead.services.audit import record_event
from taskstead.services.context import WriteContext, WrittenBatch
from taskstead.services.workspaces.member_names import record_new_name
from taskstead.services.workspaces.workspaces import create_workspace_in_transaction
from taskstead.tables.users import UserRow, credentials, users

# Id of the lock held while the first account is created, so that only one account becomes an
# administrator.
_FIRST_ACCOUNT_LOCK = 8_245_921_733

_INSERT_USER = insert(users)
_INSERT_CREDENTIAL = insert(credentials)
_UPDATE_USER = (
    update(users)
    .where(users.c.id == bindparam("user"))
    .values(
        {
            name: bindparam(name)
            for name in ("email", "name", "time_zone", "language", "date_order", "updated_at")
        }
    )
)
_SET_PASSWORD = (
    update(credentials)
    .where(credentials.c.user_id == bindparam("user"), credentials.c.kind == "password")
    .values(secret=bindparam("secret"), updated_at=bindparam("updated_at"))
)
_SET_DISABLED = (
    update(users)
    .where(users.c.id == bindparam("user"))
    .values(disabled_at=bindparam("disabled_at"), updated_at=bindparam("updated_at"))
)


class RegistrationState(NamedTuple):
    """Who may register, and whether the next account is the first one."""

    registration: Registration
    has_accounts: bool
    needs_setup_token: bool


async def read_registration_state(reader: Reader, settings: Settings) -> RegistrationState:
    """Return who may register an account now."""
    has_accounts = await has_users(reader)
    needs_setup_token = settings.needs_setup_token and not has_accounts
    return RegistrationState(settings.registration, has_accounts, needs_setup_token)


async def register_account(
    database: Database,
    passwords: Passwords,
    settings: Settings,
    body: Register,
    *,
    client: str | None,
    old_cookies: Sequence[str] = (),
    clock: Clock,
) -> IssuedTokens | NewSession:
    """Create an account with its personal workspace, and start its first session.

    Args:
        database: the application's database.
        passwords: hashes the password.
        settings: the settings, which define who may register.
        body: the account, and whether its session has tokens or a cookie.
        client: the short name of the client, if known.
        old_cookies: the browser's previous cookies, if the session has a cookie.
        clock: returns the current time.

    Raises:
        SetupRequiredError: it is the first account, and the setup token is missing or wrong.
        RegistrationClosedError: registration is closed, or the invitation is missing or invalid.
        NameTakenError: an account with this e-mail address already exists.
        ValidationFailedError: the password is too easy to guess.
    """
    is_setup = settings.needs_setup_token and not await has_users(database)
    if is_setup:
        _check_setup_token(settings, body.setup_token)
    else:
        _check_registration(settings, body.invitation)
    await check_new_password(body.password, body.email)
    secret = await passwords.hash_password(body.password)
    async with database.transaction() as transaction:
        if is_setup:
            await transaction.lock(_FIRST_ACCOUNT_LOCK)
            if await has_users(transaction):
                # Another request has created the first account, so the usual rules apply.
                is_setup = False
                _check_registration(settings, body.invitation)
        user = await _create_user(
            transaction,
            email=body.email,
            secret=secret,
            name=body.name or body.email.partition("@")[0],
            time_zone=body.time_zone,
            is_admin=False,
            clock=clock,
        )
        now = clock()
        if (
            not is_setup
            and body.invitation is not None
            and settings.registration is Registration.INVITATION
        ):
            await use_invitation(
                transaction, body.invitation, email=body.email, user_id=user["id"], now=now
            )
        event: EventKind = "account.registered"
        if body.session == "token":
            return await start_session(
                transaction, settings, user["id"], event, client=client, now=now
            )
        return await start_cookie_session(
            transaction,
            settings,
            user["id"],
            event,
            client=client,
            old_cookies=old_cookies,
            now=now,
        )


def _check_setup_token(settings: Settings, token: str | None) -> None:
    if settings.setup_token is None:
        raise SetupRequiredError(
            "This server has no account yet. Create the first one with `taskstead user create`, or "
            "set TASKSTEAD_SETUP_TOKEN and restart the server."
        )
    if token is None or not is_same_secret(token, settings.setup_token):
        raise SetupRequiredError(
            "This server has no account yet. Send the setup token that it printed when it started "
            "as `setup_token`."
        )


def _check_registration(settings: Settings, invitation: str | None) -> None:
    if settings.registration is Registration.CLOSED:
        raise RegistrationClosedError(
            "Registration is closed on this server. Ask its administrator for an account."
        )
    if settings.registration is Registration.INVITATION and invitation is None:
        raise RegistrationClosedError(
            "Registration requires an invitation. Send its token as `invitation`."
        )


async def create_account(
    database: Database,
    passwords: Passwords,
    *,
    email: str,
    password: str,
    name: str | None = None,
    is_admin: bool = False,
    clock: Clock,
) -> UserRow:
    """Create an account from the command line; return the user's row.

    Raises:
        NameTakenError: an account with this e-mail address exists.
        ValidationFailedError: the password is too easy to guess.
    """
    await check_new_password(password, email)
    secret = await passwords.hash_password(password)
    async with database.transaction() as transaction:
        user = await _create_user(
            transaction,
            email=email,
            secret=secret,
            name=name or email.partition("@")[0],
            time_zone="Etc/UTC",
            is_admin=is_admin,
            clock=clock,
        )
        await record_event(
            transaction,
            "account.created",
            at=user["created_at"],
            subject_id=user["id"],
            email=email,
            is_admin=user["is_admin"],
        )
        return user


async def _create_user(
    transaction: Transaction,
    *,
    email: str,
    secret: str,
    name: str,
    time_zone: str,
    is_admin: bool,
    clock: Clock,
) -> UserRow:
    if not await has_users(transaction):
        await transaction.lock(_FIRST_ACCOUNT_LOCK)
        is_admin = is_admin or not await has_users(transaction)
    now = clock()
    user: UserRow = {
        "id": make_id(),
        "email": email,
        "name": name,
        "time_zone": time_zone,
        "language": "en",
        "date_order": "none",
        "is_admin": is_admin,
        "personal_workspace_id": make_id(),
        "created_at": now,
        "updated_at": now,
        "disabled_at": None,
    }
    try:
        await transaction.execute(_INSERT_USER, user)
    except UniqueViolationError:
        raise _make_email_taken(email) from None
    await transaction.execute(
        _INSERT_CREDENTIAL,
        {"user_id": user["id"], "kind": "password", "secret": secret, "updated_at": now},
    )
    await create_workspace_in_transaction(
        transaction,
        workspace_id=user["personal_workspace_id"],
        name="Personal",
        is_personal=True,
        user_id=user["id"],
        credential_id=None,
        clock=clock,
    )
    return user


def _make_email_taken(email: str) -> NameTakenError:
    return NameTakenError(
        f"An account with the address {email} already exists.",
        errors=[FieldError("/email", "An account with this address exists.", "email_taken")],
    )


async def update_account(ctx: WriteContext, passwords: Passwords, body: AccountPatch) -> UserRow:
    """Change the fields of the user's own account that were sent; return the user's row.

    Raises:
        ValidationFailedError: the address is changed and the current password is missing or wrong.
        NameTakenError: another account has the new address.
    """
    values = body.list_values()
    if "email" in values:
        entered = values.get("current_password")
        await check_current_password(ctx, passwords, entered)
    written: list[WrittenBatch] = []
    async with ctx.database.transaction() as transaction:
        old = await get_user(transaction, ctx.principal.user_id)
        now = ctx.clock()
        user: UserRow = {
            **old,
            "email": values.get("email", old["email"]),
            "name": values.get("name", old["name"]),
            "time_zone": values.get("time_zone", old["time_zone"]),
            "language": values.get("language", old["language"]),
            "date_order": values.get("date_order", old["date_order"]),
            "updated_at": now,
        }
        if (user["name"], user["email"]) != (old["name"], old["email"]):
            written = await record_new_name(transaction, ctx.principal, clock=ctx.clock)
        try:
            await transaction.execute(_UPDATE_USER, {"user": user["id"], **user})
        except UniqueViolationError:
            raise _make_email_taken(user["email"]) from None
        if user["email"] != old["email"]:
            await record_event(
                transaction,
                "account.email_changed",
                at=now,
                by=ctx.principal,
                subject_id=ctx.principal.user_id,
                old=old["email"],
                new=user["email"],
            )
    ctx.written += written
    return user


async def change_password(
    ctx: WriteContext, passwords: Passwords, settings: Settings, body: PasswordChange
) -> SessionCookie | None:
    """Change the user's own password and end their other sessions.

    Return the new cookie of the current session, or None if it has no cookie.

    Raises:
        ValidationFailedError: the current password is wrong or the new one too easy to guess.
    """
    await check_current_password(ctx, passwords, body.current_password)
    await check_new_password(body.new_password, ctx.principal.email, pointer="/new_password")
    secret = await passwords.hash_password(body.new_password)
    async with ctx.database.transaction() as transaction:
        now = ctx.clock()
        await _write_password(transaction, ctx.principal.user_id, secret, now=now)
        await end_sessions(
            transaction, ctx.principal.user_id, except_session=ctx.principal.session_id
        )
        await record_event(
            transaction,
            "password.changed",
            at=now,
            by=ctx.principal,
            subject_id=ctx.principal.user_id,
        )
        return await replace_cookie(transaction, settings, ctx.principal.session_id)


async def confirm_export(
    ctx: WriteContext, passwords: Passwords, body: PasswordConfirmation
) -> None:
    """Verify the user's password and record the export of their account in the audit log.

    Raises:
        ForbiddenError: the principal has no session.
        ValidationFailedError: the password is wrong.
    """
    require_session(ctx.principal)
    await check_current_password(ctx, passwords, body.current_password)
    async with ctx.database.transaction() as transaction:
        await record_event(
            transaction,
            "account.exported",
            at=ctx.clock(),
            by=ctx.principal,
            subject_id=ctx.principal.user_id,
        )


async def check_current_password(
    ctx: WriteContext, passwords: Passwords, password: str | None
) -> None:
    """Verify the current password of an authenticated user.

    Raises:
        ValidationFailedError: the password is missing or wrong.
    """
    row = await find_password_by_id(ctx.database, ctx.principal.user_id)
    secret = None if row is None else row["secret"]
    if not await passwords.is_correct(password or "", secret):
        # Recorded like a failed login, because it may be a guess with a stolen token.
        async with ctx.database.transaction() as transaction:
            await record_event(
                transaction,
                "login.failed",
                at=ctx.clock(),
                by=ctx.principal,
                subject_id=ctx.principal.user_id,
                email=ctx.principal.email,
                reason="current password",
            )
        message = "The current password is wrong."
        raise ValidationFailedError(
            message, errors=[FieldError("/current_password", message, "wrong_password")]
        )


async def _write_password(
    transaction: Transaction, user_id: str, secret: str, *, now: datetime
) -> None:
    """Store the hash of a password, and lock the user's row as logins do."""
    await lock_user(transaction, user_id)
    values = {"user": user_id, "secret": secret, "updated_at": now}
    if not await transaction.execute(_SET_PASSWORD, values):
        await transaction.execute(
            _INSERT_CREDENTIAL,
            {"user_id": user_id, "kind": "password", "secret": secret, "updated_at": now},
        )


async def set_password(
    database: Database, passwords: Passwords, *, email: str, password: str, clock: Clock
) -> None:
    """Set a user's password from the command line and end all their sessions.

    Raises:
        NotFoundError: no account has this address.
        ValidationFailedError: the password is too easy to guess.
    """
    await check_new_password(password, email)
    secret = await passwords.hash_password(password)
    async with database.transaction() as transaction:
        user = await get_user_by_email(transaction, email)
        now = clock()
        await _write_password(transaction, user["id"], secret, now=now)
        await end_sessions(transaction, user["id"])
        await record_event(transaction, "password.set", at=now, subject_id=user["id"])


async def set_disabled(database: Database, *, email: str, disabled: bool, now: datetime) -> None:
    """Disable an account and end its sessions, or enable it, from the command line.

    Raises:
        NotFoundError: no account has this address.
        LastAdministratorError: the server would have no active administrator.
    """
    async with database.transaction() as transaction:
        user = await get_user_by_email(transaction, email)
        if disabled:
            await check_administrator_remains(transaction, user["id"])
        await write_disabled(transaction, user, disabled=disabled, by=None, now=now)


async def write_disabled(
    transaction: Transaction,
    user: UserRow,
    *,
    disabled: bool,
    by: Principal | None,
    now: datetime,
) -> None:
    """Disable or enable a user in the caller's transaction; see :func:`set_disabled`.

    Args:
        transaction: the open transaction.
        user: the user's row.
        disabled: True to disable the account, False to enable it.
        by: the administrator; None for the command line.
        now: the current time.
    """
    disabled_at = (user["disabled_at"] or now) if disabled else None
    await transaction.execute(
        _SET_DISABLED, {"user": user["id"], "disabled_at": disabled_at, "updated_at": now}
    )
    if disabled:
        await end_sessions(transaction, user["id"])
    if disabled != (user["disabled_at"] is not None):
        kind: EventKind = "account.disabled" if disabled else "account.enabled"
        await record_event(transaction, kind, at=now, by=by, subject_id=user["id"])


async def get_user_by_email(transaction: Transaction, email: str) -> UserRow:
    """Return the user with a normalised e-mail address.

    Raises:
        NotFoundError: no account has this address.
    """
    user = await find_user_by_email(transaction, email)
    if user is None:
        raise NotFoundError(f"No account has the address {email}.")
    return user
