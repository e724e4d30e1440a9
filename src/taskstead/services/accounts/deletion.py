"""Deletion of accounts, by their users and by administrators.

One transaction does the following:

- It removes the user from shared workspaces. The change logs of these workspaces record that.
- It moves workspaces without other members to the trash. They have no members after the deletion,
  so nobody can restore them.
- It deletes the user's row. Foreign keys delete the credentials, sessions and tokens.
- It enqueues a job that purges the workspaces without members.

Other references to the user's id remain, such as the author of a change.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import BindParameter, and_, bindparam, delete, or_, update

from taskstead.clock import Clock
from taskstead.db.database import Database, Transaction
from taskstead.db.sql.functions import is_any_of, json_without
from taskstead.domain.principal import Principal
from taskstead.errors import (
    DatabaseBusyError,
    FieldError,
    ForbiddenError,
    NotFoundError,
    OwnerlessWorkspace,
    SoleOwnerError,
    ValidationFailedError,
)
from taskstead.jobs.queue import enqueue_job
from taskstead.queries.accounts.users import get_user
from taskstead.queries.workspaces.memberships import (
    MembershipRow,
    OtherMemberRow,
    list_invitation_ids_of,
    list_member_workspace_ids,
    list_memberships,
    list_other_members,
    lock_user,
)
from taskstead.schemas.accounts.accounts import AccountDeletion
from taskstead.services.accounts.access import require_session
from taskstead.services.accounts.accounts import check_current_password, get_user_by_email
from taskstead.services.accounts.administrators import check_administrator_remains
from taskstead.services.accounts.passwords import Passwords
from taskstead.services.audit import record_event
from taskstead.services.changelog import Batch, begin_batch, summarize_batch, write_batch
from taskstead.services.context import WriteContext, WrittenBatch
from taskstead.services.housekeeping import PURGE_KIND
from taskstead.services.workspaces.trash import trash_workspace_in_batch
from taskstead.services.workspaces.workspaces import remove_member_in_batch, set_role_in_batch
from taskstead.tables.audit import audit_log
from taskstead.tables.users import UserRow, invitations, users

# Number of attempts. An attempt fails if the user's memberships change while it locks them.
_MAX_ATTEMPTS = 5

_USER: BindParameter[str] = bindparam("user")
_DELETE_USER = delete(users).where(users.c.id == _USER)
_DELETE_INVITATIONS = delete(invitations).where(is_any_of(invitations.c.id, "ids"))
_CLEAR_ADDRESS = (
    update(audit_log)
    .where(
        or_(
            audit_log.c.user_id == _USER,
            and_(audit_log.c.user_id.is_(None), audit_log.c.subject_id == _USER),
        )
    )
    .values(address=None)
)
_CLEAR_EMAIL = (
    update(audit_log)
    .where(or_(audit_log.c.subject_id == _USER, is_any_of(audit_log.c.subject_id, "ids")))
    .values(details=json_without(audit_log.c.details, "email"))
)
_CLEAR_EMAIL_CHANGES = (
    update(audit_log)
    .where(audit_log.c.subject_id == _USER, audit_log.c.kind == "account.email_changed")
    .values(details=json_without(audit_log.c.details, "old", "new"))
)
_CLEAR_TOKEN_NAMES = (
    update(audit_log)
    .where(audit_log.c.user_id == _USER, audit_log.c.kind == "token.created")
    .values(details=json_without(audit_log.c.details, "name"))
)


class _MembershipsChangedError(Exception):
    """The user was added to a workspace, or a workspace was purged, during the deletion."""


async def delete_own_account(
    ctx: WriteContext, passwords: Passwords, body: AccountDeletion
) -> None:
    """Delete the user's own account.

    The batches are not added to ``ctx.written``, because the user can no longer read the change
    logs of these workspaces.

    Raises:
        ForbiddenError: the principal has no session.
        ValidationFailedError: the password is wrong, or an entry of ``hand_over`` is invalid.
        LastAdministratorError: the server would have no active administrator.
        SoleOwnerError: a workspace with other members would have no owner.
    """
    require_session(ctx.principal)
    await check_current_password(ctx, passwords, body.current_password)
    await _delete_user(
        ctx.database, ctx.principal.user_id, body.hand_over, by=ctx.principal, clock=ctx.clock
    )
    ctx.has_new_jobs = True


async def delete_user(ctx: WriteContext, user_id: str, *, hand_over: Mapping[str, str]) -> None:
    """Delete another user's account.

    Args:
        ctx: the context of the request.
        user_id: id of the user to delete.
        hand_over: by workspace id, the id of the member who becomes an owner.

    Raises:
        NotFoundError: there is no such user.
        ForbiddenError: it is the administrator's own account.
        ValidationFailedError: an entry of ``hand_over`` is invalid.
        LastAdministratorError: the server would have no active administrator.
        SoleOwnerError: a workspace with other members would have no owner.
    """
    if user_id == ctx.principal.user_id:
        raise ForbiddenError(
            "This is your own account. Delete it with POST /auth/me/delete and your password."
        )
    ctx.written += await _delete_user(
        ctx.database, user_id, hand_over, by=ctx.principal, clock=ctx.clock
    )
    ctx.has_new_jobs = True


async def delete_user_by_email(
    database: Database, email: str, *, hand_over: Mapping[str, str], clock: Clock
) -> None:
    """Delete an account from the command line. ``hand_over`` has e-mail addresses of new owners.

    Raises:
        NotFoundError: an address has no account.
        ValidationFailedError, LastAdministratorError, SoleOwnerError: as for :func:`delete_user`.
    """
    async with database.transaction() as transaction:
        user = await get_user_by_email(transaction, email)
        owners = {
            workspace_id: (await get_user_by_email(transaction, address))["id"]
            for workspace_id, address in hand_over.items()
        }
    await _delete_user(database, user["id"], owners, by=None, clock=clock)


async def _delete_user(
    database: Database,
    user_id: str,
    hand_over: Mapping[str, str],
    *,
    by: Principal | None,
    clock: Clock,
) -> list[WrittenBatch]:
    for _ in range(_MAX_ATTEMPTS):
        try:
            async with database.transaction() as transaction:
                written = await _delete_in_transaction(
                    transaction, user_id, hand_over, by=by, clock=clock
                )
        except _MembershipsChangedError:
            continue
        return written
    raise DatabaseBusyError


async def _delete_in_transaction(
    transaction: Transaction,
    user_id: str,
    hand_over: Mapping[str, str],
    *,
    by: Principal | None,
    clock: Clock,
) -> list[WrittenBatch]:
    """Delete a user; return the batches of the user's workspaces."""
    await check_administrator_remains(transaction, user_id)
    batches = await _lock_workspaces(transaction, user_id, by, clock=clock)
    # Locked after the workspaces, in the same order as adding a member, to avoid deadlocks.
    if not await lock_user(transaction, user_id):
        raise NotFoundError(f"There is no user {user_id}.")
    memberships = await list_memberships(transaction, user_id)
    if [membership["workspace_id"] for membership in memberships] != list(batches):
        raise _MembershipsChangedError
    new_owners = await _find_new_owners(transaction, user_id, memberships, hand_over)
    for membership in memberships:
        workspace_id = membership["workspace_id"]
        batch = batches[workspace_id]
        if workspace_id in new_owners:
            await set_role_in_batch(batch, by, new_owners[workspace_id], "owner")
        if membership["other_members"]:
            await remove_member_in_batch(batch, by, membership)
        elif membership["deleted_at"] is None:
            # The membership is deleted with the user, so nobody can restore the workspace.
            await trash_workspace_in_batch(batch)
        await write_batch(batch)
    user = await get_user(transaction, user_id)
    now = clock()
    await record_event(transaction, "account.deleted", at=now, by=by, subject_id=user_id)
    await _delete_personal_data(transaction, user)
    await transaction.execute(_DELETE_USER, {"user": user_id})
    await enqueue_job(
        transaction, kind=PURGE_KIND, payload={}, workspace_id=None, user_id=None, now=now
    )
    return [summarize_batch(batch) for batch in batches.values()]


