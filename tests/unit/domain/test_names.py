"""Names and titles: keys of equality, keys of alphabetical order, and classes of characters."""

# ruff: noqa: RUF001 - letters that look alike are part of the matter

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.names import (
    CONTROL_CHARACTER,
    VISIBLE_CHARACTER,
    make_name_columns,
    make_name_key,
    make_sort_key,
)

# The web app runs the same vectors.
_LINES = (Path(__file__).parents[2] / "data/names.jsonl").read_text().splitlines()
VECTORS = [pytest.param(json.loads(line), id=str(n)) for n, line in enumerate(_LINES)]
SAME = [
    ("Home", "hOME"),
    ("straße", "STRASSE"),
    ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
    ("ﬁne", "fine"),
    ("✅", "✅\ufe0f"),
    ("❤\ufe0f", "❤\ufe0e"),
    ("Home", "\u200bhome\u2060"),
    ("Home", "\u202ahome \u202c"),
    ("soft", "so\u00adft"),
    ("Café", "cafe\u0301\ufeff"),
    ("end", "end\u200d"),
]
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
DIFFERENT = [
    ("Apfel", "Äpfel"),
    ("a b", "a  b"),
    ("i", "ı"),
    # Flags of England and Scotland; a family and three people; a word with a non-joiner and
    # without.
    ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", SCOTLAND),
    ("👨\u200d👩\u200d👧", "👨👩👧"),
    ("می\u200cخواهم", "میخواهم"),
]
ORDERED = [
    "apfel",
    "Äpfel",
    "Apfelmus",
    "éclair",
    "Eis",
    "Łódź",
    "Löffel",
    "Œuvre",
    "ofen",
    "Zebra",
]


@pytest.mark.parametrize("vector", VECTORS)
def test_vector_has_the_expected_keys(vector: dict[str, str]) -> None:
    keys = make_name_key(vector["text"]), make_sort_key(vector["text"])
    assert keys == (vector["name_key"], vector["sort_key"])


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_look_the_same_have_one_key(one: str, other: str) -> None:
    assert make_name_key(one) == make_name_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_that_look_different_have_two_keys(one: str, other: str) -> None:
    assert make_name_key(one) != make_name_key(other)


@pytest.mark.parametrize("name", ["", "\u200b", "\u200d\u2060"])
def test_name_without_visible_characters_equals_itself_only(name: str) -> None:
    assert make_name_key(name) == name


@pytest.mark.parametrize("name", ["Äpfel", "한국어", "がぎ", "ﬁne", "Ångström", "İstanbul"])
def test_normalisation_forms_have_the_same_keys(name: str) -> None:
    forms = [unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    assert len({tuple(make_name_columns(form).values()) for form in forms}) == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_has_the_same_keys_in_all_forms(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert make_name_columns(decomposed) == make_name_columns(text)


@pytest.mark.parametrize(
    "texts",
    [
        ORDERED,
        # A prefix comes first, even with an accent.
        ["e", "é", "ea"],
        # Vowel signs and the virama are not accents.
        ["क", "का", "कु", "क्", "खा"],
        # Syllables sort after their letters.
        ["가", "가나", "각", "개"],
    ],
    ids=["Latin", "prefix", "Devanagari", "Hangul"],
)
def test_sort_keys_are_in_alphabetical_order(texts: list[str]) -> None:
    found = texts[::-1]
    found.sort(key=make_sort_key)
    assert found == texts


@pytest.mark.parametrize("text", ["x", "é", "\ufdfa", "🥛"])
def test_sort_key_has_a_bounded_length(text: str) -> None:
    assert 300 <= len(make_sort_key(text * 500)) <= 401


@pytest.mark.parametrize("character", [*"\x00\t\n\x1b\x7f\x85\u2028\u2029"])
def test_control_character_is_detected(character: str) -> None:
    assert CONTROL_CHARACTER.search(f"a{character}b")


@pytest.mark.parametrize("text", ["a b", "\u00a0", "\u200d", "e\u0301", "🥛"])
def test_other_characters_are_no_control_characters(text: str) -> None:
    assert not CONTROL_CHARACTER.search(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " \u00a0\u3000", "\x01\x02", "\u200b", "\ufe0f", "\u202a \u202c", "\u200d\u2060"),
        *("\U000e0041", "\u3164", "\u2066\u2069"),
    ],
)
def test_invisible_text_has_no_visible_character(text: str) -> None:
    assert not VISIBLE_CHARACTER.search(text)


@pytest.mark.parametrize("text", ["x", ".", "\u200b字\u200b", "🥛\ufe0f", "\u0301"])
def test_visible_character_is_detected(text: str) -> None:
    assert VISIBLE_CHARACTER.search(text)
