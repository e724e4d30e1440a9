"""Tasks as text for an editor."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.cli.client.editing import find_changes, parse_text, render_task
from taskstead.client.errors import ClientError

TASK: dict[str, Any] = {
    "title": "Buy oat milk",
    "due_date": "2026-12-01",
    "priority": 2,
    "category": {"id": "1", "name": "Household"},
    "tags": ["errand", "now, or later"],
    "parent": None,
    "description": "Two litres.\n\nNot sweet.",
}
TEXT = """title: Buy oat milk
due: 2026-12-01
priority: 2
category: Household
tags: errand, now\\, or later
parent:

Two litres.

Not sweet.
"""
NAME = st.text(min_size=1).filter(lambda text: text == text.strip() and text.isprintable())


def test_task_is_shown_as_text() -> None:
    assert render_task(TASK) == TEXT


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("Buy oat milk", "Buy milk", {"title": "Buy milk"}),
        ("due: 2026-12-01", "due:", {"due_date": None, "due_time_zone": None}),
        ("due: 2026-12-01\n", "", {}),
        ("priority: 2", "priority: 1", {"priority": 1}),
        ("priority: 2", "priority: high", {"priority": "high"}),
        ("priority: 2", "Priority:", {"priority": 3}),
        ("category: Household", "category:", {"category": None}),
        ("errand, now\\, or later", "now\\, or later, errand", {}),
        ("errand, now\\, or later", "home", {"tags": ["home"]}),
        ("parent:", "parent: 12", {"parent": 12}),
        ("Two litres.", "One litre.", {"description": "One litre.\n\nNot sweet."}),
        ("Not sweet.\n", "Not sweet.\n\n\n", {}),
    ],
)
def test_edited_text_gives_the_changes(old: str, new: str, changes: dict[str, Any]) -> None:
    assert old in TEXT
    assert find_changes(TASK, parse_text(TEXT.replace(old, new))) == changes


@pytest.mark.parametrize("line", ["colour: red", "no field", "# a comment"])
def test_unknown_line_is_reported_with_the_text(line: str) -> None:
    with pytest.raises(ClientError, match="Not saved:") as raised:
        parse_text(f"title: x\n{line}\n\ntext")
    assert raised.value.exit_code == 7


@given(title=NAME, category=NAME, tags=st.lists(NAME, unique=True), description=st.text())
def test_unchanged_text_gives_no_changes(
    title: str, category: str, tags: list[str], description: str
) -> None:
    texts = {"title": title, "tags": tags, "description": description.replace("\r", "")}
    task = {**TASK, **texts, "category": {"name": category}}
    assert find_changes(task, parse_text(render_task(task))) == {}
