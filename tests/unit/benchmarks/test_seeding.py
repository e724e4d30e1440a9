"""Checks of a server before a benchmark."""

from benchmarks.seeding import list_fields


def test_responses_are_compared_by_fields_not_by_values() -> None:
    one = {"items": [{"a": 1, "b": None}], "next_cursor": "x"}
    same = {"next_cursor": None, "items": [{"b": {"c": 1}, "a": [2, 3]}]}

    assert list_fields(one) == {"/items", "/items[1]", "/items/a", "/items/b", "/next_cursor"}
    assert list_fields(one) == list_fields(same)
    assert list_fields({"items": []}) == {"/items", "/items[0]"}
