"""Lookup of the account and the workspace that a command applies to."""

from taskstead.cli.console import CommandFailedError
from taskstead.db.database import Database
from taskstead.domain.principal import Principal
from taskstead.ids import parse_id
from taskstead.queries.accounts.principals import find_principal_by_email


def read_workspace_id(text: str) -> str:
    """Parse the id of a workspace from a command-line option.

    Raises:
        CommandFailedError: the text is not a UUID.
    """
    try:
        return parse_id(text)
    except ValueError:
        raise CommandFailedError(f"{text} is not a valid workspace id. Use a UUID.") from None


async def get_member(database: Database, email: str, workspace_id: str | None) -> Principal:
    """Return the account's principal in a workspace; None stands for its personal workspace.

    Raises:
        CommandFailedError: the account does not exist or is not a member of the workspace.
    """
    principal = await find_principal_by_email(database, email, workspace_id=workspace_id)
    if principal is None:
        message = f"No account has the address {email}. Create it with `taskstead user create`."
    elif principal.role is None:
        message = f"{email} is not a member of a workspace with the id {workspace_id}."
    else:
        return principal
    raise CommandFailedError(message)
