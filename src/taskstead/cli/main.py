"""The command line ``taskstead``: definitions of the commands and options, with Typer.

Each command imports its implementation only when it runs, because loading the implementations of
all commands would slow every command down.
"""

# ruff: noqa: PLC0415 - see the module docstring

from enum import StrEnum
from typing import Annotated, Literal

import typer

from taskstead import __version__
from taskstead.cli.console import CommandGroup

OPTIONS = {"help_option_names": ["-h", "--help"]}

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="sqlite:///… or postgresql://…; default: TASKSTEAD_DATABASE_URL, "
        "or the file in the data folder.",
        show_default=False,
    ),
]
Workspace = Annotated[
    str | None,
    typer.Option(help="Id of the workspace; default: the personal workspace.", show_default=False),
]
Email = Annotated[str, typer.Argument(help="E-mail address of the account.")]
PasswordStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read the password from standard input instead of the terminal."
    ),
]

app = typer.Typer(
    cls=CommandGroup,
    context_settings=OPTIONS,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A self-hosted task server on SQLite or PostgreSQL.",
)
database_app = typer.Typer(no_args_is_help=True, help="Manage the database schema.")
user_app = typer.Typer(no_args_is_help=True, help="Manage accounts.")
app.add_typer(database_app, name="db")
app.add_typer(user_app, name="user")


class Key(StrEnum):
    """Field by which an import recognizes existing tasks."""

    TITLE = "title"


def main() -> None:
    """Run the command line."""
    app(prog_name="taskstead")


def _show_version(is_requested: bool) -> None:  # noqa: FBT001 - signature of typer's callbacks
    if is_requested:
        typer.echo(f"taskstead {__version__}")
        raise typer.Exit


@app.callback()
def _add_version_option(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass


@app.command("serve")
def _serve(
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on; 0 picks a free port.", show_default="8000"),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Number of server processes.", show_default="1")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Run the server until Ctrl-C.

    Ctrl-C finishes the requests in progress. A second Ctrl-C stops immediately.
    """
    from taskstead.cli.serving.serve import serve

    serve(host=host, port=port, workers=workers, database_url=database_url)


@app.command("worker")
def _work(*, database_url: DatabaseUrl = None) -> None:
    """Run background jobs until Ctrl-C, without serving requests.

    Server processes run background jobs too, unless TASKSTEAD_RUN_WORKER is false.
    """
    from taskstead.cli.serving.worker import run_worker

    run_worker(database_url)


@app.command("doctor")
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


@app.command("import")
def _import(
    file: Annotated[
        str,
        typer.Argument(help="JSON Lines, CSV (.csv) or todo.txt (.txt) file; - is standard input."),
    ],
    *,
    user: Annotated[str, typer.Option(help="E-mail address of the account that imports.")],
    workspace: Workspace = None,
    kind: Annotated[
        Literal["jsonl", "csv", "todotxt"] | None,
        typer.Option("--format", help="Default: by the file extension.", show_default=False),
    ] = None,
    on_conflict: Annotated[
        Literal["skip", "replace", "fail"],
        typer.Option(help="What to do with a task whose id already exists."),
    ] = "skip",
    strict: Annotated[
        bool, typer.Option("--strict", help="Import nothing if any line is invalid.")
    ] = False,
    key: Annotated[
        Key | None,
        typer.Option(help="Skip lines with the title of an existing task.", show_default=False),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Import tasks from JSON Lines, CSV or todo.txt.

    In JSON Lines, each line is an object with a title and optionally description, priority (1 is
    the highest, 5 the lowest), category, tags (a list), due_date, status and the other fields of
    an export. The first line of a CSV file contains the column names. Invalid lines are reported
    and skipped.
    """
    from taskstead.cli.transfer.importing import ImportOptions, import_file

    import_file(
        file,
        ImportOptions(
            email=user,
            workspace=workspace,
            format=kind,
            on_conflict=on_conflict,
            is_strict=strict,
            skips_titles=key is Key.TITLE,
            database_url=database_url,
        ),
    )


@app.command("export")
def _export(
    file: Annotated[str, typer.Argument(help="Output file; - is standard output.")] = "-",
    *,
    user: Annotated[str, typer.Option(help="E-mail address of the account whose tasks to export.")],
    workspace: Workspace = None,
    kind: Annotated[
        Literal["jsonl", "csv", "todotxt"] | None,
        typer.Option("--format", help="Default: by the file extension.", show_default=False),
    ] = None,
    trash: Annotated[
        bool | None,
        typer.Option(
            "--trash/--no-trash",
            help="Include tasks in the trash. Default: yes, except for todo.txt.",
            show_default=False,
        ),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export all tasks as JSON Lines, CSV or todo.txt. JSON Lines and CSV contain all fields."""
    from taskstead.cli.transfer.exporting import export_file

    export_file(
        file,
        email=user,
        workspace=workspace,
        kind=kind,
        deleted=None if trash is None else "include" if trash else "exclude",
        database_url=database_url,
    )


@app.command("backup")
def _backup(
    file: Annotated[str, typer.Argument(help="Output file; - is standard output.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a backup of the whole database to one file. The server may be running.

    The file is compressed. Its format is the same for SQLite and PostgreSQL.
    """
    from taskstead.cli.transfer.backup import back_up

    back_up(file, is_replacing=force, database_url=database_url)


@app.command("restore")
def _restore(
    file: Annotated[str, typer.Argument(help="Backup file; - is standard input.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete all existing data in the database.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Restore a backup to an empty SQLite or PostgreSQL database.

    If the restore fails, the database is unchanged. A backup of an older version is migrated.
    """
    from taskstead.cli.transfer.backup import restore

    restore(file, is_replacing=replace, is_sure=yes, database_url=database_url)


@database_app.command("upgrade")
def _upgrade(*, database_url: DatabaseUrl = None) -> None:
    """Migrate the database to the current schema."""
    from taskstead.cli.database import upgrade

    upgrade(database_url)


@database_app.command("current")
def _current(*, database_url: DatabaseUrl = None) -> None:
    """Show the schema revision of the database and the revision that this version requires."""
    from taskstead.cli.database import show_current

    show_current(database_url)


@user_app.command("create")
def _create(
    email: Email,
    *,
    name: Annotated[
        str | None,
        typer.Option(
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


@user_app.command("list")
def _list(*, database_url: DatabaseUrl = None) -> None:
    """List the accounts.

    In a pipe, the output is tab-separated: e-mail address, name, role, state and creation date.
    """
    from taskstead.cli.users import show_users

    show_users(database_url)


@user_app.command("set-password")
def _set_password(
    email: Email, *, password_stdin: PasswordStdin = False, database_url: DatabaseUrl = None
) -> None:
    """Set the password of an account and end its sessions."""
    from taskstead.cli.users import change_password

    change_password(email, password_stdin=password_stdin, database_url=database_url)


@user_app.command("delete")
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


@user_app.command("disable")
def _disable(email: Email, *, database_url: DatabaseUrl = None) -> None:
    """Disable an account and end its sessions."""
    from taskstead.cli.users import change_disabled

    change_disabled(email, disabled=True, database_url=database_url)


@user_app.command("enable")
def _enable(email: Email, *, database_url: DatabaseUrl = None) -> None:
    """Enable a disabled account again."""
    from taskstead.cli.users import change_disabled

    change_disabled(email, disabled=False, database_url=database_url)
