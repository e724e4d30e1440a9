"""Types of text fields: lengths, whitespace, and characters that cannot be displayed."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from taskstead.schemas.text import (
    CategoryName,
    Color,
    Description,
    Label,
    Language,
    PersonName,
    TagName,
    TimeZone,
    Title,
    Uuid,
)

NAMES: dict[str, Any] = {
    "category": CategoryName,
    "tag": TagName,
    "person": PersonName,
    "label": Label,
}
LINES: dict[str, Any] = {"title": Title, **NAMES}
LENGTHS = {"title": 500, "category": 200, "tag": 100, "person": 200, "label": 200}


def validate(kind: Any, text: str) -> str:
    value: str = TypeAdapter(kind).validate_python(text)
    return value


def find_error(kind: Any, text: str) -> str:
    """Return the code of the error of an invalid text."""
    with pytest.raises(ValidationError) as caught:
        validate(kind, text)
    return caught.value.errors()[0]["type"]


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("character", ["x", "ß", "字", "🥛", "\u0301"])
def test_length_is_counted_in_characters(name: str, character: str) -> None:
    longest = character * LENGTHS[name]
    assert validate(LINES[name], longest) == longest
    assert find_error(LINES[name], longest + character) == "string_too_long"


def test_longest_description() -> None:
    assert validate(Description, "🥛" * 100_000) == "🥛" * 100_000
    assert find_error(Description, "x" * 100_001) == "string_too_long"


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000\u00a0\u2003"])
def test_whitespace_alone_is_rejected(name: str, text: str) -> None:
    assert find_error(LINES[name], text) == "string_too_short"


@pytest.mark.parametrize("name", LINES)
def test_surrounding_whitespace_is_removed_before_counting(name: str) -> None:
    longest = "x" * LENGTHS[name]
    assert validate(LINES[name], f" \u3000\n{longest}\u00a0\t ") == longest


def test_whitespace_of_a_description_is_kept() -> None:
    assert validate(Description, " a\r\n\n") == " a\r\n\n"


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize(
    "text",
    [
        "\u200b",
        "\ufe0f",
        "\u202a \u202c",
        "\u200d\u2060",
        "\U000e0041",
        "\u3164",
        "\ufe0f \u2066\u2069",
    ],
)
def test_invisible_text_is_rejected(name: str, text: str) -> None:
    assert find_error(LINES[name], text) == "invisible_text"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\x1bb", "a\x7fb", "a\x85b", "a\u2028b"])
def test_control_character_in_a_name_is_rejected(name: str, text: str) -> None:
    assert find_error(NAMES[name], text) == "control_character"


def test_control_characters_are_allowed_in_other_texts() -> None:
    text = "tab\tand\x01\x1f\x7fcontrols"
    assert validate(Title, text) == validate(Description, text) == text


def test_title_of_control_characters_is_rejected() -> None:
    assert find_error(Title, "\x01\x02") == "invisible_text"


@pytest.mark.parametrize("name", [*LINES, "description"])
@pytest.mark.parametrize(
    ("text", "code"), [("a\x00b", "nul_character"), ("a\ud800b", "string_unicode")]
)
def test_nul_and_lone_surrogates_are_rejected(name: str, text: str, code: str) -> None:
    assert find_error({**LINES, "description": Description}[name], text) == code


@pytest.mark.parametrize("text", ["#000000", "#aBcDeF"])
def test_color_has_six_hexadecimal_digits(text: str) -> None:
    assert validate(Color, text) == text


@pytest.mark.parametrize("text", ["", "red", "#fff", "123456", "#12345g", "#1234567", "#123456\n"])
def test_other_notation_of_a_color_is_rejected(text: str) -> None:
    assert find_error(Color, text) == "string_pattern_mismatch"


@pytest.mark.parametrize("text", ["Europe/Berlin", "Etc/UTC", "Pacific/Kiritimati"])
def test_time_zone_is_a_name_of_the_iana_database(text: str) -> None:
    assert validate(TimeZone, text) == text


@pytest.mark.parametrize("text", ["", "Berlin", "europe/berlin", "localtime", "../UTC", "Europe"])
def test_unknown_time_zone_is_rejected(text: str) -> None:
    assert find_error(TimeZone, text) == "time_zone"


@pytest.mark.parametrize("text", ["en", "de"])
def test_language_has_a_word_file(text: str) -> None:
    assert validate(Language, text) == text


@pytest.mark.parametrize("text", ["", "EN", "tlh", "../en", "en.json"])
def test_unknown_language_is_rejected(text: str) -> None:
    assert find_error(Language, text) == "language"


@pytest.mark.parametrize(
    "text", ["01A1FBE6-20BC-7000-8E52-EA79CCE82543", "01a1fbe620bc70008e52ea79cce82543"]
)
def test_uuid_is_returned_in_canonical_form(text: str) -> None:
    assert validate(Uuid, text) == "01a1fbe6-20bc-7000-8e52-ea79cce82543"
