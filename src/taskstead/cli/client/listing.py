"""The commands ``list``, ``today``, ``inbox``, ``upcoming`` and ``search``."""

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

# Conditions of the filter language that say which statuses a list contains.
_STATUS_FIELDS = ("status", "completed")
_STATUS_FLAGS = ("done", "cancelled", "trashed", "open", "overdue")


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


def list_today(session: Session, options: ListOptions) -> None:
    """Print the open tasks that are due today or overdue."""
    print_list(session, TODAY, options, sort=BY_DUE_DATE)


def list_inbox(session: Session, options: ListOptions) -> None:
    """Print the open tasks without a category."""
    print_list(session, INBOX, options)


def list_upcoming(session: Session, options: ListOptions) -> None:
    """Print the open tasks that are due within the next seven days."""
    print_list(session, UPCOMING, options, sort=BY_DUE_DATE)


def has_status_term(text: str) -> bool:
    """Return whether a filter has a condition on the status of tasks.

    Text in quotation marks is no condition. A text that is not a filter is rejected by the server.
    """
    # Loaded here, because a list without a filter does not need it.
    from taskstead.domain.filters.errors import FilterError  # noqa: PLC0415
    from taskstead.domain.filters.tokens import read_token  # noqa: PLC0415

    position = 0
    try:
        while (token := read_token(text, position)).kind != "end":
            if token.kind == "field" and _is_status_field(token.name, token.values[0].text):
                return True
            position = token.end
    except FilterError:
        return False
    return False


def _is_status_field(name: str, value: str) -> bool:
    """Return whether a field with a value is a condition on the status of tasks."""
    name = name.lower()
    return name in _STATUS_FIELDS or (name == "is" and value.lower() in _STATUS_FLAGS)


def search(session: Session, words: str, options: ListOptions) -> None:
    """Print the tasks that contain words, done and cancelled ones too."""
    print_list(session, [("q", words)], options, columns=STATUS_COLUMNS)


def print_list(
    session: Session,
    query: Query,
    options: ListOptions,
    *,
    columns: Sequence[str] = TASK_COLUMNS,
    sort: str | None = None,
    text: str | None = None,
) -> None:
    """Print a list of tasks.

    Args:
        session: the session.
        query: the filter as parameters of the API.
        options: the order, the number of tasks and the fields.
        columns: the fields to show unless the options name others.
        sort: the order unless the options name another; None for that of the API.
        text: the filter, for error messages with a position.
    """
    sent = list(query)
    order = sort if options.sort is None else options.sort
    if order is not None:
        sent.append(("sort", order))
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
