"""Making sure that somebody who can sign in administers the server."""

from taskstead.db.database import Transaction
from taskstead.errors import LastAdministratorError
from taskstead.queries.users import get_user, has_other_administrator

# Held while administrators become fewer, so that two of them do not end each other.
_ADMINISTRATORS_LOCK = 8_245_921_734


async def check_administrator_remains(transaction: Transaction, user_id: str) -> None:
    """Check that the server has an administrator without this user, until the transaction ends.

    Raises:
        NotFoundError: there is no such user.
        LastAdministratorError: the user is the last administrator.
    """
    await transaction.lock(_ADMINISTRATORS_LOCK)
    user = await get_user(transaction, user_id)
    is_active = user["is_admin"] and user["disabled_at"] is None
    if is_active and not await has_other_administrator(transaction, user_id):
        raise LastAdministratorError(
            "This is the last administrator; make somebody else one first."
        )
