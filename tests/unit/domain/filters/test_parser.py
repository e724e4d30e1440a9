"""The parser of filters: the shared vectors, round trips, errors and limits."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.nodes import AllOf, AnyOf, FlagCondition, Node, Not, Span
from taskstead.domain.filters.parser import MAX_LENGTH, parse_filter
from taskstead.domain.filters.resolution import resolve_filter
from tests.harness.filter_notation import make_notation, write_filter
from tests.unit.domain.filters.strategies import TREES

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "data" / "filters.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
OPEN = FlagCondition("is", "open")
DONE = FlagCondition("is", "done")
# Characters with a meaning, so that random text often contains tokens.
SYNTAX = st.lists(
    st.one_of(
        st.sampled_from(list('()|&!#@-:=<>,."\\* ')),
        st.sampled_from(["due", "is", "no", "not", "or", "and", "tag", "today", "week", "p1", "x"]),
        st.characters(),
    ),
    max_size=30,
).map("".join)


def get_error(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    return caught.value


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["text"])
def test_vectors(vector: dict[str, Any]) -> None:
    now = datetime.fromisoformat(vector["now"])
    if "error" in vector:
        error = get_error(vector["text"])
        found = {"code": error.code, "start": error.start, "end": error.end}
        assert found == vector["error"]
    else:
        node = parse_filter(vector["text"]).node
        resolved = resolve_filter(node, now, ZoneInfo(vector["time_zone"]))
        assert make_notation(resolved) == vector["ast"]


@given(TREES)
def test_written_tree_is_parsed_to_the_same_tree(node: Node) -> None:
    text = write_filter(node)
    assume(len(text) <= MAX_LENGTH)
    assert parse_filter(text).node == node


def list_positions(text: str) -> tuple[list[int], list[int]]:
    """Return the start and end of an error, if any, and of each span."""
    try:
        spans = parse_filter(text).spans
        at_error = []
    except FilterError as error:
        spans = error.spans
        at_error = [error.start, error.end]
    return at_error, [position for span in spans for position in (span.start, span.end)]


@given(SYNTAX)
def test_positions_of_errors_and_spans_are_in_the_text(text: str) -> None:
    at_error, at_spans = list_positions(text)
    assert at_error == sorted(at_error)
    assert at_spans == sorted(at_spans)
    assert set(at_error + at_spans) <= set(range(len(text) + 1))


@given(SYNTAX)
def test_parentheses_do_not_change_a_filter(text: str) -> None:
    try:
        node = parse_filter(text).node
        parenthesised = parse_filter(f"({text})").node
    except FilterError:
        return
    assert parenthesised == node


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("is:open is:done", AllOf((OPEN, DONE))),
        ("is:open&is:done", AllOf((OPEN, DONE))),
        ("is:open|is:done", AnyOf((OPEN, DONE))),
        ("is:open OR is:done is:open", AnyOf((OPEN, AllOf((DONE, OPEN))))),
        ("(is:open or is:done) is:open", AllOf((AnyOf((OPEN, DONE)), OPEN))),
        ("is:open (is:open is:done)", AllOf((OPEN, AllOf((OPEN, DONE))))),
        ("!(is:open)is:done", AllOf((Not(OPEN), DONE))),
        ("!!is:open", Not(Not(OPEN))),
        ("IS:Open", OPEN),
        (" \t\n", AllOf(())),
    ],
)
def test_operators(text: str, node: Node) -> None:
    assert parse_filter(text).node == node


@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        ("(", "unexpected_end", 1, 1),
        ("()", "unexpected_token", 1, 2),
        ("not", "unexpected_end", 3, 3),
        ("(today or) p1", "unexpected_token", 9, 10),
        ("today & | p1", "unexpected_token", 8, 9),
        ("((today)", "unclosed_parenthesis", 0, 1),
        ('p1 prio<3 "', "unknown_field", 3, 7),
        ("due <3", "unexpected_token", 4, 5),
        ("-due:today", "unexpected_token", 0, 1),
        ("-(today)", "unexpected_token", 0, 1),
        ('p1 tag:"Home', "unclosed_quote", 3, 12),
    ],
)
def test_errors(text: str, code: str, start: int, end: int) -> None:
    error = get_error(text)
    assert (error.code, error.start, error.end) == (code, start, end)


def test_positions_count_code_points() -> None:
    error = get_error("🥛 due:soon")
    assert (error.start, error.end) == (6, 10)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("today )", {"and", "or"}),
        ("(today", {")"}),
        ("prio<3", {"priority", "due", "has"}),
        ("is:late", {"overdue", "open"}),
        ("tag<home", {":", "=", "!="}),
        ("due:soon", {"today", "friday", "week"}),
    ],
)
def test_error_lists_what_is_allowed(text: str, allowed: set[str]) -> None:
    assert allowed <= set(get_error(text).expected)


def test_spans_cover_conditions_and_operators() -> None:
    text = "not (today or #Work) -gym"
    assert parse_filter(text).spans == (
        Span("operator", 0, 3),
        Span("parenthesis", 4, 5),
        Span("due", 5, 10),
        Span("operator", 11, 13),
        Span("category", 14, 19),
        Span("parenthesis", 19, 20),
        Span("text", 21, 25),
    )


def test_error_has_the_spans_before_it() -> None:
    assert get_error("today or due:soon").spans == (Span("due", 0, 5), Span("operator", 6, 8))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1000,
        "p1 " * 50,
        "(" * 10 + "p1" + ")" * 10,
        "not " * 10 + "p1",
        "(p1) " * 50,
        f"due:{','.join(['today'] * 50)}",
    ],
)
def test_filters_at_the_limits_are_accepted(text: str) -> None:
    assert parse_filter(text).spans


@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        ("x" * 1001, "too_long", 1000, 1001),
        ("p1 " * 51, "too_many_conditions", 150, 152),
        ("(" * 11 + "p1" + ")" * 11, "too_deep", 10, 11),
        ("!" * 11 + "p1", "too_deep", 10, 11),
        (f"due:{','.join(['today'] * 51)}", "too_many_conditions", 0, 309),
    ],
)
def test_filters_over_the_limits_are_rejected(text: str, code: str, start: int, end: int) -> None:
    error = get_error(text)
    assert (error.code, error.start, error.end) == (code, start, end)
