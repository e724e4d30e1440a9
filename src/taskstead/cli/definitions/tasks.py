"""Commands that create, list and change tasks over the API."""

# ruff: noqa: PLC0415 - each command loads its implementation when it runs

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from taskstead.cli.definitions.options import (
    Reference,
    References,
    complete_category,
    complete_tag,
    with_session,
)
from taskstead.cli.light_command import LightCommand

if TYPE_CHECKING:
    from taskstead.cli.client.session import Session

PANEL = "Tasks"
DEFAULT_LIMIT = 50

app = typer.Typer()


class RepeatMode(StrEnum):
    """How the next due date of a repeating task is found."""

    SCHEDULE = "schedule"
    EACH = "each"
    COMPLETION = "completion"


class Clearable(StrEnum):
    """A field that ``edit --clear`` empties."""

    DUE = "due"
    PRIORITY = "priority"
    CATEGORY = "category"
    TAGS = "tags"
    PARENT = "parent"
    REPEAT = "repeat"
    DESCRIPTION = "description"


Title = Annotated[list[str], typer.Argument(metavar="TITLE", show_default=False)]
Text = Annotated[list[str], typer.Argument(metavar="TEXT", show_default=False)]
Words = Annotated[list[str], typer.Argument(metavar="WORDS", show_default=False)]
Due = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Due date, such as 2026-12-01 or 2026-12-01T09:00:00.",
        show_default=False,
    ),
]
Priority = Annotated[int | None, typer.Option(min=1, max=5, help="1 is the highest, 5 the lowest.")]
Category = Annotated[
    str | None,
    typer.Option(help="Category, by name.", autocompletion=complete_category, show_default=False),
]
Tags = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        help="Tag, by name; repeat the option for several tags.",
        autocompletion=complete_tag,
        show_default=False,
    ),
]
Parent = Annotated[str | None, typer.Option(metavar="REF", help="Parent task.", show_default=False)]
Repeat = Annotated[
    str | None,
    typer.Option(
        metavar="RRULE",
        help="Repeat rule (RFC 5545), such as FREQ=WEEKLY;BYDAY=MO.",
        show_default=False,
    ),
]
Mode = Annotated[
    RepeatMode | None,
    typer.Option(
        "--repeat-mode",
        help="Repeat by the schedule, each occurrence of it, or from the completion.",
        show_default=False,
    ),
]
Description = Annotated[
    str | None,
    typer.Option(help="Markdown; - reads it from standard input.", show_default=False),
]
Sort = Annotated[
    str | None,
    typer.Option(metavar="KEYS", help="Order, such as due_date,-priority.", show_default=False),
]
Limit = Annotated[int, typer.Option(min=1, help="Maximum number of items.")]
All = Annotated[bool, typer.Option("--all", help="List all items, without a limit.")]
Fields = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES", help="Fields to print, such as number,title.", show_default=False
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; show what would happen.")]


@app.command("add", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _add(
    session: "Session",
    title: Title,
    *,
    due: Due = None,
    priority: Priority = None,
    category: Category = None,
    tag: Tags = None,
    parent: Parent = None,
    repeat: Repeat = None,
    repeat_mode: Mode = None,
    description: Description = None,
) -> None:
    """Create a task. The title is taken literally."""
    from taskstead.cli.client.tasks import TaskOptions, add_task

    options = TaskOptions(due, priority, category, tag, parent, repeat, repeat_mode, description)
    add_task(session, " ".join(title), options)


@app.command("quick", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _quick(session: "Session", text: Text, *, dry_run: DryRun = False) -> None:
    """Create a task from one line, such as: Call Grace tomorrow at 9 #Work @phone p1."""
    from taskstead.cli.client.tasks import add_quickly

    add_quickly(session, " ".join(text), dry_run=dry_run)


app.command("q", cls=LightCommand, rich_help_panel=PANEL, help="Short for quick.")(_quick)


@app.command("list", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _list(
    session: "Session",
    filter_: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILTER",
            help="Filter, such as 'overdue or today'. Default: all open tasks.",
            show_default=False,
        ),
    ] = None,
    *,
    saved: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Use the saved filter with this name.", show_default=False
        ),
    ] = None,
    sort: Sort = None,
    limit: Limit = DEFAULT_LIMIT,
    is_unlimited: All = False,
    fields: Fields = None,
) -> None:
    """List tasks that match a filter.

    Only open tasks are listed, unless the filter has a condition on the status, such as is:done.
    """
    from taskstead.cli.client.listing import ListOptions, list_saved, list_tasks
    from taskstead.client.errors import UsageFault

    options = ListOptions(sort, None if is_unlimited else limit, fields)
    text = " ".join(filter_) if filter_ else None
    if saved is None:
        list_tasks(session, text, options)
    elif text is None:
        list_saved(session, saved, options)
    else:
        raise UsageFault("Give either a filter or --saved, not both.")


