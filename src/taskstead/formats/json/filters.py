"""JSON representation of the check of a filter."""

from collections.abc import Sequence
from typing import Any, Protocol

from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.nodes import FilterWarning, Span


class Check(Protocol):
    """The result of a check; see ``services/filters.py``."""

    @property
    def spans(self) -> Sequence[Span]:
        """The operators and conditions."""

    @property
    def error(self) -> FilterError | None:
        """The error, if the text is not a filter."""

    @property
    def warnings(self) -> Sequence[FilterWarning]:
        """The conditions that match no task."""


def render_check(check: Check) -> dict[str, Any]:
    """Return the check of a filter as JSON data of ``FilterCheck``."""
    return {
        "spans": [span._asdict() for span in check.spans],
        "errors": [] if check.error is None else [_render_error(check.error)],
        "warnings": [warning._asdict() for warning in check.warnings],
    }


def render_warnings(warnings: Sequence[FilterWarning]) -> dict[str, Any]:
    """Return the key ``warnings`` of a response; nothing if there are no warnings."""
    return {"warnings": [warning._asdict() for warning in warnings]} if warnings else {}


def _render_error(error: FilterError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": error.message,
        "start": error.start,
        "end": error.end,
        "expected": list(error.expected),
    }
