"""JSON of texts of quick add."""

from taskstead.domain.quick_add.result import Issue, QuickAdd, Span
from taskstead.formats.json.quick_add import render_preview, render_reading

TASK = QuickAdd(
    title="Pay rent",
    due_date="2026-12-01",
    tags=["home"],
    spans=[Span("due_date", 9, 14)],
    errors=[Issue("two_priority", "A second one", 1, 2)],
    warnings=[Issue("no_such_day", "No such day", 3, 4)],
)


def test_preview_has_the_fields_that_are_set() -> None:
    preview = render_preview(TASK)
    assert preview["fields"] == {"title": "Pay rent", "due_date": "2026-12-01", "tags": ["home"]}
    assert preview["errors"] == [
        {"code": "two_priority", "message": "A second one", "start": 1, "end": 2}
    ]


def test_reading_has_the_spans_and_the_warnings() -> None:
    assert render_reading(TASK) == {
        "spans": [{"kind": "due_date", "start": 9, "end": 14}],
        "warnings": [{"code": "no_such_day", "message": "No such day", "start": 3, "end": 4}],
    }
