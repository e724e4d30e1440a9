"""The commands ``add``, ``quick`` and ``show``: single tasks."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taskstead.cli.client.session import (
    STATUS_COLUMNS,
    TASKS_PATH,
    Session,
    kept_input,
    print_warnings,
)
from taskstead.client.errors import ClientError, ExitCode, describe_fault
from taskstead.client.http import ApiObject
from taskstead.client.references import STANDARD_INPUT

_SHOWN_FIELDS = (
    *("number", "title", "status", "priority", "due_date", "due_time_zone", "repeat_rule"),
    *("repeat_mode", "category", "tags", "parent", "assignee", "created_at", "updated_at"),
    *("completed_at", "deleted_at", "id", "revision"),
)
_SPAN_FIELDS = ("kind", "text", "start", "end")


@dataclass(frozen=True)
class TaskOptions:
    """The options of a command that set fields of a task. None means that an option is missing."""

    due: str | None = None
    priority: int | None = None
    category: str | None = None
    tags: Sequence[str] | None = None
    parent: str | None = None
    repeat: str | None = None
    repeat_mode: str | None = None
    description: str | None = None

    def list_fields(self, session: Session) -> dict[str, Any]:
        """Return the fields of the API that the options set.

        Raises:
            UsageFault: the parent is not a reference to a task.
        """
        description = self.description
        if description == STANDARD_INPUT:
            description = read_standard_input()
        fields = {
            "due_date": self.due,
            "priority": self.priority,
            "category": self.category,
            "tags": None if self.tags is None else list(self.tags),
            "parent": None if self.parent is None else session.parse_reference(self.parent),
            "repeat_rule": self.repeat,
            "repeat_mode": self.repeat_mode,
            "description": description,
        }
        return {name: value for name, value in fields.items() if value is not None}


def read_standard_input() -> str:
    """Return the text on standard input.

    Raises:
        ClientError: it is not valid in the encoding of the locale, which usually is UTF-8.
    """
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise ClientError(
            f"Standard input is not valid {error.encoding.upper()}.",
            exit_code=ExitCode.INVALID,
            code="invalid_text",
        ) from None


def add_task(session: Session, title: str, options: TaskOptions) -> None:
    """Create a task with a literal title and print it."""
    fields = options.list_fields(session)
    text = "\n\n".join(filter(None, (title, fields.get("description"))))
    with kept_input(text):
        task = session.api.call("POST", TASKS_PATH, {"title": title, **fields}).decode("number")
    session.print_tasks([task])


def add_quickly(session: Session, text: str, *, dry_run: bool) -> None:
    """Create a task from a line of quick add and print it, or show how the line was read."""
    body: dict[str, Any] = {"text": text}
    if dry_run:
        body["dry_run"] = True
    with kept_input(text):
        response = session.api.call("POST", f"{TASKS_PATH}/quick", body, text=text)
        answer = response.decode("fields" if dry_run else "number")
    if dry_run:
        _print_reading(session, text, answer)
        return
    print_warnings(text, answer)
    session.print_tasks([answer])


def _print_reading(session: Session, text: str, answer: ApiObject) -> None:
    """Print the result of a dry run: the fields, or the parts of the text.

    Raises:
        ClientError: the text has errors, so it would not create a task.
    """
    if session.output.as_json:
        session.output.print_items([answer], ())
    else:
        fields = answer.get("fields") or {}
        session.output.print_fields(fields, list(fields))
        spans = [
            {**span, "text": text[span["start"] : span["end"]]} for span in answer.get("spans", ())
        ]
        session.output.print_items(spans, _SPAN_FIELDS)
    print_warnings(text, answer)
    lines = [line for error in answer.get("errors") or () for line in describe_fault(text, error)]
    if lines:
        raise ClientError("\n".join(lines), exit_code=ExitCode.INVALID, is_in_output=True)


def show_task(session: Session, reference: str) -> None:
    """Print one task with its description and its sub-tasks."""
    output = session.output
    task = session.api.get(f"{TASKS_PATH}/{session.parse_reference(reference)}")
    subtasks: list[dict[str, Any]] = []
    if task.get("subtask_count"):
        query = [("parent", task["id"]), ("sort", "position")]
        subtasks = list(session.list_pages(TASKS_PATH, query, None))
    if output.as_json or output.quiet:
        session.print_tasks([task, *subtasks])
        return
    output.print_fields(task, _SHOWN_FIELDS)
    if task["description"] and output.is_terminal:
        output.print_text(f"\n{task['description']}")
    elif task["description"]:
        output.print_fields(task, ["description"])
    if subtasks and output.is_terminal:
        output.print_text("")
        output.print_items(subtasks, STATUS_COLUMNS)
    else:
        for subtask in subtasks:
            output.print_fields({"subtask": f"{subtask['number']} {subtask['title']}"}, ["subtask"])
    session.remember_names([task, *subtasks])
