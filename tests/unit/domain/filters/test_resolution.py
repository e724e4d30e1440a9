"""Resolution of filters."""

from datetime import UTC, datetime

import pytest

from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.resolution import resolve_filter
from tests.harness.filter_notation import make_notation
from tests.harness.filter_vectors import DATA, make_vectors

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("due:week", ["due", "between", ["2026-11-23", "2026-11-29"]]),
        ("due:..week", ["due", "<=", "2026-11-29"]),
        ("due:week..", ["due", ">=", "2026-11-23"]),
        ("due:week..month", ["due", "between", ["2026-11-23", "2026-11-30"]]),
        ("due:last-month..today", ["due", "between", ["2026-10-01", "2026-11-25"]]),
        ("due!=week", ["not", ["due", "between", ["2026-11-23", "2026-11-29"]]]),
        ("due>+2h", ["due", ">", "2026-11-25T11:00:00"]),
    ],
)
def test_resolved_conditions(text: str, condition: list[object]) -> None:
    resolved = resolve_filter(parse_filter(text).node, NOW, UTC)
    assert make_notation(resolved) == condition


def test_resolved_condition_keeps_its_position() -> None:
    resolved = resolve_filter(parse_filter(" due:today").node, NOW, UTC)
    assert (resolved.start, resolved.end) == (1, 10)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["filter-tasks.jsonl", "filter-results.jsonl"])
def test_vectors_have_the_results_of_the_oracle(name: str) -> None:
    assert (DATA / name).read_text(encoding="utf-8") == make_vectors()[name]
