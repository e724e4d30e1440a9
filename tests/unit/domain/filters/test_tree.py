"""Questions about the tree of a filter."""

import pytest

from taskstead.domain.filters.nodes import FlagCondition, NumberCondition
from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.tree import list_conditions, mentions_trash


def test_conditions_are_listed_in_order() -> None:
    node = parse_filter("is:open (p1 or not is:done)").node
    assert list(list_conditions(node)) == [
        FlagCondition("is", "open"),
        NumberCondition("priority", "=", (1,)),
        FlagCondition("is", "done"),
    ]


@pytest.mark.parametrize(
    ("text", "is_mentioned"),
    [
        ("is:trashed", True),
        ("p1 or not is:trashed", True),
        ("trashed", False),
        ("title:trashed is:open", False),
        ("", False),
    ],
)
def test_trash_is_mentioned_by_its_condition_only(text: str, *, is_mentioned: bool) -> None:
    assert mentions_trash(parse_filter(text).node) is is_mentioned
