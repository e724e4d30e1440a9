"""Splitting of texts: quotations, backslashes, URLs and descriptions."""

from typing import ClassVar, SupportsIndex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.quick_add.words import split_text


def list_words(text: str) -> list[tuple[str, str]]:
    return [(word.kind, word.text) for word in split_text(text).words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b\tc\nd\u00a0e", [("plain", letter) for letter in "abcde"]),
        (r"\tomorrow \\x \ x\y", [
            ("escaped", "tomorrow"), ("escaped", r"\x"), ("plain", "\\"), ("plain", r"x\y"),
        ]),
        ('"a b" c', [("literal", '"a b"'), ("plain", "c")]),
        ('"a b"s, c', [("literal", '"a b"s,'), ("plain", "c")]),
        ('("a b") c', [("literal", '("a b")'), ("plain", "c")]),
        ("„a b“ “c d” «e f» »g h«", [
            ("literal", "„a b“"), ("literal", "“c d”"), ("literal", "«e f»"), ("literal", "»g h«"),
        ]),
        ('"a b', [("plain", '"a'), ("plain", "b")]),
        ('5" b"', [("plain", '5"'), ("plain", 'b"')]),
        ('#"a b" @“c d” +"e"', [("name", "#a b"), ("name", "@c d"), ("name", "+e")]),
        ('#"a"s #""', [("literal", '#"a"s'), ("literal", '#""')]),
        ("https://example.com/#a", [("literal", "https://example.com/#a")]),
    ],
)  # fmt: skip
def test_text_is_split_into_words(text: str, words: list[tuple[str, str]]) -> None:
    assert list_words(text) == words


def test_positions_are_those_of_the_text() -> None:
    (word,) = split_text("  \\tomorrow ").words
    assert (word.start, word.end) == (2, 11)


@pytest.mark.parametrize(
    ("text", "description"),
    [("a // b  #c ", "b  #c"), ("a //", ""), ("a //b", ""), (r"a \// b", ""), ('"a // b"', "")],
)
def test_description_follows_two_slashes(text: str, description: str) -> None:
    assert split_text(text).description == description


def test_unclosed_name_is_an_error_up_to_the_end() -> None:
    (error,) = split_text('a #"b c  ').errors
    assert (error.code, error.start, error.end) == ("unclosed_quote", 3, 7)


@given(st.text())
def test_words_are_the_text_without_white_space(text: str) -> None:
    split = split_text(text)
    parts = [text[word.start : word.end] for word in split.words]
    if split.description_start is None and not split.errors:
        assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part.strip() == part != "" for part in parts)


class CountedText(str):
    """A text that counts the accesses to its characters."""

    __slots__ = ()
    accesses: ClassVar[int] = 0

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        CountedText.accesses += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("word", ["„a", '"a', '#"a b" ', "«a", "»a« ", '("'])
def test_number_of_steps_is_linear(word: str) -> None:
    text = CountedText(f"{word} " * 600)
    CountedText.accesses = 0
    split_text(text)
    assert CountedText.accesses < 3 * len(text)