async def _lock_workspaces(
    transaction: Transaction, user_id: str, by: Principal | None, *, clock: Clock
) -> dict[str, Batch]:
    """Open a batch in each workspace of the user, ordered by workspace id."""
    # The change logs state who acted only if the user deletes their own account. The administrator
    # who deletes an account is only recorded in the audit log, which members cannot read.
    is_own = by is not None and by.user_id == user_id
    batches = {}
    for workspace_id in await list_member_workspace_ids(transaction, user_id):
        try:
            batches[workspace_id] = await begin_batch(
                transaction,
                workspace_id,
                user_id=user_id if is_own else None,
                credential_id=by.credential_id if by and is_own else None,
                clock=clock,
                allow_trashed=True,
            )
        except NotFoundError:
            raise _MembershipsChangedError from None
    return batches


async def _find_new_owners(
    transaction: Transaction,
    user_id: str,
    memberships: Sequence[MembershipRow],
    hand_over: Mapping[str, str],
) -> dict[str, OtherMemberRow]:
    """Return, by workspace id, the new owner of each shared workspace that would have none.

    Raises:
        ValidationFailedError: ``hand_over`` has a new owner who is not a member of the workspace,
            or a workspace that the user is not a member of.
        SoleOwnerError: a workspace that needs a new owner is missing in ``hand_over``.
    """
    member_of = {membership["workspace_id"] for membership in memberships}
    errors = [
        _make_error(workspace_id, "The user is not a member of this workspace.")
        for workspace_id in hand_over
        if workspace_id not in member_of
    ]
    orphans = {
        membership["workspace_id"]: membership
        for membership in memberships
        if membership["role"] == "owner"
        and membership["other_members"]
        and not membership["other_owners"]
        and membership["deleted_at"] is None
    }
    others = await list_other_members(transaction, user_id, list(orphans)) if orphans else []
    new_owners: dict[str, OtherMemberRow] = {}
    for workspace_id in orphans.keys() & hand_over.keys():
        candidates = [
            other
            for other in others
            if (other["workspace_id"], other["user_id"]) == (workspace_id, hand_over[workspace_id])
        ]
        if candidates:
            new_owners[workspace_id] = candidates[0]
        else:
            errors.append(
                _make_error(workspace_id, "The new owner must be a member of the workspace.")
            )
    if errors:
        raise ValidationFailedError(errors[0].message, errors=errors)
    missing = [membership for id_, membership in orphans.items() if id_ not in new_owners]
    if missing:
        raise SoleOwnerError(
            f"The user is the only owner of {len(missing)} shared workspaces. Specify their new "
            "owners in `hand_over`.",
            workspaces=_list_ownerless_workspaces(missing, others),
        )
    return new_owners


