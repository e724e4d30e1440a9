"""Conditions of filters: checks the fields, operators and values of tokens."""

import re
from collections.abc import Sequence
from typing import get_args

from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.moments import EXPECTED_MOMENTS, parse_moment
from taskstead.domain.filters.nodes import (
    Comparison,
    Condition,
    DateCondition,
    DateField,
    FlagCondition,
    Moment,
    NameCondition,
    NameField,
    NumberCondition,
    NumberField,
    TextCondition,
    TextField,
)
from taskstead.domain.filters.tokens import Token, Value

_DATE_FIELDS: tuple[DateField, ...] = get_args(DateField)
_NUMBER_FIELDS: tuple[NumberField, ...] = get_args(NumberField)
_NAME_FIELDS: tuple[NameField, ...] = get_args(NameField)
_TEXT_FIELDS: tuple[TextField, ...] = get_args(TextField)
_FLAG_FIELDS = ("is", "has", "no")
FIELDS = (*_DATE_FIELDS, *_NUMBER_FIELDS, *_NAME_FIELDS, *_TEXT_FIELDS, *_FLAG_FIELDS)
SIGNS: dict[str, NameField] = {"#": "category", "@": "tag"}

STATUSES = ("todo", "in_progress", "done", "cancelled")
IS_WORDS = ("overdue", "open", "done", "cancelled", "repeating", "trashed", "subtask")
HAS_WORDS = (
    *("due", "time", "category", "tag", "parent", "assignee", "subtasks", "repeat"),
    *("reminder", "description"),
)

