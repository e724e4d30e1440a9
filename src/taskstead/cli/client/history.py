"""The commands ``history``, ``activity`` and ``undo``."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from taskstead.cli.client.account import OWN_TOKEN_PATH
from taskstead.cli.client.session import TASKS_PATH, Session
from taskstead.client.errors import ClientError, ExitCode, UsageFault
from taskstead.client.output import format_value, print_error
from taskstead.ids import parse_id

ACTIVITY_PATH = "/api/v1/activity"
# How many changes of the user are searched for the last one of this token.
MAX_SEARCHED_CHANGES = 1000
_MISSING = "-"
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
    """Undo a batch, or the last batch that was written with the token of this command.

    Raises:
        ClientError: there is no such batch, or it cannot be undone.
    """
    chosen = _find_last_batch(session) if batch is None else _parse_batch(batch)
    if dry_run:
        changes = list(session.list_pages(ACTIVITY_PATH, [("batch", chosen)], None))
        _print_changes(session, changes, _COLUMNS)
        return
    query = [("force", "true")] if force else []
    undone = session.api.call("POST", f"/api/v1/batches/{chosen}/undo", query=query).decode()
    if session.output.as_json:
        session.output.print_items([undone], ())
        return
    for conflict in undone["skipped"]:
        print_error(f"Skipped: {conflict['message']}")
    session.output.print_message(
        f"Undid {undone['changes']} changes of the batch {chosen}. To undo this undo: "
        f"taskstead undo {undone['batch']}"
    )


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