def _make_error(workspace_id: str, message: str) -> FieldError:
    return FieldError(f"/hand_over/{workspace_id}", message, "hand_over")


def _list_ownerless_workspaces(
    memberships: Sequence[MembershipRow], others: Sequence[OtherMemberRow]
) -> list[OwnerlessWorkspace]:
    return [
        {
            "id": membership["workspace_id"],
            "name": membership["name"],
            "members": [
                {
                    "user_id": other["user_id"],
                    "email": other["email"],
                    "name": other["name"],
                    "role": other["role"],
                }
                for other in others
                if other["workspace_id"] == membership["workspace_id"]
            ],
        }
        for membership in memberships
    ]


async def _delete_personal_data(transaction: Transaction, user: UserRow) -> None:
    """Delete the user's e-mail and IP addresses and token names from the audit log.

    Also delete the invitations that the user redeemed or that have the user's address.
    """
    ids = await list_invitation_ids_of(transaction, user["id"], user["email"])
    values = {"user": user["id"], "ids": ids}
    for statement in (
        _CLEAR_ADDRESS,
        _CLEAR_EMAIL,
        _CLEAR_EMAIL_CHANGES,
        _CLEAR_TOKEN_NAMES,
        _DELETE_INVITATIONS,
    ):
        await transaction.execute(statement, values)
