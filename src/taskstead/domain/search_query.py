"""Search: splitting text into words, and parsing of search queries.

SQLite and PostgreSQL index the words that this module produces, so a search finds the same tasks on
both. Words are case-folded and have no accents. Some scripts, such as Chinese, have no spaces
between words. Each character of these scripts is a separate word, and so is each symbol, such as an
emoji. A sequence of such characters in a query is a phrase.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from taskstead.domain.spelling import is_spelt

_MAX_WORD_LENGTH = 60
MAX_TERMS = 30
# Scripts without spaces: Thai to Myanmar, Khmer, Kana and Bopomofo, CJK ideographs.
_UNSPACED_CHARACTER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ASCII_WORD = re.compile("[a-z0-9]+")
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


class Term(NamedTuple):
    """A term of a search: consecutive words.

    Attributes:
        words: the words.
        is_prefix: whether the last word matches all words that begin with it.
        corrections: spelling corrections of the word. Any of them matches too.
    """

    words: tuple[str, ...]
    is_prefix: bool
    corrections: tuple[str, ...] = ()


class SearchTerms(NamedTuple):
    """A parsed search. All ``required`` terms and none of the ``excluded`` terms must match."""

    required: tuple[Term, ...]
    excluded: tuple[Term, ...]


def split_words(text: str) -> list[str]:
    """Split text into the words of the search index."""
    if text.isascii():
        # Fast path for ASCII: the same result in about a tenth of the time.
        return [word[:_MAX_WORD_LENGTH] for word in _ASCII_WORD.findall(text.lower())]
    words: list[str] = []
    word_characters: list[str] = []

    def finish_word() -> None:
        if word_characters:
            words.append("".join(word_characters[:_MAX_WORD_LENGTH]))
            word_characters.clear()

    for character in unicodedata.normalize("NFKD", text).casefold():
        if character.isascii():
            if character.isalnum():
                word_characters.append(character)
            else:
                finish_word()
            continue
        category = unicodedata.category(character)
        if category in ("Mn", "Me", "Cf", "Sk"):
            continue
        if category == "So" or _UNSPACED_CHARACTER.match(character):
            finish_word()
            words.append(character)
        elif category[0] in "LNM":
            word_characters.append(character)
        else:
            finish_word()
    finish_word()
    return words


def parse_search(text: str) -> SearchTerms:
    """Parse words, ``"phrases"``, and excluded ``-words`` and ``-"phrases"``.

    A required word matches all words that begin with it. Phrases and excluded terms match exactly.
    All other characters are ignored, so every text is a valid search.
    """
    required: list[Term] = []
    excluded: list[Term] = []
    for match in _TERM.finditer(text):
        phrase, word = match["phrase"], match["word"]
        words = tuple(split_words(word if phrase is None else phrase))
        if not words:
            continue
        is_negative = bool(match["minus"])
        term = Term(words, is_prefix=phrase is None and not is_negative)
        (excluded if is_negative else required).append(term)
    return SearchTerms(tuple(required[:MAX_TERMS]), tuple(excluded[:MAX_TERMS]))


def list_correctable_words(terms: SearchTerms) -> list[str]:
    """Return the distinct required words that can be corrected; see ``spelling.py``."""
    return list(dict.fromkeys(term.words[0] for term in terms.required if _is_correctable(term)))


def _is_correctable(term: Term) -> bool:
    return term.is_prefix and len(term.words) == 1 and is_spelt(term.words[0])


def add_corrections(terms: SearchTerms, corrections: Mapping[str, Sequence[str]]) -> SearchTerms:
    """Return the search with spelling corrections added to its words."""
    required = tuple(
        term._replace(corrections=tuple(corrections.get(term.words[0], ())))
        if _is_correctable(term)
        else term
        for term in terms.required
    )
    return SearchTerms(required, terms.excluded)
