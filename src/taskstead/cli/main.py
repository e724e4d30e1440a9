"""The command line ``taskstead``: its options, and the groups of commands.

``cli/definitions`` defines the commands. Each command imports its implementation only when it runs,
because loading the implementations of all commands would slow every command down.
"""

from typing import Annotated

import typer

from taskstead import __version__
from taskstead.cli.console import CommandGroup
from taskstead.cli.definitions import account, history, server, tasks, transfer

OPTIONS = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    cls=CommandGroup,
    context_settings=OPTIONS,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A self-hosted task server on SQLite or PostgreSQL, and its command line.",
)
for group in (tasks.app, history.app, transfer.app, account.app, server.app):
    app.add_typer(group)


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
