"""The commands ``list``, ``today``, ``inbox``, ``upcoming`` and ``search``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from taskstead.cli.client.session import STATUS_COLUMNS, TASK_COLUMNS, TASKS_PATH, Session
from taskstead.client.errors import UsageFault

FILTERS_PATH = "/api/v1/filters"

Query = Sequence[tuple[str, str]]

OPEN: Query = (("status", "todo"), ("status", "in_progress"))
TODAY: Query = (*OPEN, ("due_before", "tomorrow"))
INBOX: Query = (*OPEN, ("no_category", "true"))
UPCOMING: Query = (*OPEN, ("filter", "due:today..+7d"))
BY_DUE_DATE = "due_date,priority,number"

# Terms of the filter language that say which statuses a list contains.
_STATUS_TERM = re.compile(
    r"""(?:^|[\s(!&|])(?:is:(?:done|cancelled|trashed|open|overdue)\b
    |(?:status|completed)(?::|\s*(?:[=<>]|!=)))""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class ListOptions:
    """The options of a list. ``limit`` is None for all tasks."""

    sort: str | None
    limit: int | None
    fields: str | None


def list_tasks(session: Session, text: str | None, options: ListOptions) -> None:
    """Print the tasks that match a filter.

    Without a condition on the status, only open tasks are listed.
    """
    query = [] if text is not None and has_status_term(text) else list(OPEN)
    if text:
        query.append(("filter", text))
    print_list(session, query, options, text=text)


def list_saved(session: Session, name: str, options: ListOptions) -> None:
    """Print the tasks of a saved filter, in its order unless the options have another.

    Raises:
        UsageFault: there is no saved filter with this name.
    """
    saved = _find_saved_filter(session, name)
    list_tasks(session, saved["filter"], replace(options, sort=options.sort or saved["sort"]))


def _find_saved_filter(session: Session, name: str) -> dict[str, Any]:
    """Return the user's own filter with this name, ignoring case, or else the shared one."""
    key = name.strip().casefold()
    found = [
        item
        for item in session.list_pages(FILTERS_PATH, (), None)
        if item["name"].casefold() == key
    ]
    if not found:
        raise UsageFault(f"There is no saved filter named {name!r}.")
    return min(found, key=lambda item: bool(item["shared"]))


def has_status_term(text: str) -> bool:
    """Return whether a filter has a condition on the status of tasks."""
    return _STATUS_TERM.search(text) is not None


def search(session: Session, words: str, options: ListOptions) -> None:
    """Print the tasks that contain words, done and cancelled ones too."""
    print_list(session, [("q", words)], options, columns=STATUS_COLUMNS)


def print_list(
    session: Session,
    query: Query,
    options: ListOptions,
    *,
    columns: Sequence[str] = TASK_COLUMNS,
    text: str | None = None,
) -> None:
    """Print a list of tasks.

    Args:
        session: the session.
        query: the filter as parameters of the API.
        options: the order, the number of tasks and the fields.
        columns: the fields to show unless the options name others.
        text: the filter, for error messages with a position.
    """
    sent = list(query)
    if options.sort is not None:
        sent.append(("sort", options.sort))
    if options.fields is not None:
        columns = [name.strip() for name in options.fields.split(",")]
        sent.append(("fields", ",".join(columns)))
    elif not session.output.as_json:
        sent.append(("fields", ",".join(dict.fromkeys([*columns, "status"]))))
    # One more task shows whether the list is complete.
    limit = None if options.limit is None else options.limit + 1
    tasks = list(session.list_pages(TASKS_PATH, sent, limit, text=text))
    is_cut = limit is not None and len(tasks) == limit
    shown = tasks[:-1] if is_cut else tasks
    session.print_tasks(shown, columns)
    if is_cut:
        session.output.print_message("More tasks match. Add --all or --limit N.")
    elif not shown and session.output.is_terminal:
        session.output.print_message("No tasks match.")
