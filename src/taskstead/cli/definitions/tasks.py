"""Commands that create, list and change tasks over the API."""

# ruff: noqa: PLC0415 - each command loads its implementation when it runs

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from taskstead.cli.definitions.options import (
    Reference,
    References,
    complete_category,
    complete_tag,
    with_list_options,
    with_session,
)
from taskstead.cli.light_command import LightCommand

if TYPE_CHECKING:
    from taskstead.cli.client.listing import ListOptions
    from taskstead.cli.client.session import Session

PANEL = "Tasks"

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


SubtaskChoice = Literal["complete", "keep", "refuse"]
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
Priority = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, max=5, help="Priority; 1 is the highest, 5 the lowest."),
]
Category = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Category, by name. A new name creates the category.",
        autocompletion=complete_category,
        show_default=False,
    ),
]
Tags = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        metavar="NAME",
        help="Tag, by name; repeat the option for several tags. A new name creates the tag.",
        autocompletion=complete_tag,
        show_default=False,
    ),
]
Parent = Annotated[
    str | None,
    typer.Option(metavar="REF", help="Parent task, if this is a sub-task.", show_default=False),
]
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
        metavar="MODE",
        help="What completing a repeating task does: schedule (default) moves it to the next "
        "occurrence after now, each to the next one even if it is past, and completion counts "
        "from the day of completion.",
        show_default=False,
    ),
]
Description = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        help="Description in Markdown; - reads it from standard input.",
        show_default=False,
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
    """Create a task. The title is taken literally; `taskstead quick` reads dates and tags in it."""
    from taskstead.cli.client.tasks import TaskOptions, add_task

    options = TaskOptions(due, priority, category, tag, parent, repeat, repeat_mode, description)
    add_task(session, " ".join(title), options)


@app.command("quick", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _quick(session: "Session", text: Text, *, dry_run: DryRun = False) -> None:
    """Create a task from one line, such as: Call Grace tomorrow at 9 #Work @phone p1."""
    from taskstead.cli.client.tasks import add_quickly

    add_quickly(session, " ".join(text), dry_run=dry_run)


app.command("q", cls=LightCommand, rich_help_panel=PANEL, help="The same as quick.")(_quick)


@app.command("list", cls=LightCommand, rich_help_panel=PANEL)
@with_session
@with_list_options
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
    options: "ListOptions",
) -> None:
    """List tasks that match a filter.

    Only open tasks are listed, unless the filter has a condition on the status, such as is:done.
    """
    from taskstead.cli.client.listing import list_saved, list_tasks
    from taskstead.client.errors import UsageFault

    text = " ".join(filter_) if filter_ else None
    if saved is None:
        list_tasks(session, text, options)
    elif text is None:
        list_saved(session, saved, options)
    else:
        raise UsageFault("Give either a filter or --saved, not both.")


@app.command("today", cls=LightCommand, rich_help_panel=PANEL)
@with_session
@with_list_options
def _today(session: "Session", *, options: "ListOptions") -> None:
    """List open tasks that are due today or overdue."""
    from taskstead.cli.client.listing import list_today

    list_today(session, options)


@app.command("inbox", cls=LightCommand, rich_help_panel=PANEL)
@with_session
@with_list_options
def _inbox(session: "Session", *, options: "ListOptions") -> None:
    """List open tasks without a category."""
    from taskstead.cli.client.listing import list_inbox

    list_inbox(session, options)


@app.command("upcoming", cls=LightCommand, rich_help_panel=PANEL)
@with_session
@with_list_options
def _upcoming(session: "Session", *, options: "ListOptions") -> None:
    """List open tasks that are due within the next seven days."""
    from taskstead.cli.client.listing import list_upcoming

    list_upcoming(session, options)


@app.command("search", cls=LightCommand, rich_help_panel=PANEL)
@with_session
@with_list_options
def _search(session: "Session", words: Words, *, options: "ListOptions") -> None:
    """Search titles and descriptions, also of done tasks."""
    from taskstead.cli.client.listing import search

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
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="New title.", show_default=False)
    ] = None,
    due: Due = None,
    priority: Priority = None,
    category: Category = None,
    tag: Tags = None,
    add_tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Tag to add; repeat the option for several tags.",
            autocompletion=complete_tag,
            show_default=False,
        ),
    ] = None,
    remove_tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Tag to remove; repeat the option for several tags.",
            autocompletion=complete_tag,
            show_default=False,
        ),
    ] = None,
    parent: Parent = None,
    repeat: Repeat = None,
    repeat_mode: Mode = None,
    description: Description = None,
    clear: Annotated[
        list[Clearable] | None,
        typer.Option(
            metavar="FIELD", help="Field to clear, see above; may be repeated.", show_default=False
        ),
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
def _done(
    session: "Session",
    references: References,
    *,
    subtasks: Annotated[
        SubtaskChoice | None,
        typer.Option(
            help="Open sub-tasks: complete them too, keep them open (the default), or refuse to "
            "complete a task that has any.",
            show_default=False,
        ),
    ] = None,
    occurrence: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Complete a repeating task only if this is its current occurrence.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Complete tasks. A repeating task gets its next due date."""
    from taskstead.cli.client.changing import complete_tasks

    complete_tasks(session, references, subtasks=subtasks, occurrence=occurrence)


@app.command("reopen", cls=LightCommand, rich_help_panel=PANEL)
@with_session
def _reopen(session: "Session", references: References) -> None:
    """Open done or cancelled tasks again: set their status to to-do."""
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
def _delete(
    session: "Session",
    references: References,
    *,
    subtasks: Annotated[
        SubtaskChoice | None,
        typer.Option(
            help="Sub-tasks: complete the open ones first, keep them (they move to the parent of "
            "the task), or refuse to delete a task with open ones. Default: delete all of them.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Move tasks to the trash, with their sub-tasks. `taskstead restore` brings them back."""
    from taskstead.cli.client.changing import trash_tasks

    trash_tasks(session, references, subtasks=subtasks)
