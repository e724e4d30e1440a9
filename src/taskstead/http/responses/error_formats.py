"""Error formats of single APIs. They replace problem documents under the paths of these APIs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.applications import Starlette

from taskstead.errors import TasksteadError
from taskstead.schemas.base import Output


@dataclass(frozen=True, slots=True)
class ErrorFormat:
    """The error format of one API, as ``application/json``.

    Attributes:
        prefixes: the path prefixes of its routes.
        model: the model that describes the format.
        render: returns the JSON data of an error at the given time.
    """

    prefixes: tuple[str, ...]
    model: type[Output]
    render: Callable[[TasksteadError, datetime], dict[str, Any]]

    def applies_to(self, path: str) -> bool:
        """Return whether errors under this path have the format."""
        return path.startswith(self.prefixes) and any(
            path == prefix or path.startswith(f"{prefix}/") for prefix in self.prefixes
        )


def find_error_format(error_formats: Iterable[ErrorFormat], path: str) -> ErrorFormat | None:
    """Return the error format for a path, or None if its errors are problem documents."""
    return next((item for item in error_formats if item.applies_to(path)), None)


def register_error_formats(app: Starlette, error_formats: Sequence[ErrorFormat]) -> None:
    """Set the error formats of an application."""
    app.state.error_formats = error_formats


def list_error_formats(app: Starlette) -> Sequence[ErrorFormat]:
    """Return the registered error formats of an application, by default none."""
    error_formats: Sequence[ErrorFormat] = getattr(app.state, "error_formats", ())
    return error_formats
