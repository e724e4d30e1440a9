"""JSON representation of texts of quick add."""

from collections.abc import Iterable
from typing import Any

from taskstead.domain.quick_add.result import Issue, QuickAdd, Span

_FIELDS = (
    *("title", "description", "due_date", "category", "tags", "priority", "assignee", "parent"),
    *("reminders", "repeat_rule", "repeat_mode"),
)


def render_preview(task: QuickAdd) -> dict[str, Any]:
    """Return a parsed text as JSON data of ``QuickAddPreview``."""
    fields = {name: getattr(task, name) for name in _FIELDS}
    return {
        "fields": {name: value for name, value in fields.items() if value not in (None, "", [])},
        **render_reading(task),
        "errors": _render_issues(task.errors),
    }


def render_reading(task: QuickAdd) -> dict[str, Any]:
    """Return the spans and warnings of a parsed text, as part of ``QuickAddedTask``."""
    return {"spans": _render_spans(task.spans), "warnings": _render_issues(task.warnings)}


def _render_spans(spans: Iterable[Span]) -> list[dict[str, Any]]:
    return [{"kind": span.kind, "start": span.start, "end": span.end} for span in spans]


def _render_issues(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    return [
        {"code": issue.code, "message": issue.message, "start": issue.start, "end": issue.end}
        for issue in issues
    ]
