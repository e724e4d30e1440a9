"""Commands of the server, which open its database. Each one is described by its docstring."""

# ruff: noqa: PLC0415 - each command loads its implementation when it runs

from typing import Annotated

import typer

from taskstead.cli.definitions.options import DatabaseUrl
from taskstead.cli.light_command import LightCommand

PANEL = "Server"

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address of the account.")]
PasswordStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read the password from standard input instead of the terminal."
    ),
]

app = typer.Typer()
database_app = typer.Typer(no_args_is_help=True, help="Manage the database schema.")
user_app = typer.Typer(no_args_is_help=True, help="Manage accounts.")
app.add_typer(database_app, name="db", rich_help_panel=PANEL)
app.add_typer(user_app, name="user", rich_help_panel=PANEL)


@app.command("serve", cls=LightCommand, rich_help_panel=PANEL)
def _serve(
    *,
    host: Annotated[
        str | None,
        typer.Option(metavar="HOST", help="Address to listen on.", show_default="127.0.0.1"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", help="Port to listen on; 0 picks a free port.", show_default="8000"
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Number of server processes.", show_default="1"),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Run the server until Ctrl-C.

    Ctrl-C finishes the requests in progress. A second Ctrl-C stops immediately.
    """
    from taskstead.cli.serving.serve import serve

    serve(host=host, port=port, workers=workers, database_url=database_url)


@app.command("worker", cls=LightCommand, rich_help_panel=PANEL)
def _work(*, database_url: DatabaseUrl = None) -> None:
    """Run background jobs until Ctrl-C, without serving requests.

    Server processes run background jobs too, unless TASKSTEAD_RUN_WORKER is false.
    """
    from taskstead.cli.serving.worker import run_worker

    run_worker(database_url)


@app.command("doctor", cls=LightCommand, rich_help_panel=PANEL)
def _examine(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Rebuild the search index. The server may be running.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Check the installation and suggest fixes. The exit code is 1 if there is a problem."""
    from taskstead.cli.doctor.command import examine

    examine(database_url=database_url, as_json=as_json, repairs=repair)


@app.command("backup", cls=LightCommand, rich_help_panel=PANEL)
def _backup(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Output file; - is standard output.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a backup of the whole database to one file. The server may be running.

    The file is compressed. Its format is the same for SQLite and PostgreSQL.
    """
    from taskstead.cli.transfer.backup import back_up

    back_up(file, is_replacing=force, database_url=database_url)


@database_app.command("upgrade", cls=LightCommand)
def _upgrade(*, database_url: DatabaseUrl = None) -> None:
    """Migrate the database to the current schema."""
    from taskstead.cli.database import upgrade

    upgrade(database_url)


@database_app.command("current", cls=LightCommand)
def _current(*, database_url: DatabaseUrl = None) -> None:
    """Show the schema revision of the database and the revision that this version requires."""
    from taskstead.cli.database import show_current

    show_current(database_url)


@user_app.command("create", cls=LightCommand)
def _create(
    email: Email,
    *,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name of the user. Default: the part of the address before the @.",
            show_default=False,
        ),
    ] = None,
    admin: Annotated[
        bool, typer.Option("--admin", help="Make the account an administrator.")
    ] = False,
    password_stdin: PasswordStdin = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Create an account. The first account is always an administrator."""
    from taskstead.cli.users import create_user

    create_user(
        email, name=name, is_admin=admin, password_stdin=password_stdin, database_url=database_url
    )


@user_app.command("list", cls=LightCommand)
def _list(*, database_url: DatabaseUrl = None) -> None:
    """List the accounts.

    In a pipe, the output is tab-separated: e-mail address, name, role, state and creation date.
    """
    from taskstead.cli.users import show_users

    show_users(database_url)


@user_app.command("set-password", cls=LightCommand)
def _set_password(
    email: Email, *, password_stdin: PasswordStdin = False, database_url: DatabaseUrl = None
) -> None:
    """Set the password of an account and end its sessions."""
    from taskstead.cli.users import change_password

    change_password(email, password_stdin=password_stdin, database_url=database_url)


@user_app.command("delete", cls=LightCommand)
def _delete(
    email: Email,
    *,
    hand_over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORKSPACE=EMAIL",
            help="Make another member the owner of a shared workspace. Required for each workspace "
            "whose only owner is this user.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Delete an account permanently, with all workspaces that have no other members."""
    from taskstead.cli.users import delete_account

    delete_account(email, hand_over=hand_over or [], is_sure=yes, database_url=database_url)


@user_app.command("disable", cls=LightCommand)
def _disable(email: Email, *, database_url: DatabaseUrl = None) -> None:
    """Disable an account and end its sessions."""
    from taskstead.cli.users import change_disabled

    change_disabled(email, disabled=True, database_url=database_url)


@user_app.command("enable", cls=LightCommand)
def _enable(email: Email, *, database_url: DatabaseUrl = None) -> None:
    """Enable a disabled account again."""
    from taskstead.cli.users import change_disabled

    change_disabled(email, disabled=False, database_url=database_url)
