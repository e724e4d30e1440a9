"""The `sort` parameter of task listings."""

import pytest

from taskstead.domain.sorting import MAX_SORT_KEYS, SORT_KEYS, parse_sort


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title", [("title", False)]),
        ("-priority,due_date", [("priority", True), ("due_date", False)]),
        (" number , -title ", [("number", False), ("title", True)]),
    ],
)
def test_keys_have_a_direction(text: str, expected: list[tuple[str, bool]]) -> None:
    assert list(parse_sort(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "title,",
        "Title",
        "description",
        "--title",
        "- title",
        "title,title",
        "title,-title",
    ],
)
def test_unknown_or_repeated_key_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="sort keys"):
        parse_sort(text)


def test_number_of_keys_is_limited() -> None:
    assert len(parse_sort(",".join(SORT_KEYS[:MAX_SORT_KEYS]))) == MAX_SORT_KEYS
    with pytest.raises(ValueError, match="sort keys"):
        parse_sort(",".join(SORT_KEYS[: MAX_SORT_KEYS + 1]))
