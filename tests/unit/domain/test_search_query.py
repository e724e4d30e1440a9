"""Search queries: words of the index, terms of a query, and words that can be corrected."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.search_query import (
    MAX_TERMS,
    SearchTerms,
    Term,
    add_corrections,
    list_correctable_words,
    parse_search,
    split_words,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Buy oat-milk, 2 l!", ["buy", "oat", "milk", "2", "l"]),
        ("#12002: foo_bar() don't", ["12002", "foo", "bar", "don", "t"]),
        # Accents and case.
        ("Café cafe\u0301 NAÏVE", ["cafe", "cafe", "naive"]),
        ("Straße ΣΊΣΥΦΟΣ Łódź", ["strasse", "σισυφοσ", "łodz"]),
        # Compatibility characters.
        ("ﬁne ² Ⅷ", ["fine", "2", "viii"]),
        # Invisible characters within a word.
        ("so\u00adft zero\u200bwidth", ["soft", "zerowidth"]),
        # Scripts without spaces, and symbols.
        ("牛乳buy", ["牛", "乳", "buy"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("한국어", ["한국어"]),
        ("a🥛b 👍🏽", ["a", "🥛", "b", "👍"]),
        ("\ud800 a\x00b", ["a", "b"]),
    ],
)
def test_words_of_text(text: str, words: list[str]) -> None:
    composed = [unicodedata.normalize("NFC", word) for word in split_words(text)]
    assert composed == words


@pytest.mark.parametrize("letter", ["x", "é"])
def test_long_word_is_cut(letter: str) -> None:
    (word,) = split_words(letter * 100)
    assert len(word) == 60


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_text_next_to_other_text_has_the_same_words(text: str) -> None:
    assert split_words(f"{text} é") == [*split_words(text), "e"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_words_are_split_into_themselves(text: str) -> None:
    words = split_words(text)
    assert split_words(" ".join(words)) == words


def find_terms(text: str) -> tuple[list[str], list[str]]:
    """Return the required and the excluded terms. A star marks a prefix."""
    required, excluded = parse_search(text)
    return [show(term) for term in required], [show(term) for term in excluded]


def show(term: Term) -> str:
    return " ".join(term.words) + ("*" if term.is_prefix else "")


@pytest.mark.parametrize(
    ("text", "required", "excluded"),
    [
        ("oat MILK", ["oat*", "milk*"], []),
        ('"oat milk"', ["oat milk"], []),
        ('"oat milk', ["oat milk"], []),
        ("milk -oat", ["milk*"], ["oat"]),
        ('-"milk run" --oat', [], ["milk run", "oat"]),
        ('oat"milk run"rye', ["oat*", "milk run", "rye*"], []),
        ("foo_bar don't", ["foo bar*", "don t*"], []),
        ("牛乳", ["牛 乳*"], []),
        ("milk* AND (oat", ["milk*", "and*", "oat*"], []),
        ("a-b -c-d", ["a b*"], ["c d"]),
    ],
)
def test_terms_of_query(text: str, required: list[str], excluded: list[str]) -> None:
    assert find_terms(text) == (required, excluded)


@pytest.mark.parametrize("text", ["", " ", "!!!", '"', '""', "-", '-"', "\\ %_ <->", "\u202e"])
def test_query_without_words_has_no_terms(text: str) -> None:
    assert parse_search(text) == SearchTerms((), ())


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    required, excluded = parse_search(text)
    assert all(term.words for term in (*required, *excluded))


def test_number_of_terms_is_limited() -> None:
    required, excluded = find_terms(" ".join(f"w{n} -x{n}" for n in range(MAX_TERMS + 1)))
    assert required == [f"w{n}*" for n in range(MAX_TERMS)]
    assert excluded == [f"x{n}" for n in range(MAX_TERMS)]


def test_single_required_words_are_correctable() -> None:
    terms = parse_search('milk Milk biscits "phrase" -excluded foo-bar of x1y 牛乳')
    assert list_correctable_words(terms) == ["milk", "biscits"]


def test_corrections_are_added_to_their_words_only() -> None:
    terms = parse_search('biscits oat "biscits" -biscits')
    corrected = add_corrections(terms, {"biscits": ["biscuits", "biscotti"]})
    found = [term.corrections for term in (*corrected.required, *corrected.excluded)]
    assert found == [("biscuits", "biscotti"), (), (), ()]
    assert add_corrections(corrected, {}) == terms
