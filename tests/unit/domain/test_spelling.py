"""Spelling correction: edit distance, candidate keys and the order of corrections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.spelling import (
    choose_corrections,
    is_spelt,
    list_keys,
    list_spelt_words,
    measure_distance,
)

LETTERS = st.sampled_from("abc")
WORDS = st.text(LETTERS, min_size=3, max_size=12)


@given(WORDS, st.integers(0, 11), LETTERS, st.sampled_from(["insert", "delete", "replace", "swap"]))
def test_word_with_one_error_is_corrected(word: str, at: int, letter: str, kind: str) -> None:
    at %= len(word)
    rest = word[at + 1 :]
    typed = {
        "insert": word[:at] + letter + word[at:],
        "delete": word[:at] + rest,
        "replace": word[:at] + letter + rest,
        "swap": word[:at] + rest[:1] + word[at] + rest[1:],
    }[kind]
    assert list_keys(typed) & list_keys(word)
    assert measure_distance(typed, word, 2) <= 1
    assert choose_corrections(typed, [word]) == [word]


def measure_by_definition(one: str, other: str) -> int:
    """Return the edit distance with transpositions, computed by its definition."""
    if not one or not other:
        return len(one) + len(other)
    costs = [
        measure_by_definition(one[:-1], other) + 1,
        measure_by_definition(one, other[:-1]) + 1,
        measure_by_definition(one[:-1], other[:-1]) + (one[-1] != other[-1]),
    ]
    if len(one) > 1 and len(other) > 1 and (one[-1], one[-2]) == (other[-2], other[-1]):
        costs.append(measure_by_definition(one[:-2], other[:-2]) + 1)
    return min(costs)


@given(st.text(LETTERS, min_size=1, max_size=5), st.text(LETTERS, min_size=1, max_size=5))
def test_distance_is_to_the_nearest_prefix(typed: str, word: str) -> None:
    nearest = min(measure_by_definition(typed, word[:end]) for end in range(len(word) + 1))
    assert measure_distance(typed, word, 2) == min(nearest, 3)


def test_best_corrections_come_first() -> None:
    candidates = ["passage", "passports", "passport", "sport", "passpart"]
    assert choose_corrections("pasport", candidates) == ["passport", "passports"]
    assert choose_corrections("cat", ["cut", "cart", "dog", "coat"]) == ["cut", "cart", "coat"]
    # With the same distance, the word whose length is closest comes first.
    assert choose_corrections("milkk", ["milk", "milks"]) == ["milks", "milk"]
    # A short word is not corrected for two errors.
    assert choose_corrections("milk", ["silo"]) == []
    assert choose_corrections("milkmen", ["milkers"]) == ["milkers"]
    assert len(choose_corrections("aaaa", [f"aaa{letter}" for letter in "bcdefghi"])) == 5


@pytest.mark.parametrize("word", ["oat", "\u043c\u043e\u043b\u043e\u043a\u043e", "a" * 24])
def test_word_of_3_to_24_letters_can_be_corrected(word: str) -> None:
    assert is_spelt(word)


@pytest.mark.parametrize("word", ["", "of", "a" * 25, "x1y", "2026"])
def test_short_word_or_word_with_digits_cannot_be_corrected(word: str) -> None:
    assert not is_spelt(word)


def test_only_the_first_words_of_a_long_text_are_indexed() -> None:
    many = ["".join("abcdefghij"[int(digit)] for digit in str(n)) for n in range(100, 1000)]
    assert list_spelt_words(["oat", "oat", "of", "x1y"], many) == ["oat", *many[:199]]
    assert list_spelt_words(["a" * 24, "a" * 25]) == ["a" * 24]
