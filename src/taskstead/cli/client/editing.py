"""The command ``edit``: changes of one task by options, or as text in an editor."""

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taskstead.cli.client.session import TASKS_PATH, Session, kept_input
from taskstead.cli.client.tasks import TaskOptions
from taskstead.client.errors import ClientError, ExitCode, UsageFault

# The fields in the editor before the description, with the field of the API of each.
_LINES = {
    "title": "title",
    "due": "due_date",
    "priority": "priority",
    "category": "category",
    "tags": "tags",
    "parent": "parent",
    "repeat": "repeat_rule",
}
# What --clear sets.
CLEARED: Mapping[str, Any] = {
    "due": {"due_date": None, "due_time_zone": None},
    "priority": {"priority": 3},
    "category": {"category": None},
    "tags": {"tags": []},
    "parent": {"parent": None},
    "repeat": {"repeat_rule": None},
    "description": {"description": ""},
}
_SEPARATOR = re.compile(r"(?<!\\),")
_DEFAULT_EDITOR = "vi"


@dataclass(frozen=True)
class EditOptions:
    """The options of ``edit``: those of ``add``, the title, single tags and cleared fields."""

    task: TaskOptions
    title: str | None
    add_tags: Sequence[str]
    remove_tags: Sequence[str]
    clear: Sequence[str]

    def list_changes(self, session: Session) -> dict[str, Any]:
        """Return the changes as the body of a PATCH request; empty without options.

        Raises:
            UsageFault: the parent is not a reference, or a field is both set and cleared.
        """
        changes = self.task.list_fields(session)
        if self.title is not None:
            changes["title"] = self.title
        if self.add_tags:
            changes["add_tags"] = list(self.add_tags)
        if self.remove_tags:
            changes["remove_tags"] = list(self.remove_tags)
        for name in self.clear:
            cleared = CLEARED[name]
            if changes.keys() & cleared.keys():
                raise UsageFault(f"--clear {name} contradicts another option.")
            changes |= cleared
        return changes


def edit_task(session: Session, reference: str, options: EditOptions) -> None:
    """Change the fields that the options name, or open the task in an editor; print the task."""
    path = f"{TASKS_PATH}/{session.parse_reference(reference)}"
    changes = options.list_changes(session)
    if changes:
        with kept_input("\n\n".join(filter(None, (options.title, changes.get("description"))))):
            task = session.api.call("PATCH", path, changes).decode("number")
        session.print_tasks([task])
        return
    if session.output.as_json:
        raise UsageFault("--json opens no editor. Name the changes with options, such as --title.")
    _edit_as_text(session, path)


def _edit_as_text(session: Session, path: str) -> None:
    """Open a task in an editor and save it, unless somebody else changed it in the meantime."""
    response = session.api.call("GET", path)
    task = response.decode()
    text = render_task(task)
    edited = open_editor(text)
    changes = find_changes(task, parse_text(edited)) if edited.strip() else {}
    if not changes:
        session.output.print_message("Nothing was changed.")
        return
    headers = {"If-Match": response.headers["ETag"]}
    try:
        saved = session.api.call("PATCH", path, changes, headers=headers).decode("number")
    except ClientError as error:
        problem = error.problem
        raise ClientError(
            f"{error}\nNot saved:\n{edited.rstrip()}", exit_code=error.exit_code, problem=problem
        ) from None
    session.print_tasks([saved])


def render_task(task: Mapping[str, Any]) -> str:
    """Return a task as text: a line for each field, an empty line, and the description."""
    values = {**task, "category": (task["category"] or {}).get("name")}
    tags = ", ".join(tag.replace("\\", "\\\\").replace(",", "\\,") for tag in task["tags"])
    values["tags"] = tags
    values["title"] = _join_lines(task["title"])
    lines = [
        f"{name}: {'' if values[field] is None else values[field]}".rstrip()
        for name, field in _LINES.items()
        if field in values
    ]
    return "\n".join([*lines, "", _use_line_feeds(task["description"])]).rstrip("\n") + "\n"


def parse_text(text: str) -> dict[str, Any]:
    """Return the fields in an edited text, with the names of the API.

    Raises:
        ClientError: a line before the description is not a field.
    """
    head, _, description = text.partition("\n\n")
    fields: dict[str, Any] = {}
    for line in head.splitlines():
        name, separator, value = line.partition(":")
        field = _LINES.get(name.strip().lower())
        if not separator or field is None:
            names = ", ".join(_LINES)
            raise ClientError(
                f"The line {line!r} is not a field. Fields: {names}. The description follows after "
                f"an empty line.\nNot saved:\n{text.rstrip()}",
                exit_code=ExitCode.INVALID,
                code="invalid_text",
            )
        fields[field] = _parse_value(field, value.strip())
    fields["description"] = description.rstrip("\n")
    return fields


def _parse_value(field: str, value: str) -> Any:
    if field == "tags":
        tags = (re.sub(r"\\(.)", r"\1", tag.strip()) for tag in _SEPARATOR.split(value))
        return [tag for tag in tags if tag]
    if field == "title":
        return value
    if field == "priority":
        return int(value) if value.isascii() and value.isdigit() else value or 3
    return value or None


def find_changes(task: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that differ from the task. A field that is missing stays as it is."""
    current = {**task, "category": (task["category"] or {}).get("name")}
    current["title"] = _join_lines(task["title"])
    current["description"] = _use_line_feeds(task["description"]).rstrip("\n")
    changes = {
        field: value for field, value in fields.items() if not _is_same(current.get(field), value)
    }
    parent = changes.get("parent")
    if isinstance(parent, str) and parent.isascii() and parent.isdigit():
        changes["parent"] = int(parent)
    if "due_date" in changes and changes["due_date"] is None:
        changes["due_time_zone"] = None
    return changes


def _join_lines(title: str) -> str:
    """Return a title as one line."""
    return " ".join(title.splitlines())


def _use_line_feeds(text: str) -> str:
    """Return a text with LF as line ending, as it is read from the editor."""
    return re.sub("\r\n?", "\n", text)


def _is_same(old: Any, new: Any) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        return sorted(old) == sorted(new)
    return bool(old == new)


def open_editor(text: str) -> str:
    """Return a text after the user has edited it in ``$VISUAL`` or ``$EDITOR``.

    Raises:
        ClientError: the editor cannot be started or fails, or the text is not UTF-8.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or _DEFAULT_EDITOR
    descriptor, name = tempfile.mkstemp(prefix="taskstead-", suffix=".md")
    is_kept = False
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            subprocess.run([*shlex.split(command), name], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            # The user may have written text before the editor failed.
            is_kept = Path(name).read_text(encoding="utf-8", errors="replace") != text
            where = f" Your text is in {name}" if is_kept else ""
            raise ClientError(f"The editor {command} failed: {error}{where}") from None
        try:
            # Text mode reads every line ending as a line feed.
            return Path(name).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            is_kept = True
            raise ClientError(
                f"The editor did not save the text as UTF-8. Your text is in {name}",
                exit_code=ExitCode.INVALID,
                code="invalid_text",
            ) from None
    finally:
        if not is_kept:
            with suppress(OSError):
                Path(name).unlink()
