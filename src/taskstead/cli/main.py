"""The command line ``taskstead``: its options, and the groups of commands.

``cli/definitions`` defines the commands. Each command imports its implementation only when it runs,
because loading the implementations of all commands would slow every command down.
"""

import errno
import sys
from typing import Annotated

import typer

from taskstead import __version__
from taskstead.cli.console import CommandGroup
from taskstead.cli.definitions import account, history, server, tasks, transfer
from taskstead.client.output import discard_output, print_error

_OUTPUT_ERRORS = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
OPTIONS = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    cls=CommandGroup,
    context_settings=OPTIONS,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A self-hosted task server on SQLite or PostgreSQL, and its command line.",
)
for group in (tasks.app, history.app, transfer.app, account.app, server.app):
    app.add_typer(group)


def main() -> None:
    """Run the command line."""
    try:
        try:
            app(prog_name="taskstead")
        finally:
            sys.stdout.flush()
    except OSError as error:
        # Output to a full disk, or to a reader that has closed the pipe.
        if error.errno not in _OUTPUT_ERRORS or error.filename is not None:
            raise
        discard_output()
        if error.errno != errno.EPIPE:
            print_error(f"The output cannot be written: {error.strerror}.")
        sys.exit(1)


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
