"""Whose tasks a command is about, and in which workspace."""

from taskstead.cli.console import CommandFailedError
from taskstead.db.database import Database
from taskstead.ids import parse_id
from taskstead.queries.principals import Principal, find_principal_by_email


def read_workspace_id(text: str) -> str:
    """Return the id of a workspace as it was typed.

    Raises:
        CommandFailedError: it is none.
    """
    try:
        return parse_id(text)
    except ValueError:
        raise CommandFailedError(f"{text} is not the id of a workspace, which is a UUID.") from None


async def get_member(database: Database, email: str, workspace_id: str | None) -> Principal:
    """Return the account with this address, in a workspace of theirs.

    Raises:
        CommandFailedError: there is no such account, or no such workspace of theirs.
    """
    principal = await find_principal_by_email(database, email, workspace_id=workspace_id)
    if principal is None:
        message = f"No account has the address {email}; `taskstead user create` makes one."
    elif principal.role is None:
        message = f"There is no workspace {workspace_id} that {email} is a member of."
    else:
        return principal
    raise CommandFailedError(message)
