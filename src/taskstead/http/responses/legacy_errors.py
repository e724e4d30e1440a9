"""Error responses in the formats of the deprecated to-do APIs, for requests under their paths."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taskstead.clock import get_now, render_instant
from taskstead.errors import TasksteadError
from taskstead.schemas.base import Output
from taskstead.schemas.legacy import ItemError, TodoError

LEGACY_MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class ErrorFormat:
    """The error format of one deprecated API.

    Attributes:
        prefixes: the path prefixes of its routes.
        model: the model that describes the format.
        render: returns the JSON data of an error.
    """

    prefixes: tuple[str, ...]
    model: type[Output]
    render: Callable[[TasksteadError], dict[str, Any]]


def _render_item_error(error: TasksteadError) -> dict[str, Any]:
    return {"error": error.title, "details": _describe(error)}


def _render_todo_error(error: TasksteadError) -> dict[str, Any]:
    timestamp = render_instant(get_now())
    return {"error": {"code": error.code, "message": _describe(error), "timestamp": timestamp}}


def _describe(error: TasksteadError) -> str:
    """Return the detail or, for several field errors, all their messages."""
    if len(error.errors) < _SEVERAL:
        return error.detail
    return "; ".join(
        f"{field_error.pointer}: {field_error.message}" for field_error in error.errors
    )


_SEVERAL = 2
_FORMATS = (
    ErrorFormat(("/items", "/api/todo"), ItemError, _render_item_error),
    ErrorFormat(("/todos",), TodoError, _render_todo_error),
)
LEGACY_PREFIXES = tuple(prefix for error_format in _FORMATS for prefix in error_format.prefixes)


def find_error_format(path: str) -> ErrorFormat | None:
    """Return the error format for a path, or None if its errors are problem documents."""
    if not path.startswith(LEGACY_PREFIXES):
        return None
    for error_format in _FORMATS:
        for prefix in error_format.prefixes:
            if path == prefix or path.startswith(f"{prefix}/"):
                return error_format
    return None
