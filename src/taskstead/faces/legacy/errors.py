"""Error formats of the deprecated to-do APIs."""

from datetime import datetime
from typing import Any

from taskstead.clock import render_instant
from taskstead.errors import TasksteadError
from taskstead.faces.legacy.schemas import ItemError, TodoError
from taskstead.http.responses.error_formats import ErrorFormat
from taskstead.http.responses.json import replace_surrogates


def _render_item_error(error: TasksteadError, now: datetime) -> dict[str, Any]:
    del now
    return {"error": error.title, "details": _describe(error)}


def _render_todo_error(error: TasksteadError, now: datetime) -> dict[str, Any]:
    timestamp = render_instant(now)
    return {"error": {"code": error.code, "message": _describe(error), "timestamp": timestamp}}


def _describe(error: TasksteadError) -> str:
    """Return the detail or, for several field errors, all their messages."""
    if len(error.errors) <= 1:
        return replace_surrogates(error.detail)
    messages = [f"{field_error.pointer}: {field_error.message}" for field_error in error.errors]
    return replace_surrogates("; ".join(messages))


LEGACY_ERROR_FORMATS = (
    ErrorFormat(("/items", "/api/todo"), ItemError, _render_item_error),
    ErrorFormat(("/todos",), TodoError, _render_todo_error),
)
LEGACY_PREFIXES = tuple(
    prefix for error_format in LEGACY_ERROR_FORMATS for prefix in error_format.prefixes
)
