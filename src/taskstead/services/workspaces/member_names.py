"""Announces a new name or address of a user to the workspaces of the user.

Names and addresses are not in the change log (docs/decisions/0005). Clients that sync show them, so
each workspace of the user gets a change of the member without fields.
"""

from sqlalchemy import bindparam, update

from taskstead.clock import Clock
from taskstead.db.database import Transaction
from taskstead.domain.principal import Principal
from taskstead.errors import NotFoundError
from taskstead.queries.workspaces.memberships import list_member_workspace_ids
from taskstead.services.changelog import begin_batch, summarize_batch, write_batch
from taskstead.services.context import WrittenBatch
from taskstead.tables.workspaces import members

_SET_REVISION = (
    update(members)
    .where(members.c.workspace_id == bindparam("workspace"), members.c.user_id == bindparam("user"))
    .values({name: bindparam(name) for name in ("revision", "updated_at")})
)


async def record_new_name(
    transaction: Transaction, principal: Principal, *, clock: Clock
) -> list[WrittenBatch]:
    """Record in each workspace of a user that the member has changed; return the batches.

    Call it before the user's row is written. Like all transactions that write to several
    workspaces, it locks them in the order of their ids, and before the user.
    """
    user_id = principal.user_id
    written = []
    for workspace_id in await list_member_workspace_ids(transaction, user_id):
        try:
            batch = await begin_batch(
                transaction,
                workspace_id,
                user_id=user_id,
                credential_id=principal.credential_id,
                clock=clock,
                allow_trashed=True,
            )
        except NotFoundError:
            # Purged since the list was read.
            continue
        values = {
            "workspace": workspace_id,
            "user": user_id,
            "revision": batch.record_change("member", user_id, "updated", {}),
            "updated_at": batch.at,
        }
        await transaction.execute(_SET_REVISION, values)
        await write_batch(batch)
        written.append(summarize_batch(batch))
    return written
