"""Tokenizer of filters. It reads one token at a time, so that the first error is reported.

Quotation marks belong to the token that they are in, such as ``#"Home improvements"``.
"""

import re
from typing import Literal, NamedTuple

from taskstead.domain.filters.errors import FilterError

# The white space of Unicode, without the control characters that only some languages count.
WHITE_SPACE = (
    " \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
_WHITE_SPACE = frozenset(WHITE_SPACE)
_ENDS_OF_WORDS = frozenset(WHITE_SPACE + "()|&")
# The characters of a word or a keyword, up to a quotation mark.
_WORD = re.compile(f'[^{WHITE_SPACE}()|&"]*')
_SYMBOLS: dict[str, "TokenKind"] = {"(": "open", ")": "close", "|": "or", "&": "and", "!": "not"}
_KEYWORDS: dict[str, "TokenKind"] = {"or": "or", "and": "and", "not": "not"}
# Longer operators come first, because the first match is used.
_OPERATORS = ("!=", "<=", ">=", ":", "=", "<", ">")
_STARTS_OF_OPERATORS = "!<>:="
_SIGNS = "#@"
_DIGITS = "0123456789"

TokenKind = Literal["open", "close", "or", "and", "not", "word", "phrase", "field", "end"]


class Value(NamedTuple):
    """One of the values of a field. A value in quotation marks is text, not a keyword.

    Attributes:
        text: the value without quotation marks.
        is_quoted: whether it has quotation marks.
        start: the position of the first character.
        end: the position after the last character.
    """

    text: str
    is_quoted: bool
    start: int
    end: int


class Token(NamedTuple):
    """A token, and its position in the text.

    Attributes:
        kind: ``word`` and ``phrase`` are text to search for. ``field`` is a field, an operator and
            values.
        start: the position of the first character.
        end: the position after the last character.
        name: the name of a field; ``#`` and ``@`` are fields without an operator.
        operator: the operator of a field.
        operator_start: its position.
        values: the values of a field, or the text of a word or a phrase.
        values_start: the position of the first value.
        is_excluded: whether a word or a phrase has a minus sign.
    """

    kind: TokenKind
    start: int
    end: int
    name: str = ""
    operator: str = ""
    operator_start: int = 0
    values: tuple[Value, ...] = ()
    values_start: int = 0
    is_excluded: bool = False


def read_token(text: str, position: int) -> Token:
    """Return the token at or after a position. The last token has the kind ``end``.

    Raises:
        FilterError: a quotation mark is not closed, or there is an operator without a field.
    """
    while position < len(text) and text[position] in _WHITE_SPACE:
        position += 1
    if position == len(text):
        return Token("end", position, position)
    operator = _find_operator(text, position)
    if operator:
        message = f'Write "{operator}" directly after a field, as in "due{operator}today".'
        raise FilterError("unexpected_token", message, position, position + len(operator))
    if text[position] in _SYMBOLS:
        return Token(_SYMBOLS[text[position]], position, position + 1)
    if text[position] in _SIGNS:
        return _read_values(text, position, name=text[position], operator=":", at=position + 1)
    is_excluded = text[position] == "-"
    start = position + 1 if is_excluded else position
    if text[start : start + 1] == '"':
        phrase, end = _read_quoted(text, start, token_start=position)
        return _make_text("phrase", position, end, phrase, is_excluded=is_excluded)
    return _read_word(text, position)


def _read_word(text: str, position: int) -> Token:
    """Read a word, a keyword or a field."""
    found = _WORD.match(text, position)
    assert found is not None  # noqa: S101 - it matches every text
    word, end = found[0], found.end()
    start = position + 1 if word[0] == "-" else position
    name_end = _find_end_of_name(text, start, end)
    operator = _find_operator(text, name_end) if name_end > start else ""
    if start > position and (operator or text[start : start + 1] in ("(", "#", "@")):
        raise FilterError(
            "unexpected_token",
            'A minus sign excludes a word or a phrase only. Write "not" before other conditions.',
            position,
            start,
            expected=("not", "!"),
        )
    if operator:
        return _read_values(
            text, position, name=text[position:name_end], operator=operator, at=name_end
        )
    if word.lower() in _KEYWORDS:
        return Token(_KEYWORDS[word.lower()], position, end)
    # A minus sign on its own is a word.
    is_excluded = word[0] == "-" and len(word) > 1
    searched = word[1:] if is_excluded else word
    return _make_text("word", position, end, searched, is_excluded=is_excluded)


def _make_text(kind: TokenKind, start: int, end: int, text: str, *, is_excluded: bool) -> Token:
    value = Value(text, kind == "phrase", start, end)
    return Token(kind, start, end, values=(value,), values_start=start, is_excluded=is_excluded)


def _find_operator(text: str, position: int) -> str:
    """Return the operator at a position; empty if there is none."""
    if position == len(text) or text[position] not in _STARTS_OF_OPERATORS:
        return ""
    for operator in _OPERATORS:
        if text.startswith(operator, position):
            return operator
    return ""


def _find_end_of_name(text: str, start: int, end: int) -> int:
    """Return the position after the name at ``start``; ``start`` if there is no name.

    A name begins with a letter and contains letters, digits, ``_`` and ``-``.
    """
    position = start
    while position < end and (
        text[position].isalpha()
        or (position > start and (text[position] in _DIGITS or text[position] in "_-"))
    ):
        position += 1
    return position


def _read_values(text: str, start: int, *, name: str, operator: str, at: int) -> Token:
    """Read the values of a field, separated by commas.

    Args:
        text: the filter.
        start: the position of the token.
        name: the name of the field.
        operator: the operator.
        at: the position of the operator; for ``#`` and ``@``, the position after the sign.
    """
    position = values_start = at if name in _SIGNS else at + len(operator)
    values: list[Value] = []
    value, is_quoted, value_start = "", False, position
    while position < len(text) and text[position] not in _ENDS_OF_WORDS:
        if text[position] == '"':
            quoted, position = _read_quoted(text, position, token_start=start)
            value, is_quoted = value + quoted, True
        elif text[position] == ",":
            values.append(Value(value, is_quoted, value_start, position))
            position += 1
            value, is_quoted, value_start = "", False, position
        else:
            value += text[position]
            position += 1
    values.append(Value(value, is_quoted, value_start, position))
    return Token(
        "field",
        start,
        position,
        name=name,
        operator=operator,
        operator_start=at,
        values=tuple(values),
        values_start=values_start,
    )


def _read_quoted(text: str, start: int, *, token_start: int) -> tuple[str, int]:
    r"""Return the text in quotation marks, and the position after them.

    ``\"`` is a quotation mark and ``\\`` a backslash.
    """
    position = start + 1
    quoted = ""
    while position < len(text) and text[position] != '"':
        if text[position] == "\\" and text[position + 1 : position + 2] in ('"', "\\"):
            position += 1
        quoted += text[position]
        position += 1
    if position == len(text):
        message = "The quotation mark is not closed."
        raise FilterError("unclosed_quote", message, token_start, len(text), expected=('"',))
    return quoted, position + 1
