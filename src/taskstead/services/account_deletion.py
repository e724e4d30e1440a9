"""Deleting accounts, by their users and by administrators.

One transaction: the user leaves shared workspaces (which is logged there), workspaces without other
members go into the trash without anybody who could restore them, and the user's row is deleted with
all that proves who the user is. A job then purges those workspaces. Elsewhere the user's id stays,
as that of a deleted user.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, delete, or_, update

from taskstead.db.database import Database, Transaction
from taskstead.db.expressions import is_any_of, json_without
from taskstead.db.statements import Row
from taskstead.errors import (
    DatabaseBusyError,
    FieldError,
    ForbiddenError,
    NotFoundError,
    SoleOwnerError,
    ValidationFailedError,
)
from taskstead.jobs.queue import enqueue_job
from taskstead.queries.memberships import (
    list_invitation_ids_of,
    list_member_workspace_ids,
    list_memberships,
    list_other_members,
    lock_user,
)
from taskstead.queries.principals import Principal
from taskstead.queries.users import get_user
from taskstead.schemas.accounts import AccountDeletion
from taskstead.services.accounts import check_current_password, get_user_by_email
from taskstead.services.administrators import check_administrator_remains
from taskstead.services.audit import record_event
from taskstead.services.changes import Batch, begin_batch, write_batch
from taskstead.services.housekeeping import PURGE_KIND
from taskstead.services.passwords import Passwords
from taskstead.services.workspace_trash import trash_workspace_in_batch
from taskstead.services.workspaces import remove_member_in_batch, set_role_in_batch
from taskstead.tables.audit import audit_log
from taskstead.tables.users import invitations, users

# How often to begin again when the user is added to a workspace at the same moment.
_TRIES = 5

_USER: BindParameter[str] = bindparam("user")
_DELETE_USER = delete(users).where(users.c.id == _USER)
_DELETE_INVITATIONS = delete(invitations).where(is_any_of(invitations.c.id, "ids"))
_FORGET_CLIENT = (
    update(audit_log)
    .where(
        or_(
            audit_log.c.user_id == _USER,
            and_(audit_log.c.user_id.is_(None), audit_log.c.subject_id == _USER),
        )
    )
    .values(address=None)
)
_FORGET_EMAIL = (
    update(audit_log)
    .where(or_(audit_log.c.subject_id == _USER, is_any_of(audit_log.c.subject_id, "ids")))
    .values(details=json_without(audit_log.c.details, "email"))
)
_FORGET_EMAIL_CHANGES = (
    update(audit_log)
    .where(audit_log.c.subject_id == _USER, audit_log.c.kind == "account.email_changed")
    .values(details=json_without(audit_log.c.details, "old", "new"))
)
_FORGET_TOKEN_NAMES = (
    update(audit_log)
    .where(audit_log.c.user_id == _USER, audit_log.c.kind == "token.created")
    .values(details=json_without(audit_log.c.details, "name"))
)


class _MembershipsChangedError(Exception):
    """The user was added to a workspace, or one was purged, while the deletion began."""


async def delete_own_account(
    database: Database, passwords: Passwords, principal: Principal, body: AccountDeletion
) -> None:
    """Delete the principal's account. The caller calls ``JobSignal.notify`` after the commit.

    Raises:
        ValidationFailedError: the password is wrong, or a workspace cannot be handed over so.
        LastAdministratorError: the server would have no active administrator.
        SoleOwnerError: workspaces with other members have to be handed over.
    """
    await check_current_password(database, passwords, principal, body.current_password)
    await _delete_user(database, principal.user_id, body.hand_over, by=principal)


async def delete_user(
    database: Database, principal: Principal, user_id: str, *, hand_over: Mapping[str, str]
) -> None:
    """Delete another user's account. The caller calls ``JobSignal.notify`` after the commit.

    Args:
        database: the application's database.
        principal: an administrator.
        user_id: whose.
        hand_over: by the ids of workspaces, the ids of the members who become their owners.

    Raises:
        NotFoundError: there is no such user.
        ForbiddenError: it is the principal's own account.
        ValidationFailedError: a workspace cannot be handed over so.
        LastAdministratorError: the server would have no active administrator.
        SoleOwnerError: workspaces with other members have to be handed over.
    """
    if user_id == principal.user_id:
        raise ForbiddenError(
            "This is your own account; POST /auth/me/delete deletes it, with your password."
        )
    await _delete_user(database, user_id, hand_over, by=principal)


async def delete_user_by_email(
    database: Database, email: str, *, hand_over: Mapping[str, str]
) -> None:
    """Delete an account as whoever runs the server; ``hand_over`` names new owners by address.

    Raises:
        NotFoundError: no account has one of the addresses.
        ValidationFailedError, LastAdministratorError, SoleOwnerError: as for :func:`delete_user`.
    """
    async with database.transaction() as transaction:
        user = await get_user_by_email(transaction, email)
        owners = {
            workspace_id: (await get_user_by_email(transaction, address))["id"]
            for workspace_id, address in hand_over.items()
        }
    await _delete_user(database, user["id"], owners, by=None)


async def _delete_user(
    database: Database, user_id: str, hand_over: Mapping[str, str], *, by: Principal | None
) -> None:
    for _ in range(_TRIES):
        try:
            async with database.transaction() as transaction:
                await _delete_in_transaction(transaction, user_id, hand_over, by=by)
        except _MembershipsChangedError:
            continue
        return
    raise DatabaseBusyError


async def _delete_in_transaction(
    transaction: Transaction, user_id: str, hand_over: Mapping[str, str], *, by: Principal | None
) -> None:
    await check_administrator_remains(transaction, user_id)
    batches = await _lock_workspaces(transaction, user_id, by)
    # After the workspaces, as where somebody is added to one of them.
    if not await lock_user(transaction, user_id):
        raise NotFoundError(f"There is no user {user_id}.")
    memberships = await list_memberships(transaction, user_id)
    if [membership["workspace_id"] for membership in memberships] != list(batches):
        raise _MembershipsChangedError
    heirs = await _find_heirs(transaction, user_id, memberships, hand_over)
    for membership in memberships:
        workspace_id = membership["workspace_id"]
        batch = batches[workspace_id]
        if workspace_id in heirs:
            await set_role_in_batch(batch, by, heirs[workspace_id], "owner")
        if membership["others"]:
            await remove_member_in_batch(batch, by, membership)
        elif membership["deleted_at"] is None:
            # The membership goes with the user, so nobody can restore it.
            await trash_workspace_in_batch(batch)
        await write_batch(batch)
    user = await get_user(transaction, user_id)
    await record_event(transaction, "account.deleted", by=by, subject_id=user_id)
    await _forget_person(transaction, user)
    await transaction.execute(_DELETE_USER, {"user": user_id})
    await enqueue_job(transaction, kind=PURGE_KIND, payload={}, workspace_id=None, user_id=None)


async def _lock_workspaces(
    transaction: Transaction, user_id: str, by: Principal | None
) -> dict[str, Batch]:
    """Begin a batch in each workspace of the user, in the order of their ids."""
    # What an administrator does is in the audit log: members need not know who it was.
    is_own = by is not None and by.user_id == user_id
    batches = {}
    for workspace_id in await list_member_workspace_ids(transaction, user_id):
        try:
            batches[workspace_id] = await begin_batch(
                transaction,
                workspace_id,
                user_id=user_id if is_own else None,
                credential_id=by.credential_id if by and is_own else None,
                in_trash=True,
            )
        except NotFoundError:
            raise _MembershipsChangedError from None
    return batches


async def _find_heirs(
    transaction: Transaction,
    user_id: str,
    memberships: Sequence[Row],
    hand_over: Mapping[str, str],
) -> dict[str, Row]:
    """Return who becomes the owner of each workspace that would have none.

    Raises:
        ValidationFailedError: somebody named in ``hand_over`` is not a member there.
        SoleOwnerError: a workspace is not named in it.
    """
    known = {membership["workspace_id"] for membership in memberships}
    errors = [
        _make_fault(workspace_id, "The user is not a member of this workspace.")
        for workspace_id in hand_over
        if workspace_id not in known
    ]
    orphans = {
        membership["workspace_id"]: membership
        for membership in memberships
        if membership["role"] == "owner"
        and membership["others"]
        and not membership["other_owners"]
        and membership["deleted_at"] is None
    }
    others = await list_other_members(transaction, user_id, list(orphans)) if orphans else []
    heirs: dict[str, Row] = {}
    for workspace_id in orphans.keys() & hand_over.keys():
        named = [
            other
            for other in others
            if (other["workspace_id"], other["user_id"]) == (workspace_id, hand_over[workspace_id])
        ]
        if named:
            heirs[workspace_id] = named[0]
        else:
            errors.append(_make_fault(workspace_id, "The new owner has to be a member of it."))
    if errors:
        raise ValidationFailedError(errors[0].message, errors=errors)
    left = [membership for id_, membership in orphans.items() if id_ not in heirs]
    if left:
        raise SoleOwnerError(
            f"The user is the only owner of {len(left)} shared workspaces; hand them over.",
            workspaces=_describe(left, others),
        )
    return heirs


def _make_fault(workspace_id: str, message: str) -> FieldError:
    return FieldError(f"/hand_over/{workspace_id}", message, "hand_over")


def _describe(memberships: Sequence[Row], others: Sequence[Row]) -> list[dict[str, Any]]:
    names = ("user_id", "email", "name", "role")
    return [
        {
            "id": membership["workspace_id"],
            "name": membership["name"],
            "members": [
                {name: other[name] for name in names}
                for other in others
                if other["workspace_id"] == membership["workspace_id"]
            ],
        }
        for membership in memberships
    ]


async def _forget_person(transaction: Transaction, user: Row) -> None:
    """Delete addresses and names of a user from what stays: the audit log and invitations."""
    ids = await list_invitation_ids_of(transaction, user["id"], user["email"])
    values = {"user": user["id"], "ids": ids}
    for statement in (
        _FORGET_CLIENT,
        _FORGET_EMAIL,
        _FORGET_EMAIL_CHANGES,
        _FORGET_TOKEN_NAMES,
        _DELETE_INVITATIONS,
    ):
        await transaction.execute(statement, values)
