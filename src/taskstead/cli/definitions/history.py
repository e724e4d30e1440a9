"""Commands for the change log: history, activity and undo."""

# ruff: noqa: PLC0415 - each command loads its implementation when it runs

from typing import TYPE_CHECKING, Annotated

import typer

from taskstead.cli.definitions.options import (
    DEFAULT_LIMIT,
    All,
    Limit,
    Reference,
    with_session,
)
from taskstead.cli.definitions.tasks import DryRun
from taskstead.cli.light_command import LightCommand

if TYPE_CHECKING:
    from taskstead.cli.client.session import Session

PANEL = "History"

app = typer.Typer()


@app.command("history", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _history(
    session: "Session",
    reference: Reference,
    *,
    limit: Limit = DEFAULT_LIMIT,
    is_unlimited: All = False,
) -> None:
    """List the changes of a task, the latest first."""
    from taskstead.cli.client.history import show_history

    show_history(session, reference, None if is_unlimited else limit)


@app.command("activity", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _activity(
    session: "Session",
    *,
    mine: Annotated[bool, typer.Option("--mine", help="List only your own changes.")] = False,
    limit: Limit = DEFAULT_LIMIT,
    is_unlimited: All = False,
) -> None:
    """List the changes in the workspace, the latest first."""
    from taskstead.cli.client.history import show_activity

    show_activity(session, mine=mine, limit=None if is_unlimited else limit)


@app.command("undo", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _undo(
    session: "Session",
    batch: Annotated[
        str | None,
        typer.Argument(
            metavar="BATCH",
            help="Id of a batch, from `taskstead activity`. Default: all batches of the last "
            "command that used the same token.",
            show_default=False,
        ),
    ] = None,
    *,
    dry_run: DryRun = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Undo what is possible despite conflicts with later changes."),
    ] = False,
) -> None:
    """Undo the last command, or a batch of changes. A second undo undoes the undo."""
    from taskstead.cli.client.history import undo

    undo(session, batch, dry_run=dry_run, force=force)
