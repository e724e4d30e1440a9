"""The command ``taskstead``: its commands and options.

Each command loads the module that does its work when it is called, so that no command waits for
what another one needs.
"""

# ruff: noqa: PLC0415 - see above

from enum import StrEnum
from typing import Annotated, Literal

import typer

from taskstead import __version__
from taskstead.cli.console import CommandGroup

OPTIONS = {"help_option_names": ["-h", "--help"]}

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="sqlite:///… or postgresql://…; left out: TASKSTEAD_DATABASE_URL, "
        "or the file in the data folder.",
        show_default=False,
    ),
]
Workspace = Annotated[
    str | None,
    typer.Option(help="The id of the workspace; left out: the personal one.", show_default=False),
]
Email = Annotated[str, typer.Argument(help="The e-mail address of the account.")]
PasswordStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin", help="Read the password from the standard input, not the keyboard."
    ),
]

app = typer.Typer(
    cls=CommandGroup,
    context_settings=OPTIONS,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A self-hosted task server over SQLite or PostgreSQL.",
)
database_app = typer.Typer(no_args_is_help=True, help="The tables of the database.")
user_app = typer.Typer(no_args_is_help=True, help="Accounts.")
app.add_typer(database_app, name="db")
app.add_typer(user_app, name="user")


class Key(StrEnum):
    """By what an import knows a task again."""

    TITLE = "title"


def main() -> None:
    """Run the command line."""
    app(prog_name="taskstead")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - as typer calls it
    if wanted:
        typer.echo(f"taskstead {__version__}")
        raise typer.Exit


