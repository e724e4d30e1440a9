"""Check that the server keeps at least one active administrator."""

from taskstead.db.database import Transaction
from taskstead.errors import LastAdministratorError
from taskstead.queries.users import get_user, has_other_administrator

# Held while an administrator is removed, so that two concurrent removals cannot remove the last
# two.
_ADMINISTRATORS_LOCK = 8_245_921_734


async def check_administrator_remains(transaction: Transaction, user_id: str) -> None:
    """Check that the server has another active administrator than this user.

    The lock keeps that true until the transaction ends.

    Raises:
        NotFoundError: there is no such user.
        LastAdministratorError: the user is the last administrator.
    """
    await transaction.lock(_ADMINISTRATORS_LOCK)
    user = await get_user(transaction, user_id)
    is_active = user["is_admin"] and user["disabled_at"] is None
    if is_active and not await has_other_administrator(transaction, user_id):
        raise LastAdministratorError(
            "This is the last administrator. Make another user an administrator first."
        )