@app.command("today", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _today(
    session: "Session",
    *,
    sort: Sort = None,
    limit: Limit = DEFAULT_LIMIT,
    is_unlimited: All = False,
    fields: Fields = None,
) -> None:
    """List open tasks that are due today or overdue."""
    from taskstead.cli.client.listing import BY_DUE_DATE, TODAY, ListOptions, print_list

    options = ListOptions(sort or BY_DUE_DATE, None if is_unlimited else limit, fields)
    print_list(session, TODAY, options)


@app.command("inbox", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _inbox(
    session: "Session",
    *,
    sort: Sort = None,
    limit: Limit = DEFAULT_LIMIT,
    is_unlimited: All = False,
    fields: Fields = None,
) -> None:
    """List open tasks without a category."""
    from taskstead.cli.client.listing import INBOX, ListOptions, print_list

    print_list(session, INBOX, ListOptions(sort, None if is_unlimited else limit, fields))


@app.command("upcoming", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _upcoming(
    session: "Session",
    *,
    sort: Sort = None,
    limit: Limit = DEFAULT_LIMIT,
    is_unlimited: All = False,
    fields: Fields = None,
) -> None:
    """List open tasks that are due within the next seven days."""
    from taskstead.cli.client.listing import BY_DUE_DATE, UPCOMING, ListOptions, print_list

    options = ListOptions(sort or BY_DUE_DATE, None if is_unlimited else limit, fields)
    print_list(session, UPCOMING, options)


@app.command("search", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _search(
    session: "Session",
    words: Words,
    *,
    sort: Sort = None,
    limit: Limit = DEFAULT_LIMIT,
    is_unlimited: All = False,
    fields: Fields = None,
) -> None:
    """Search titles and descriptions, also of done tasks."""
    from taskstead.cli.client.listing import ListOptions, search

    options = ListOptions(sort, None if is_unlimited else limit, fields)
    search(session, " ".join(words), options)


@app.command("show", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _show(session: "Session", reference: Reference) -> None:
    """Show a task with its description and its sub-tasks."""
    from taskstead.cli.client.tasks import show_task

    show_task(session, reference)


@app.command("edit", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _edit(
    session: "Session",
    reference: Reference,
    *,
    title: Annotated[str | None, typer.Option(help="New title.", show_default=False)] = None,
    due: Due = None,
    priority: Priority = None,
    category: Category = None,
    tag: Tags = None,
    add_tag: Annotated[
        list[str] | None,
        typer.Option(help="Tag to add.", autocompletion=complete_tag, show_default=False),
    ] = None,
    remove_tag: Annotated[
        list[str] | None,
        typer.Option(help="Tag to remove.", autocompletion=complete_tag, show_default=False),
    ] = None,
    parent: Parent = None,
    repeat: Repeat = None,
    repeat_mode: Mode = None,
    description: Description = None,
    clear: Annotated[
        list[Clearable] | None,
        typer.Option(metavar="FIELD", help="Field to empty.", show_default=False),
    ] = None,
) -> None:
    """Change a task. Without options, the task opens in $VISUAL or $EDITOR.

    --tag replaces all tags. --clear takes due, priority, category, tags, parent, repeat and
    description.
    """
    from taskstead.cli.client.editing import EditOptions, edit_task
    from taskstead.cli.client.tasks import TaskOptions

    task = TaskOptions(due, priority, category, tag, parent, repeat, repeat_mode, description)
    edit_task(
        session,
        reference,
        EditOptions(
            task=task,
            title=title,
            add_tags=add_tag or [],
            remove_tags=remove_tag or [],
            clear=clear or [],
        ),
    )


@app.command("done", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _done(session: "Session", references: References) -> None:
    """Complete tasks. A repeating task gets its next due date."""
    from taskstead.cli.client.changing import complete_tasks

    complete_tasks(session, references)


@app.command("reopen", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _reopen(session: "Session", references: References) -> None:
    """Set the status of tasks to to-do."""
    from taskstead.cli.client.changing import reopen_tasks

    reopen_tasks(session, references)


@app.command("skip", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _skip(session: "Session", references: References) -> None:
    """Skip the current occurrence of repeating tasks."""
    from taskstead.cli.client.changing import skip_occurrences

    skip_occurrences(session, references)


@app.command("delete", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _delete(session: "Session", references: References) -> None:
    """Move tasks with their sub-tasks to the trash."""
    from taskstead.cli.client.changing import trash_tasks

    trash_tasks(session, references)
