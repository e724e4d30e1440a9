"""References to tasks."""

from io import StringIO

import pytest

from taskstead.client.addresses import parse_address
from taskstead.client.errors import UsageFault
from taskstead.client.references import is_reference, parse_reference, parse_references

SERVER = parse_address("https://example.org/tasks")
ID = "01a1fbe6-20bc-7000-8e52-ea79cce82543"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("12", 12),
        (" 12 ", 12),
        (ID, ID),
        (ID.upper(), ID),
        ("https://example.org/tasks/t/12", 12),
        ("https://EXAMPLE.org:443/tasks/t/12/?view=list#x", 12),
        (f"https://example.org/tasks/t/{ID}", ID),
    ],
)
def test_reference_is_read(text: str, reference: int | str) -> None:
    assert parse_reference(text, SERVER) == reference


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "-1", "012", "1.5", "milk", "#12", "9" * 19, "٣", ID.replace("-", ""), ID[:-1]),
        "http://example.org/tasks/t/12",
        "https://example.com/tasks/t/12",
        "https://example.org/tasks/t/milk",
        "https://example.org/tasks/c/12",
    ],
)
def test_other_text_is_no_reference(text: str) -> None:
    with pytest.raises(UsageFault):
        parse_reference(text, SERVER)


@pytest.mark.parametrize(("text", "is_so"), [("12", True), (ID, True), ("12.gz", False)])
def test_form_of_a_reference_is_detected(text: str, *, is_so: bool) -> None:
    assert is_reference(text) == is_so


def test_references_are_read_from_stdin_once_each() -> None:
    lines = StringIO("3\tBuy milk\n\n1\n3\n")
    assert parse_references(["2", "-", "2"], SERVER, lines) == [2, 3, 1]
