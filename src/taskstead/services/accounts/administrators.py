"""Check that the server keeps at least one active administrator."""

from taskstead.db.database import Transaction
from taskstead.errors import LastAdministratorError
from taskstead.queries.accounts.users import get_user, has_other_administrator

# Id of the lock held while an administrator is removed. Without it, two concurrent transactions
# could remove the last two administrators.
_ADMINISTRATORS_LOCK = 8_245_921_734


async def check_administrator_remains(transaction: Transaction, user_id: str) -> None:
    """Check that the server has an active administrator besides this user.

    A lock prevents the removal of other administrators until the transaction ends. A user who is
    not an active administrator always passes the check.

    Raises:
        NotFoundError: there is no such user.
        LastAdministratorError: the user is the last active administrator.
    """
    await transaction.lock(_ADMINISTRATORS_LOCK)
    user = await get_user(transaction, user_id)
    is_active = user["is_admin"] and user["disabled_at"] is None
    if is_active and not await has_other_administrator(transaction, user_id):
        raise LastAdministratorError(
            "This is the last administrator. Make another user an administrator first."
        )
