"""The commands ``history``, ``activity`` and ``undo``."""

import os
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from taskstead.cli.client.account import OWN_TOKEN_PATH
from taskstead.cli.client.session import TASKS_PATH, Session
from taskstead.cli.console import count
from taskstead.client.command_batches import find_command, remember_command
from taskstead.client.errors import (
    ClientError,
    ExitCode,
    UsageFault,
    describe_conflict,
    describe_problem,
    list_objects,
)
from taskstead.client.http import ApiObject
from taskstead.client.output import format_value, print_error
from taskstead.ids import parse_id

ACTIVITY_PATH = "/api/v1/activity"
# How many changes of the user are searched for the last one of this token.
MAX_SEARCHED_CHANGES = 1000
_MISSING = "-"
# Conflicts of a row itself. Others are caused by rows that depend on it.
_OWN_CONFLICTS = ("changed", "purged")
_COLUMNS = ("revision", "at", "user", "action", "kind", "number", "name", "changes", "batch")
_TASK_COLUMNS = ("revision", "at", "user", "action", "changes", "batch")


def show_history(session: Session, reference: str, limit: int | None) -> None:
    """Print the changes of one task, the latest first."""
    path = f"{TASKS_PATH}/{session.parse_reference(reference)}/history"
    _print_changes(session, list(session.list_pages(path, [], limit)), _TASK_COLUMNS)


def show_activity(session: Session, *, mine: bool, limit: int | None) -> None:
    """Print the changes in the workspace, the latest first."""
    query = [("user", "me")] if mine else []
    _print_changes(session, list(session.list_pages(ACTIVITY_PATH, query, limit)), _COLUMNS)


def _print_changes(
    session: Session, changes: Sequence[dict[str, Any]], columns: Sequence[str]
) -> None:
    if session.output.as_json:
        session.output.print_items(changes, ())
        return
    rows = [{**change, "changes": _describe_fields(change)} for change in changes]
    session.output.print_items(rows, columns)


def _describe_fields(change: Mapping[str, Any]) -> str:
    """Return the changed fields of a row with old and new values; nothing for a new row."""
    if change["action"] == "created":
        return ""
    return "; ".join(
        f"{field['field']}: {_get_value(field, 'old')} → {_get_value(field, 'new')}"
        for field in change["fields"]
    )


def _get_value(field: Mapping[str, Any], side: str) -> str:
    name = field[f"{side}_name"]
    return format_value(field[side] if name is None else name) or _MISSING


def undo(session: Session, batch: str | None, *, dry_run: bool, force: bool) -> None:
    """Undo a batch, or the last command that wrote with the token in use.

    A command with several batches is undone from the last batch to the first.

    Raises:
        ClientError: there is no such batch, or it cannot be undone. The batches that were undone
            before are reported.
    """
    if batch is None:
        batches = find_command(os.environ, _find_last_batch(session))[::-1]
    else:
        batches = [_parse_batch(batch)]
    query = [("force", "true")] if force else []
    if dry_run:
        _preview_undo(session, batches, query)
        return
    answers: list[ApiObject] = []
    try:
        for chosen in batches:
            path = f"/api/v1/batches/{chosen}/undo"
            answers.append(session.api.call("POST", path, query=query).decode())
    except ClientError as error:
        if not answers:
            raise
        _report_undo(session, batches[: len(answers)], answers)
        left = count(len(batches) - len(answers), "batch", "batches")
        raise ClientError(
            f"{error}\n{left} of {len(batches):,} could not be undone.",
            exit_code=error.exit_code,
            problem=error.problem,
        ) from None
    finally:
        remember_command(os.environ, [one["batch"] for one in answers if one["batch"]])
    _report_undo(session, batches, answers)


def _report_undo(session: Session, batches: Sequence[str], answers: Sequence[ApiObject]) -> None:
    """Print how many changes were undone."""
    if session.output.as_json:
        session.output.print_items(answers, ())
        return
    for answer in answers:
        for conflict in answer.get_objects("skipped"):
            print_error(f"Skipped: {describe_conflict(conflict)}")
    number = count(sum(answer["changes"] for answer in answers), "change")
    if len(batches) > 1:
        source, again = count(len(batches), "batch", "batches"), ""
    else:
        source, again = f"the batch {batches[0]}", f" {answers[0]['batch']}"
    message = f"Undid {number} of {source}."
    if any(answer["batch"] for answer in answers):
        message += f" To undo this undo: taskstead undo{again}"
    session.output.print_message(message)


def _preview_undo(
    session: Session, batches: Sequence[str], query: Sequence[tuple[str, str]]
) -> None:
    """Print the changes that an undo would revert, and its conflicts.

    The server checks each batch on its own. Rows that depend on an earlier batch of the same
    command, such as the sub-tasks of an imported task, are no conflict then.

    Raises:
        ClientError: there are conflicts, or a batch cannot be undone.
    """
    conflicts: list[dict[str, Any]] = []
    later_rows: set[str] = set()
    for chosen in batches:
        changes = list(session.list_pages(ACTIVITY_PATH, [("batch", chosen)], None))
        _print_changes(session, changes, _COLUMNS)
        conflicts += [
            conflict
            for conflict in _list_conflicts(session, chosen, query)
            if not later_rows
            or (conflict.get("code") in _OWN_CONFLICTS and conflict.get("id") not in later_rows)
        ]
        later_rows.update(change["id"] for change in changes)
    if not conflicts:
        return
    if query:
        for conflict in conflicts:
            print_error(f"Would be skipped: {describe_conflict(conflict)}")
        return
    detail = f"The undo has {count(len(conflicts), 'conflict')}. --force restores what it can."
    problem: dict[str, Any] = {"title": "Conflict", "detail": detail, "code": "undo_conflict"}
    problem["conflicts"] = conflicts
    raise ClientError(describe_problem(problem), exit_code=ExitCode.CONFLICT, problem=problem)


def _list_conflicts(
    session: Session, batch: str, query: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return the conflicts of a dry run; with ``force``, the changes that it skips."""
    path = f"/api/v1/batches/{batch}/undo"
    try:
        answer = session.api.call("POST", path, query=[*query, ("dry_run", "true")]).decode()
    except ClientError as error:
        if error.problem.get("code") != "undo_conflict":
            raise
        return list_objects(error.problem, "conflicts")
    return list_objects(answer, "skipped")


def _parse_batch(text: str) -> str:
    try:
        return parse_id(text)
    except ValueError:
        raise UsageFault(f"{text!r} is not the id of a batch, such as those of activity.") from None


def _find_last_batch(session: Session) -> str:
    token_id = session.api.get(OWN_TOKEN_PATH)["id"]
    changes = session.list_pages(ACTIVITY_PATH, [("user", "me")], MAX_SEARCHED_CHANGES)
    for change in islice(changes, MAX_SEARCHED_CHANGES):
        if change["credential"] is not None and change["credential"]["id"] == token_id:
            return str(change["batch"])
    raise ClientError(
        "The command line has changed nothing recently. `taskstead activity` lists the batches; "
        "undo one with: taskstead undo BATCH",
        exit_code=ExitCode.NOT_FOUND,
        code="not_found",
    )