@app.callback()
def _choose(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and end."
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
        int | None, typer.Option(help="Port; 0 picks a free one.", show_default="8000")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes.", show_default="1")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve the API until Ctrl-C, which finishes what is under way; a second one stops at once."""
    from taskstead.cli.serve import serve

    serve(host=host, port=port, workers=workers, database_url=database_url)


@app.command("worker")
def _work(*, database_url: DatabaseUrl = None) -> None:
    """Do background jobs and nothing else until Ctrl-C, which finishes the chunks under way.

    The servers do them too, unless TASKSTEAD_RUN_WORKER is false.
    """
    from taskstead.cli.worker import run_worker

    run_worker(database_url)


@app.command("doctor")
def _examine(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Build the search index anew; the server may run.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Look for what is wrong, and say how to mend it; exit code 1 when there is a problem."""
    from taskstead.cli.doctor.command import examine

    examine(database_url=database_url, as_json=as_json, repairs=repair)


@app.command("import")
def _import(
    file: Annotated[
        str, typer.Argument(help="JSON Lines, CSV (.csv) or todo.txt (.txt); - reads the pipe.")
    ],
    *,
    user: Annotated[str, typer.Option(help="The account whose tasks they become.")],
    workspace: Workspace = None,
    kind: Annotated[
        Literal["jsonl", "csv", "todotxt"] | None,
        typer.Option("--format", help="Left out: by the ending of the file.", show_default=False),
    ] = None,
    on_conflict: Annotated[
        Literal["skip", "replace", "fail"],
        typer.Option(help="What to do with a task whose id is in use."),
    ] = "skip",
    strict: Annotated[bool, typer.Option("--strict", help="All lines go in, or none.")] = False,
    key: Annotated[
        Key | None,
        typer.Option(help="Skip a line whose title a task had before.", show_default=False),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Import tasks from JSON Lines, CSV or todo.txt.

    A line of JSON is an object with a title and, as wanted, description, priority (1 is the
    highest, 5 the lowest), category, tags (a list), due_date, status and whatever else an export
    has; a CSV file names its columns in the first line. A bad line is told with its number and
    reason, and the rest goes in.
    """
    from taskstead.cli.importing import ImportOptions, import_file

    import_file(
        file,
        ImportOptions(
            email=user,
            workspace=workspace,
            kind=kind,
            on_conflict=on_conflict,
            is_strict=strict,
            skips_titles=key is Key.TITLE,
            database_url=database_url,
        ),
    )


@app.command("export")
def _export(
    file: Annotated[str, typer.Argument(help="Where to; - writes to the pipe.")] = "-",
    *,
    user: Annotated[str, typer.Option(help="The account whose tasks they are.")],
    workspace: Workspace = None,
    kind: Annotated[
        Literal["jsonl", "csv", "todotxt"] | None,
        typer.Option("--format", help="Left out: by the ending of the file.", show_default=False),
    ] = None,
    trash: Annotated[
        bool | None,
        typer.Option(
            "--trash/--no-trash",
            help="Take along what is in the trash. Left out: yes, but for todo.txt.",
            show_default=False,
        ),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export all tasks as JSON Lines or CSV, with every field, or as todo.txt."""
    from taskstead.cli.exporting import export_file

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
    file: Annotated[str, typer.Argument(help="Where to; - writes to the pipe.")],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there already.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write all that is in the database to one file, as it is now; the server goes on meanwhile.

    The file is compressed, and the same whichever database it comes from.
    """
    from taskstead.cli.backup import back_up

    back_up(file, is_replacing=force, database_url=database_url)


@app.command("restore")
def _restore(
    file: Annotated[str, typer.Argument(help="What `backup` has written; - reads the pipe.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Delete all that is in the database before.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to delete it.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Restore a backup into an empty database, SQLite or PostgreSQL: all of it or nothing.

    A backup of an older version is brought up to date.
    """
    from taskstead.cli.backup import restore

    restore(file, is_replacing=replace, is_sure=yes, database_url=database_url)


@database_app.command("upgrade")
def _upgrade(*, database_url: DatabaseUrl = None) -> None:
    """Bring the database up to date."""
    from taskstead.cli.database import upgrade

    upgrade(database_url)


@database_app.command("current")
def _current(*, database_url: DatabaseUrl = None) -> None:
    """Show the revision that the database is at and the one that is needed."""
    from taskstead.cli.database import show_current

    show_current(database_url)


@user_app.command("create")
def _create(
    email: Email,
    *,
    name: Annotated[
        str | None, typer.Option(help="Left out: what stands before the @.", show_default=False)
    ] = None,
    admin: Annotated[bool, typer.Option("--admin", help="Make it an administrator.")] = False,
    password_stdin: PasswordStdin = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an account; the first one becomes administrator anyway."""
    from taskstead.cli.users import create_user

    create_user(
        email, name=name, is_admin=admin, password_stdin=password_stdin, database_url=database_url
    )


@user_app.command("list")
def _list(*, database_url: DatabaseUrl = None) -> None:
    """List the accounts; piped: e-mail, name, role, state and day, parted by tabs."""
    from taskstead.cli.users import show_users

    show_users(database_url)


@user_app.command("set-password")
def _set_password(
    email: Email, *, password_stdin: PasswordStdin = False, database_url: DatabaseUrl = None
) -> None:
    """Set the password of an account, which ends its sessions."""
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
            help="Make a member the owner of a shared workspace that only this user owns.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to delete it.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Delete an account for good, with all workspaces that nobody else is a member of."""
    from taskstead.cli.users import delete_account

    delete_account(email, hand_over=hand_over or [], is_sure=yes, database_url=database_url)


@user_app.command("disable")
def _disable(email: Email, *, database_url: DatabaseUrl = None) -> None:
    """Disable an account, which ends its sessions."""
    from taskstead.cli.users import change_disabled

    change_disabled(email, disabled=True, database_url=database_url)


@user_app.command("enable")
def _enable(email: Email, *, database_url: DatabaseUrl = None) -> None:
    """Enable a disabled account again."""
    from taskstead.cli.users import change_disabled

    change_disabled(email, disabled=False, database_url=database_url)
