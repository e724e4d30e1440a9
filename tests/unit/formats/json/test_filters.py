"""JSON of the check of a filter."""

from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.nodes import FilterWarning, Span
from taskstead.formats.json.filters import render_check
from taskstead.services.filters import FilterCheck


def test_valid_filter() -> None:
    warning = FilterWarning("unknown_tag", "There is no tag.", 0, 5)
    assert render_check(FilterCheck([Span("tag", 0, 5)], None, [warning])) == {
        "spans": [{"kind": "tag", "start": 0, "end": 5}],
        "errors": [],
        "warnings": [{"code": "unknown_tag", "message": "There is no tag.", "start": 0, "end": 5}],
    }


def test_error() -> None:
    error = FilterError("bad_operator", "Not this.", 3, 4, expected=[":"])
    assert render_check(FilterCheck([], error, [])) == {
        "spans": [],
        "errors": [
            {
                "code": "bad_operator",
                "message": "Not this.",
                "start": 3,
                "end": 4,
                "expected": [":"],
            }
        ],
        "warnings": [],
    }
