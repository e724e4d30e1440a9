"""Items of quick add: which words are items, and what their values are."""

import pytest

from taskstead.domain.quick_add.items import Item, add_item, drop_duplicates, find_item
from taskstead.domain.quick_add.result import QuickAdd
from taskstead.domain.quick_add.words import Word
from tests.unit.domain.quick_add.vectors import make_sentence


def find(text: str) -> Item | None:
    return find_item(Word("plain", text, 0, len(text)), make_sentence(""))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("#Home", "category", "Home"),
        ("@home", "tag", "home"),
        ("+grace", "assignee", "grace"),
        ("+grace@example.com", "assignee", "grace@example.com"),
        ("#1st", "category", "1st"),
        ("p1", "priority", "1"),
        ("P5", "priority", "5"),
        ("^12", "parent", "12"),
        ("!30m", "reminder", "-PT30M"),
        ("!2H", "reminder", "-PT2H"),
        ("!1d", "reminder", "-P1D"),
        ("!1w", "reminder", "-P1W"),
        ("!8:00", "reminder", "08:00"),
        ("!5pm", "reminder", "17:00"),
        ("!noon", "reminder", "12:00"),
    ],
)
def test_word_with_a_sign_is_an_item(text: str, kind: str, value: str) -> None:
    assert find(text) == (kind, value)


@pytest.mark.parametrize(
    "text",
    [
        *("#", "#123", "#1.5", "+49", "+49-170", "@12:30", "##a", "@@", "+5%", "p0", "p6", "p12"),
        *("^0", "^x", "^1234567890", "!", "!30", "!30x", "!25:00", "!at", "wow!", "a#b"),
    ],
)
def test_other_words_are_text(text: str) -> None:
    assert find(text) is None


@pytest.mark.parametrize("kind", ["literal", "escaped"])
def test_protected_word_is_text(kind: str) -> None:
    assert find_item(Word(kind, "#Home", 0, 5), make_sentence("")) is None  # type: ignore[arg-type]


def test_quoted_name_may_be_a_number() -> None:
    assert find_item(Word("name", "#2027", 0, 7), make_sentence("")) == ("category", "2027")


def test_second_category_is_an_error_and_the_first_is_used() -> None:
    task = QuickAdd()
    add_item(task, Item("category", "Home"), Word("plain", "#Home", 0, 5))
    add_item(task, Item("category", "Work"), Word("plain", "#Work", 6, 11))
    assert task.category == "Home"
    assert [(error.code, error.start, error.end) for error in task.errors] == [
        ("two_category", 6, 11)
    ]


def test_parent_and_priority_are_numbers() -> None:
    task = QuickAdd()
    add_item(task, Item("parent", "12"), Word("plain", "^12", 0, 3))
    add_item(task, Item("priority", "2"), Word("plain", "p2", 4, 6))
    assert (task.parent, task.priority) == (12, 2)


def test_duplicates_differ_only_in_case() -> None:
    assert drop_duplicates(["Home", "work", "home", "WORK"]) == ["Home", "work"]
