"""The commands ``taskstead user``: management of accounts from the command line."""

import sys
from collections.abc import Sequence
from typing import Any

import typer
from pydantic import TypeAdapter, ValidationError

from taskstead.cli.console import CommandFailedError, clean
from taskstead.cli.database import open_prepared_database, run
from taskstead.cli.workspaces import read_workspace_id
from taskstead.clock import get_now
from taskstead.config.loader import load_settings
from taskstead.config.settings import Settings
from taskstead.domain.email_addresses import normalise_email
from taskstead.errors import SoleOwnerError
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.accounts.users import list_users
from taskstead.schemas.accounts.accounts import (
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
    NewPassword,
)
from taskstead.schemas.text import PersonName
from taskstead.services.accounts.accounts import create_account, set_disabled, set_password
from taskstead.services.accounts.deletion import delete_user_by_email
from taskstead.services.accounts.passwords import Passwords
from taskstead.tables.users import UserRow

_PAGE_SIZE = 200
_HEADINGS = ("E-mail", "Name", "Role", "State", "Since")


def create_user(
    email: str,
    *,
    name: str | None,
    is_admin: bool,
    password_stdin: bool,
    database_url: str | None,
) -> None:
    """Create an account. The first account is always an administrator."""
    settings = load_settings(database_url=database_url)
    address = read_email(email)
    name = None if name is None else _check_name(name)
    password = _read_password(from_stdin=password_stdin)

    async def create() -> UserRow:
        async with open_prepared_database(settings) as database:
            return await create_account(
                database,
                Passwords(settings),
                email=address,
                password=password,
                name=name,
                is_admin=is_admin,
                clock=get_now,
            )

    user = run(create())
    kind = "administrator account" if user["is_admin"] else "account"
    typer.echo(f"Created the {kind} {address}.")


def change_password(email: str, *, password_stdin: bool, database_url: str | None) -> None:
    """Set the password of an account and end its sessions."""
    settings = load_settings(database_url=database_url)
    address = read_email(email)
    password = _read_password(from_stdin=password_stdin)

    async def change() -> None:
        async with open_prepared_database(settings) as database:
            await set_password(
                database, Passwords(settings), email=address, password=password, clock=get_now
            )

    run(change())
    typer.echo(f"Set the password of {address} and ended its sessions.")


def change_disabled(email: str, *, disabled: bool, database_url: str | None) -> None:
    """Disable an account and end its sessions, or enable it again."""
    settings = load_settings(database_url=database_url)
    address = read_email(email)

    async def change() -> None:
        async with open_prepared_database(settings) as database:
            await set_disabled(database, email=address, disabled=disabled, now=get_now())

    run(change())
    done = "is disabled and its sessions have ended" if disabled else "is enabled"
    typer.echo(f"The account {address} {done}.")


def delete_account(
    email: str, *, hand_over: Sequence[str], is_sure: bool, database_url: str | None
) -> None:
    """Delete an account, with the workspaces that have no other members.

    Raises:
        CommandFailedError: there is no terminal to confirm, or shared workspaces need new owners.
    """
    settings = load_settings(database_url=database_url)
    address = read_email(email)
    owners = dict(_read_hand_over(text) for text in hand_over)
    if not is_sure:
        _confirm_deletion(address)

    async def delete() -> None:
        async with open_prepared_database(settings) as database:
            await delete_user_by_email(database, address, hand_over=owners, clock=get_now)

    try:
        run(delete())
    except SoleOwnerError as error:
        raise CommandFailedError(_describe_sole_owner(address, error)) from None
    typer.echo(
        f"Deleted the account {address}. A running server or `taskstead worker` deletes its "
        "workspaces."
    )


def _read_hand_over(text: str) -> tuple[str, str]:
    workspace_id, separator, email = text.partition("=")
    if not separator:
        raise CommandFailedError(
            f"Invalid value for --hand-over: {text}. Use WORKSPACE=EMAIL, such as "
            "0123…=ada@example.com."
        )
    return read_workspace_id(workspace_id), read_email(email)


def _confirm_deletion(address: str) -> None:
    if not sys.stdin.isatty():
        raise CommandFailedError(
            f"This deletes the account {address} permanently. Add --yes to confirm."
        )
    typer.confirm(f"Delete the account {address} permanently?", abort=True)


def _describe_sole_owner(address: str, error: SoleOwnerError) -> str:
    shared = "; ".join(
        f"{workspace['id']} ({clean(workspace['name'])}: "
        + ", ".join(member["email"] for member in workspace["members"])
        + ")"
        for workspace in error.workspaces
    )
    return (
        f"{address} is the only owner of shared workspaces. Name a new owner of each with "
        f"--hand-over WORKSPACE=EMAIL: {shared}."
    )


def show_users(database_url: str | None) -> None:
    """List all accounts, oldest first.

    The output is a table on a terminal, and tab-separated lines in a pipe or file.
    """
    rows = run(_list_all_users(load_settings(database_url=database_url)))
    lines = [
        (
            clean(row["email"]),
            clean(row["name"]),
            "administrator" if row["is_admin"] else "user",
            "active" if row["disabled_at"] is None else "disabled",
            row["created_at"].date().isoformat(),
        )
        for row in rows
    ]
    if not sys.stdout.isatty():
        for line in lines:
            typer.echo("\t".join(line))
        return
    from rich.console import Console  # noqa: PLC0415 - only for terminals
    from rich.table import Table  # noqa: PLC0415

    table = Table(*_HEADINGS)
    for line in lines:
        table.add_row(*line)
    Console(markup=False).print(table if lines else "There is no account yet.")


async def _list_all_users(settings: Settings) -> list[UserRow]:
    rows: list[UserRow] = []
    async with open_prepared_database(settings) as database:
        while True:
            after = rows[-1]["id"] if rows else BEFORE_ALL_IDS
            page = await list_users(database, after_id=after, limit=_PAGE_SIZE)
            rows += page
            if len(page) < _PAGE_SIZE:
                return rows


def read_email(text: str) -> str:
    """Return the normalized form of an e-mail address.

    Raises:
        CommandFailedError: the text is not an e-mail address.
    """
    try:
        return normalise_email(text)
    except ValueError as error:
        raise CommandFailedError(f"{text} is not an e-mail address: {error}") from None


def _read_password(*, from_stdin: bool) -> str:
    """Read the password from the first line of stdin, or prompt for it twice without echo.

    Raises:
        CommandFailedError: there is no terminal, or the password is too short or too long.
    """
    if from_stdin:
        try:
            password = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise CommandFailedError("The password on standard input is not UTF-8.") from None
    elif sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt="Again")
    else:
        raise CommandFailedError(
            "There is no terminal to enter the password. Add --password-stdin and write the "
            "password to standard input."
        )
    return _validate(
        NewPassword,
        password,
        f"The password must have {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters.",
    )


def _check_name(name: str) -> str:
    return _validate(PersonName, name, "The name must have 1 to 200 characters.")


def _validate(type_: Any, text: str, message: str) -> str:
    """Return the text as validated by a pydantic type.

    Raises:
        CommandFailedError: the text is invalid. ``message`` is the error message.
    """
    try:
        validated: str = TypeAdapter(type_).validate_python(text)
    except ValidationError:
        raise CommandFailedError(message) from None
    return validated
