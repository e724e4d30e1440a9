"""Splits the text of quick add into words, and separates the description."""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from taskstead.domain.quick_add.result import Issue

# White space of Unicode, and separators of ASCII. The classes of regular expressions differ between
# Python and JavaScript.
_SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_WORD = re.compile(f"[^{_SPACES}]+")
# Opening quotation marks, with the marks that may close the quotation.
_CLOSING_MARKS = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«"}
_SIGNS = "#@+"
_OPENING_BRACKETS = "([{"
# A word that begins with another character can only be plain, or literal as a URL.
_SPECIAL_STARTS = frozenset([*_CLOSING_MARKS, *_SIGNS, *_OPENING_BRACKETS, "\\", "/"])

WordKind = Literal["plain", "literal", "escaped", "name"]


class Word(NamedTuple):
    """A word of the text.

    Attributes:
        kind: ``plain``: may be an item or a part of a phrase. ``literal``: text, for example a
            quotation or a URL. ``escaped``: text because of a backslash. ``name``: a sign with a
            quoted name, such as ``#"Home improvements"``.
        text: the word without the backslash; for ``name``, the sign and the name without the
            quotation marks.
        start: position of the first character, in code points from 0.
        end: position after the last character.
    """

    kind: WordKind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SplitText:
    """The words of a text, its description and the quotations without an end.

    Attributes:
        description_start: position of the ``//`` before the description, if any.
    """

    words: list[Word]
    description: str
    description_start: int | None
    errors: list[Issue]


def split_text(text: str) -> SplitText:
    """Split a text into words at white space.

    A quotation is one word. A backslash at the start of a word makes it text. The text after a word
    ``//`` is the description.
    """
    last_marks = _find_last_marks(text)
    has_url = "://" in text
    words: list[Word] = []
    position = 0
    for found in _WORD.finditer(text):
        start, end = found.span()
        if start < position:
            # This word is a part of the quotation before it.
            continue
        word = found[0]
        if word[0] not in _SPECIAL_STARTS:
            kind: WordKind = "literal" if has_url and "://" in word else "plain"
            words.append(Word(kind, word, start, end))
            continue
        if word == "//":
            return SplitText(words, text[end:].strip(_SPACES), start, [])
        mark = _find_opening_mark(word)
        if mark is not None and last_marks[text[start + mark]] > start + mark:
            words.append(_read_quotation(text, start, start + mark))
            position = words[-1].end
        elif mark is not None and word[0] in _SIGNS:
            return SplitText(words, "", None, [_make_unclosed(text, start + mark)])
        else:
            words.append(_make_word(word, start, end))
    return SplitText(words, "", None, [])


def _make_word(word: str, start: int, end: int) -> Word:
    """Return a word without a quotation."""
    if word[0] == "\\" and len(word) > 1:
        return Word("escaped", word[1:], start, end)
    return Word("literal" if "://" in word else "plain", word, start, end)


def _find_last_marks(text: str) -> dict[str, int]:
    """Return the position of the last mark that can close each opening mark.

    With it, a text of many opening marks is not searched to its end for each of them.
    """
    return {
        opening: max(text.rfind(mark) for mark in closing)
        for opening, closing in _CLOSING_MARKS.items()
    }


def _find_opening_mark(word: str) -> int | None:
    """Return the index of the quotation mark that the word begins with, after signs or brackets."""
    if word[0] in _CLOSING_MARKS:
        return 0
    if word[0] in _SIGNS:
        return 1 if word[1:2] in _CLOSING_MARKS else None
    index = 0
    while index < len(word) and word[index] in _OPENING_BRACKETS:
        index += 1
    return index if 0 < index < len(word) and word[index] in _CLOSING_MARKS else None


def _make_unclosed(text: str, start: int) -> Issue:
    end = len(text.rstrip(_SPACES))
    message = "The quotation mark is not closed. Add the closing mark, or put a \\ before the word."
    return Issue("unclosed_quote", message, start, end)


def _read_quotation(text: str, start: int, mark: int) -> Word:
    """Return the word with a quotation. It ends at the first white space after the quotation."""
    closing = _CLOSING_MARKS[text[mark]]
    close = mark + 1
    while text[close] not in closing:
        close += 1
    last = _WORD.match(text, close)
    end = close + 1 if last is None else last.end()
    name = text[mark + 1 : close].strip(_SPACES)
    if text[start] in _SIGNS and end == close + 1 and name:
        return Word("name", text[start] + name, start, end)
    return Word("literal", text[start:end], start, end)
