"""Preferences: their JSON text, and merge patches (RFC 7396)."""

from typing import Any

import pytest

from taskstead.errors import ValidationFailedError
from taskstead.formats.json.preferences import check_depth, encode_preferences, merge_patch


# The cases of RFC 7396, appendix A, whose target and patch are objects.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_follows_the_standard(
    target: dict[str, Any], patch: dict[str, Any], result: dict[str, Any]
) -> None:
    assert merge_patch(target, patch) == result


def test_merge_patch_leaves_its_arguments_unchanged() -> None:
    target = {"a": {"b": 1}}
    merge_patch(target, {"a": {"b": 2}})
    assert target == {"a": {"b": 1}}


def test_text_is_compact_and_keeps_the_order() -> None:
    assert encode_preferences({"b": "é", "a": [1, 0.5]}) == '{"b":"é","a":[1,0.5]}'


def test_too_deep_object_is_rejected() -> None:
    value: dict[str, Any] = {}
    for _ in range(10):
        value = {"a": value}
    with pytest.raises(ValidationFailedError):
        check_depth(value)
