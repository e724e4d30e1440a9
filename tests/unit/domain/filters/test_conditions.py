"""Conditions of filters: fields, operators and values."""

import pytest

from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.nodes import (
    AnyOf,
    DateCondition,
    FlagCondition,
    Moment,
    NameCondition,
    Node,
    Not,
    NumberCondition,
    TextCondition,
)
from taskstead.domain.filters.parser import parse_filter

TODAY = Moment("days", 0)
WEEK = Moment("week", 0)
ID = "01a1fbe6-20bc-7000-8e52-ea79cce82543"


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("due=today", DateCondition("due", "=", (TODAY,))),
        ("DUE:TODAY", DateCondition("due", "=", (TODAY,))),
        ("due!=week", Not(DateCondition("due", "=", (WEEK,)))),
        ("due:today..", DateCondition("due", ">=", (TODAY,))),
        ("due:..week", DateCondition("due", "<=", (WEEK,))),
        ("due:week..today", DateCondition("due", "between", (WEEK, TODAY))),
        ("due!=..today", Not(DateCondition("due", "<=", (TODAY,)))),
        (
            "created:today,week",
            AnyOf(
                (DateCondition("created", "=", (TODAY,)), DateCondition("created", "=", (WEEK,)))
            ),
        ),
        ("priority=P3", NumberCondition("priority", "=", (3,))),
        ("priority!=1,2", Not(NumberCondition("priority", "=", (1, 2)))),
        ("priority:..2", NumberCondition("priority", "<=", (2,))),
        ("P5", NumberCondition("priority", "=", (5,))),
        ("number:7..", NumberCondition("number", ">=", (7,))),
        ("number<12", NumberCondition("number", "<", (12,))),
        ("status:TODO", NameCondition("status", ("todo",))),
        ("#Work,Home", NameCondition("category", ("Work", "Home"))),
        ('@"to buy"', NameCondition("tag", ("to buy",))),
        ("tag:a..b", NameCondition("tag", ("a..b",))),
        ("assignee:ME", NameCondition("assignee", (), includes_me=True)),
        ('assignee:"me"', NameCondition("assignee", ("me",))),
        ('assignee:me,"Me"', NameCondition("assignee", ("Me",), includes_me=True)),
        ("assignee:grace@example.com", NameCondition("assignee", ("grace@example.com",))),
        (f"parent:12,{ID}", NameCondition("parent", ("12", ID))),
        ("no:due", Not(FlagCondition("has", "due"))),
        ("HAS:Time", FlagCondition("has", "time")),
        ("oat*", TextCondition("text", "oat", is_prefix=True)),
        ('"oat*"', TextCondition("text", "oat*")),
        ("-oat*", Not(TextCondition("text", "oat", is_prefix=True))),
        ('-"to buy"', Not(TextCondition("text", "to buy"))),
        ("title!=oat*", Not(TextCondition("title", "oat", is_prefix=True))),
        (
            "text:milk,oat",
            AnyOf((TextCondition("text", "milk"), TextCondition("text", "oat"))),
        ),
        ("today!", TextCondition("text", "today!")),
        ("-today", Not(TextCondition("text", "today"))),
        ("p6", TextCondition("text", "p6")),
        ("10:30", TextCondition("text", "10:30")),
        ("-", TextCondition("text", "-")),
        ("*", TextCondition("text", "*")),
    ],
)
def test_conditions(text: str, node: Node) -> None:
    assert parse_filter(text).node == node


@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        ("due:", "bad_value", 4, 4),
        ("due: today", "bad_value", 4, 4),
        ("due:..", "bad_value", 4, 6),
        ("due<today,friday", "bad_value", 4, 16),
        ("due<today..friday", "bad_value", 4, 17),
        ("due>=month", "bad_value", 5, 10),
        ("due:+7", "bad_value", 4, 6),
        ("due:today,soon", "bad_value", 4, 14),
        ('due:"today"', "bad_value", 4, 11),
        ('due:"today".."friday"', "bad_value", 4, 21),
        ('due:2026-12-01,"+7d"', "bad_value", 4, 20),
        ("priority<2,3", "bad_value", 9, 12),
        ("priority:0", "bad_value", 9, 10),
        ("priority:p", "bad_value", 9, 10),
        ("priority:1,3..4", "bad_value", 9, 15),
        ("number:0", "bad_value", 7, 8),
        ("number:p1", "bad_value", 7, 9),
        (f"number:{10**18}", "bad_value", 7, 26),
        ("status:", "bad_value", 7, 7),
        ("#", "bad_value", 1, 1),
        ('tag:""', "bad_value", 4, 6),
        ("tag:a,", "bad_value", 4, 6),
        ("parent:none", "bad_value", 7, 11),
        ("title:", "bad_value", 6, 6),
        ("is:open,done", "bad_value", 3, 12),
        ("has:late", "bad_value", 4, 8),
        ("is=open", "bad_operator", 2, 3),
        ("status>=done", "bad_operator", 6, 8),
        ("title<x", "bad_operator", 5, 6),
        ("größe:3", "unknown_field", 0, 5),
        ("https://example.com", "unknown_field", 0, 5),
    ],
)
def test_errors(text: str, code: str, start: int, end: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    error = caught.value
    assert (error.code, error.start, error.end) == (code, start, end)


@pytest.mark.parametrize(
    "text", ["#R&", "#&D", "due:|today", "@a &", "(#a | )", "title:a&|b", "a && b"]
)
def test_symbol_of_a_name_needs_quotes(text: str) -> None:
    with pytest.raises(FilterError, match="in quotation marks"):
        parse_filter(text)


def test_condition_has_its_position() -> None:
    node = parse_filter("  @home").node
    assert isinstance(node, NameCondition)
    assert (node.start, node.end) == (2, 7)
