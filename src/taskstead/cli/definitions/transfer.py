"""Commands that use the API or open the database: import, export and restore."""

# ruff: noqa: PLC0415 - each command loads its implementation when it runs

import io
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from taskstead.cli.definitions.options import DatabaseUrl, with_session
from taskstead.cli.light_command import LightCommand
from taskstead.client.errors import UsageFault
from taskstead.client.references import STANDARD_INPUT, is_reference

if TYPE_CHECKING:
    from taskstead.cli.client.session import Session

PANEL = "Files"
_GZIP = b"\x1f\x8b"

app = typer.Typer()

User = Annotated[
    str | None,
    typer.Option(
        metavar="EMAIL",
        help="Open the database of the server and act for this account. Default: use the API.",
        show_default=False,
    ),
]
FileFormat = Annotated[
    Literal["jsonl", "csv", "todotxt"] | None,
    typer.Option(
        "--format", help="Format of the file; default: by its extension.", show_default=False
    ),
]


class Key(StrEnum):
    """Field by which an import recognizes existing tasks."""

    TITLE = "title"


@app.command("import", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _import(
    session: "Session",
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="JSON Lines, CSV (.csv) or todo.txt (.txt) file; - is standard input.",
        ),
    ],
    *,
    user: User = None,
    kind: FileFormat = None,
    on_conflict: Annotated[
        Literal["skip", "replace", "fail"],
        typer.Option(help="What to do with a task whose id already exists."),
    ] = "skip",
    strict: Annotated[
        bool,
        typer.Option("--strict", help="With --user: import nothing if any line is invalid."),
    ] = False,
    key: Annotated[
        Key | None,
        typer.Option(
            help="With --user: skip lines with the title of an existing task.", show_default=False
        ),
    ] = None,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="Import nothing; show the first tasks as they would be created, and the "
            "lines with errors. Not with --user.",
        ),
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Import tasks from JSON Lines, CSV or todo.txt.

    In JSON Lines, each line is an object with a title and optionally description, priority (1 is
    the highest, 5 the lowest), category, tags (a list), due_date, status and the other fields of
    an export. The first line of a CSV file contains the column names. Invalid lines are reported
    and skipped.
    """
    if user is None:
        from taskstead.cli.client import transfer

        _check_no_database({"--strict": strict, "--key": key, "--database-url": database_url})
        if preview:
            from taskstead.cli.transfer.preview import preview_import

            preview_import(session, file, kind=kind)
            return
        transfer.import_file(session, file, kind=kind, on_conflict=on_conflict)
        return
    if preview:
        raise UsageFault("--preview needs the API. Leave out --user.")
    from taskstead.cli.transfer.importing import ImportOptions, import_file

    import_file(
        file,
        ImportOptions(
            email=user,
            workspace=session.options.workspace,
            format=kind,
            on_conflict=on_conflict,
            is_strict=strict,
            skips_titles=key is Key.TITLE,
            database_url=database_url,
        ),
    )


@app.command("export", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _export(
    session: "Session",
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Output file; - is standard output.")
    ] = "-",
    *,
    user: User = None,
    kind: FileFormat = None,
    trash: Annotated[
        bool | None,
        typer.Option(
            "--trash/--no-trash",
            help="Include tasks in the trash. Default: yes, except for todo.txt.",
            show_default=False,
        ),
    ] = None,
    filter_: Annotated[
        str | None,
        typer.Option(
            "--filter",
            metavar="FILTER",
            help="Export only the tasks that match a filter. Not with --user.",
            show_default=False,
        ),
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export all tasks as JSON Lines, CSV or todo.txt. JSON Lines and CSV contain all fields."""
    if user is None:
        from taskstead.cli.client import transfer

        _check_no_database({"--database-url": database_url})
        transfer.export_file(session, file, kind=kind, includes_trash=trash, text=filter_)
        return
    if filter_ is not None:
        raise UsageFault("--filter needs the API. Leave out --user.")
    from taskstead.cli.transfer.exporting import export_file

    export_file(
        file,
        email=user,
        workspace=session.options.workspace,
        kind=kind,
        deleted=None if trash is None else "include" if trash else "exclude",
        database_url=database_url,
    )


@app.command("restore", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _restore(
    session: "Session",
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|REF",
            help="Tasks in the trash, or a backup file; - reads either from standard input.",
            show_default=False,
        ),
    ],
    *,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Backup only: delete all existing data in the database first."
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Backup only: do not ask for confirmation.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Restore tasks from the trash, or restore a whole database from a backup file.

    `taskstead restore 12 15` brings tasks back that `taskstead delete` moved to the trash. It uses
    the API, and takes numbers, ids and web addresses of tasks.

    `taskstead restore FILE` reads a file of `taskstead backup` into an empty SQLite or PostgreSQL
    database, on the machine of the server. For a file that is named like a task, write ./12. If it
    fails, the database is unchanged. A backup of an older version is migrated.
    """
    if not (replace or yes or database_url) and _are_references(words):
        from taskstead.cli.client.changing import restore_tasks

        restore_tasks(session, words)
        return
    if len(words) != 1:
        raise UsageFault("Restore one backup file at a time, or name only tasks.")
    from taskstead.cli.transfer.backup import restore

    restore(words[0], is_replacing=replace, is_sure=yes, database_url=database_url)


def _are_references(words: Sequence[str]) -> bool:
    if list(words) != [STANDARD_INPUT]:
        return all(word == STANDARD_INPUT or is_reference(word) for word in words)
    source = sys.stdin.buffer
    return isinstance(source, io.BufferedReader) and not source.peek(2).startswith(_GZIP)


def _check_no_database(options: dict[str, Any]) -> None:
    """Check that no option is set that only a command with ``--user`` has.

    Raises:
        UsageFault: one of the options is set.
    """
    for name, value in options.items():
        if value:
            raise UsageFault(f"{name} needs --user EMAIL, which opens the database of the server.")