_EQUALITY = (":", "=", "!=")
_COMPARISONS: dict[str, Comparison] = {
    ":": "=",
    "=": "=",
    "!=": "=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_DAY_WORDS = ("today", "tomorrow", "yesterday")
_PRIORITY = re.compile("[pP]?([1-5])")
_NUMBER = re.compile("[1-9][0-9]{0,17}")
_UUID = re.compile("[0-9a-fA-F]{8}(-?)(?:[0-9a-fA-F]{4}\\1){3}[0-9a-fA-F]{12}")


def make_conditions(text: str, token: Token) -> tuple[str, tuple[Condition, ...]]:
    """Return the kind of the span of a token, and its conditions. The token means any of them.

    They are the opposite of the token if :func:`is_negated` is true.

    Args:
        text: the filter.
        token: a word, a phrase or a field.

    Raises:
        FilterError: the field does not exist, or it does not have this operator or value.
    """
    if token.kind == "field":
        return _make_field_conditions(text, token)
    word = token.values[0]
    if token.kind == "word" and not token.is_excluded:
        keyword = _find_keyword(word.text.lower(), token)
        if keyword is not None:
            return keyword
    return "text", (_make_text("text", word, token),)


def is_negated(token: Token) -> bool:
    """Return whether a token means that its conditions are false."""
    return token.is_excluded or token.operator == "!=" or token.name.lower() == "no"


def _find_keyword(word: str, token: Token) -> tuple[str, tuple[Condition, ...]] | None:
    """Return the condition of a word such as ``today`` and ``p1``; None if it is no keyword."""
    if word == "overdue":
        return "is", (FlagCondition("is", "overdue", start=token.start, end=token.end),)
    if word in _DAY_WORDS:
        moment = parse_moment(word)
        assert moment is not None  # noqa: S101 - they are moments
        return "due", (DateCondition("due", "=", (moment,), start=token.start, end=token.end),)
    if word[:1] == "p" and _PRIORITY.fullmatch(word):
        return "priority", (
            NumberCondition("priority", "=", (int(word[1:]),), start=token.start, end=token.end),
        )
    return None


def _make_field_conditions(text: str, token: Token) -> tuple[str, tuple[Condition, ...]]:
    name = SIGNS.get(token.name, token.name.lower())
    for date_field in _DATE_FIELDS:
        if name == date_field:
            return name, _make_dates(text, token, date_field)
    for number_field in _NUMBER_FIELDS:
        if name == number_field:
            return name, (_make_numbers(text, token, number_field),)
    for name_field in _NAME_FIELDS:
        if name == name_field:
            _check_operator(token, _EQUALITY)
            return name, (_make_names(text, token, name_field),)
    for text_field in _TEXT_FIELDS:
        if name == text_field:
            _check_operator(token, _EQUALITY)
            _check_not_empty(text, token)
            return name, tuple(_make_text(text_field, value, token) for value in token.values)
    if name in _FLAG_FIELDS:
        _check_operator(token, (":",))
        return name, (_make_flag(text, token, name),)
    message = (
        f'There is no field "{token.name}". The fields are: {", ".join(FIELDS)}. To search for '
        "this text, put it in quotation marks."
    )
    end = token.start + len(token.name)
    raise FilterError("unknown_field", message, token.start, end, expected=FIELDS)


def _check_operator(token: Token, allowed: Sequence[str]) -> None:
    if token.operator not in allowed:
        message = f"{token.name} can be compared with {', '.join(allowed)} only."
        start = token.operator_start
        raise FilterError(
            "bad_operator", message, start, start + len(token.operator), expected=allowed
        )


def _make_value_error(
    text: str, token: Token, reason: str, expected: Sequence[str] = ()
) -> FilterError:
    """Return the error of the values of a field."""
    values = text[token.values_start : token.end]
    message = f'{reason} This is "{values}".' if values else f"{reason} There is no value."
    symbol = text[token.end : token.end + 1]
    if symbol and symbol in "&|":
        message += f" If {symbol} belongs to the value, put the value in quotation marks."
    return FilterError("bad_value", message, token.values_start, token.end, expected=expected)


def _check_not_empty(text: str, token: Token) -> None:
    for value in token.values:
        if not value.text:
            raise _make_value_error(text, token, "Write a value directly after the operator.")


def _make_text(field: TextField, value: Value, token: Token) -> TextCondition:
    is_prefix = not value.is_quoted and len(value.text) > 1 and value.text.endswith("*")
    searched = value.text[:-1] if is_prefix else value.text
    return TextCondition(field, searched, is_prefix, start=token.start, end=token.end)


def _make_flag(text: str, token: Token, field: str) -> Condition:
    words = IS_WORDS if field == "is" else HAS_WORDS
    word = token.values[0].text.lower()
    if len(token.values) > 1 or word not in words:
        raise _make_value_error(text, token, f"{field}: takes one of {', '.join(words)}.", words)
    return FlagCondition("is" if field == "is" else "has", word, start=token.start, end=token.end)


def _make_names(text: str, token: Token, field: NameField) -> NameCondition:
    _check_not_empty(text, token)
    if field == "assignee":
        names = tuple(value.text for value in token.values if not _is_me(value))
        includes_me = len(names) < len(token.values)
        return NameCondition(
            field, names, includes_me=includes_me, start=token.start, end=token.end
        )
    values = tuple(value.text for value in token.values)
    if field == "status":
        values = tuple(value.lower() for value in values)
        if not set(values) <= set(STATUSES):
            reason = f"A status is one of {', '.join(STATUSES)}."
            raise _make_value_error(text, token, reason, STATUSES)
    if field == "parent" and not all(
        _NUMBER.fullmatch(value) or _UUID.fullmatch(value) for value in values
    ):
        raise _make_value_error(text, token, "A parent is the number or the id of a task.")
    return NameCondition(field, values, start=token.start, end=token.end)


def _is_me(value: Value) -> bool:
    """Return whether a value is the keyword ``me``. In quotation marks, it is a name."""
    return not value.is_quoted and value.text.lower() == "me"


def _read_comparison(text: str, token: Token) -> tuple[Comparison, tuple[str, ...]]:
    """Return the comparison of a number or a date, and its values.

    ``2..4`` becomes ``between`` with two values, and ``..4`` becomes ``<=``.
    """
    comparison = _COMPARISONS[token.operator]
    values = tuple(value.text for value in token.values)
    is_range = len(values) == 1 and ".." in values[0]
    if comparison != "=":
        if is_range or len(values) > 1:
            raise _make_value_error(text, token, f"{token.operator} takes one value.")
        return comparison, values
    if not is_range:
        return comparison, values
    first, _, last = values[0].partition("..")
    if first and last:
        return "between", (first, last)
    return ("<=", (last,)) if last else (">=", (first,))


def _make_numbers(text: str, token: Token, field: NumberField) -> NumberCondition:
    comparison, values = _read_comparison(text, token)
    numbers = [_parse_number(value, field) for value in values]
    found = tuple(number for number in numbers if number is not None)
    if len(found) < len(values):
        if field == "priority":
            reason = "A priority is a number from 1 to 5."
            raise _make_value_error(text, token, reason, ("1", "2", "3", "4", "5"))
        raise _make_value_error(text, token, "A task number is a positive integer.")
    return NumberCondition(field, comparison, found, start=token.start, end=token.end)


def _parse_number(text: str, field: NumberField) -> int | None:
    if field == "priority":
        match = _PRIORITY.fullmatch(text)
        return None if match is None else int(match[1])
    return int(text) if _NUMBER.fullmatch(text) else None


def _make_dates(text: str, token: Token, field: DateField) -> tuple[DateCondition, ...]:
    comparison, values = _read_comparison(text, token)
    moments: list[Moment] = []
    is_quoted = any(value.is_quoted for value in token.values)
    for value in values:
        moment = parse_moment(value)
        if moment is not None and moment.kind != "fixed" and is_quoted:
            reason = "A day in quotation marks is text. Remove the quotation marks."
            raise _make_value_error(text, token, reason)
        if moment is None:
            reason = "Write a day or a time, such as today, friday, +7d, week or 2026-12-01."
            raise _make_value_error(text, token, reason, EXPECTED_MOMENTS)
        if moment.is_period and token.operator not in _EQUALITY:
            reason = f"A week or a month cannot be compared with {token.operator}. Use a colon."
            raise _make_value_error(text, token, reason)
        moments.append(moment)
    if comparison == "=":
        return tuple(_make_date(token, field, comparison, moment) for moment in moments)
    return (_make_date(token, field, comparison, *moments),)


def _make_date(
    token: Token, field: DateField, comparison: Comparison, *moments: Moment
) -> DateCondition:
    return DateCondition(field, comparison, moments, start=token.start, end=token.end)
