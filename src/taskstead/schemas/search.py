"""What a search finds: how text becomes words, and what the notation of a search means.

Both databases are handed the same words, made here, so the same search finds the same tasks on
both. A word is in Unicode's caseless form without accents. Characters of scripts that put no space
between words, and symbols such as emoji, are words of their own; a run of them in a search is a
phrase.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from taskstead.schemas.spelling import is_spelt

_LONGEST_WORD = 60
MAX_TERMS = 30
# Scripts without spaces: Thai to Myanmar, Khmer, Kana and Bopomofo, CJK ideographs.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ASCII_WORD = re.compile("[a-z0-9]+")
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


class Term(NamedTuple):
    """A part of a search: words that follow one another; the last may be the beginning of one.

    A misspelt word has corrections, which are ``near`` to it: any of them will do as well.
    """

    words: tuple[str, ...]
    is_prefix: bool
    near: tuple[str, ...] = ()


class SearchTerms(NamedTuple):
    """A search: every one of ``wanted`` has to be there, and none of ``unwanted``."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]


def split_words(text: str) -> list[str]:
    """Split text into words as the index has them."""
    if text.isascii():
        # The same as below, some ten times as quick, for most of what is written.
        return [word[:_LONGEST_WORD] for word in _ASCII_WORD.findall(text.lower())]
    words: list[str] = []
    current: list[str] = []

    def finish() -> None:
        if current:
            words.append("".join(current[:_LONGEST_WORD]))
            current.clear()

    for character in unicodedata.normalize("NFKD", text).casefold():
        if character.isascii():
            if character.isalnum():
                current.append(character)
            else:
                finish()
            continue
        category = unicodedata.category(character)
        if category in ("Mn", "Me", "Cf", "Sk"):
            continue
        if category == "So" or _UNSPACED.match(character):
            finish()
            words.append(character)
        elif category[0] in "LNM":
            current.append(character)
        else:
            finish()
    finish()
    return words


def parse_search(text: str) -> SearchTerms:
    """Parse words, ``"quoted phrases"``, ``-words`` and ``-"phrases"`` to be without.

    A word finds all words that begin with it; a phrase and what is to be missing are taken as they
    are. Whatever is no word is passed over, so every text is a search.
    """
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for match in _TERM.finditer(text):
        phrase, word = match["phrase"], match["word"]
        words = tuple(split_words(word if phrase is None else phrase))
        if not words:
            continue
        is_negative = bool(match["minus"])
        term = Term(words, is_prefix=phrase is None and not is_negative)
        (unwanted if is_negative else wanted).append(term)
    return SearchTerms(tuple(wanted[:MAX_TERMS]), tuple(unwanted[:MAX_TERMS]))


def list_typed_words(terms: SearchTerms) -> list[str]:
    """Return the wanted words that may be misspelt, each once: those of the letters a to z."""
    return list(dict.fromkeys(term.words[0] for term in terms.wanted if _may_be_misspelt(term)))


def _may_be_misspelt(term: Term) -> bool:
    return term.is_prefix and len(term.words) == 1 and is_spelt(term.words[0])


def add_near_words(terms: SearchTerms, near: Mapping[str, Sequence[str]]) -> SearchTerms:
    """Return the search with the corrections of its misspelt words."""
    wanted = tuple(
        term._replace(near=tuple(near.get(term.words[0], ()))) if _may_be_misspelt(term) else term
        for term in terms.wanted
    )
    return SearchTerms(wanted, terms.unwanted)
