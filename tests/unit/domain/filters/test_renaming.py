"""Renaming of categories and tags in filters."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.nodes import AllOf, AnyOf, NameCondition, Node, Not
from taskstead.domain.filters.parser import MAX_LENGTH, parse_filter
from taskstead.domain.filters.renaming import (
    LabelField,
    list_label_names,
    make_label_key,
    make_label_keys,
    rename_label,
    write_value,
)
from taskstead.domain.names import make_name_key
from tests.harness.filter_notation import write_filter
from tests.unit.domain.filters.strategies import TREES

NEW_NAMES = st.text(min_size=1, max_size=8).filter(make_name_key)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Work", "#Job"),
        ("#work today", "#Job today"),
        ("overdue or (#WORK and p1)", "overdue or (#Job and p1)"),
        ('#"Work"', "#Job"),
        ('#W"or"k', "#Job"),
        ("category:work", "category:Job"),
        ("CATEGORY=Work", "CATEGORY=Job"),
        ("category!=work", "category!=Job"),
        ("category:Home,work,Garden", "category:Home,Job,Garden"),
        ('#"a, b",work', '#"a, b",Job'),
        ("!#work  @x", "!#Job  @x"),
        ("#work|#work", "#Job|#Job"),
    ],
)
def test_category_is_renamed_in_each_notation(text: str, expected: str) -> None:
    assert rename_label(text, "category", "Work", "Job") == expected


@pytest.mark.parametrize(
    "text",
    ["", "work", '"#work"', "@work", "tag:work", "#workshop", "title:work", '-"work"', "#Home"],
)
def test_other_conditions_are_not_renamed(text: str) -> None:
    assert rename_label(text, "category", "Work", "Job") == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("@work", "@Job"), ("tag:a,work", "tag:a,Job"), ("tag!=WORK #work", "tag!=Job #work")],
)
def test_tag_is_renamed_in_each_notation(text: str, expected: str) -> None:
    assert rename_label(text, "tag", "work", "Job") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Büro", "Büro"),
        ("R-2_d2", "R-2_d2"),
        ("=x", "=x"),
        ("a\\b", "a\\b"),
        ("Deep work", '"Deep work"'),
        ("a,b", '"a,b"'),
        ("a&b", '"a&b"'),
        ("(x)", '"(x)"'),
        ('say "hi"', '"say \\"hi\\""'),
        ('\\"', '"\\\\\\""'),
    ],
)
def test_name_is_quoted_if_it_needs_it(name: str, expected: str) -> None:
    assert write_value(name) == expected


def test_text_that_would_be_too_long_is_unchanged() -> None:
    text = "@work " + "x" * (MAX_LENGTH - 7)
    assert rename_label(text, "tag", "work", "longer") == text


def test_text_of_the_maximum_length_is_renamed() -> None:
    text = "@work " + "x" * (MAX_LENGTH - 8)
    renamed = rename_label(text, "tag", "work", "longer")
    assert renamed == "@longer " + "x" * (MAX_LENGTH - 8)


def test_names_are_listed_in_order() -> None:
    text = '#Work (tag:a,"b c" or not @d) title:x category!=Home'
    assert list_label_names(text, "tag") == ["a", "b c", "d"]


def test_keys_contain_each_label_once() -> None:
    keys = make_label_keys("#Work or @HOME or @home,x or title:y")
    assert keys == "\n#work\n\n@home\n\n@x\n"


def test_filter_without_labels_has_no_keys() -> None:
    assert make_label_keys("overdue or work") == ""


@pytest.mark.parametrize(
    ("field", "name", "expected"),
    [("category", "Büro", "\n#büro\n"), ("tag", "HOME", "\n@home\n")],
)
def test_key_of_a_label(field: LabelField, name: str, expected: str) -> None:
    assert make_label_key(field, name) == expected


def rename_in_tree(node: Node, field: LabelField, old: str, new: str) -> Node:
    match node:
        case AllOf(parts):
            return AllOf(tuple(rename_in_tree(part, field, old, new) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(rename_in_tree(part, field, old, new) for part in parts))
        case Not(part):
            return Not(rename_in_tree(part, field, old, new))
        case NameCondition(field=of) if of == field:
            key = make_name_key(old)
            values = tuple(new if make_name_key(one) == key else one for one in node.values)
            return replace(node, values=values)
    return node


@given(tree=TREES, field=st.sampled_from(["category", "tag"]), new=NEW_NAMES, data=st.data())
def test_only_the_name_changes(
    tree: Node, field: LabelField, new: str, data: st.DataObject
) -> None:
    text = write_filter(tree)
    try:
        node = parse_filter(text).node
    except FilterError:
        assume(False)  # noqa: FBT003 - the random tree is too large
        raise
    names = list_label_names(text, field)
    old = data.draw(st.sampled_from(names) if names else st.just("work"))
    renamed = parse_filter(rename_label(text, field, old, new)).node
    assert renamed == rename_in_tree(node, field, old, new)
