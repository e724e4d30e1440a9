"""Renames categories and tags in the text of a filter. All other characters remain as they are."""

from collections.abc import Iterator
from typing import Literal

from taskstead.domain.filters.conditions import SIGNS
from taskstead.domain.filters.parser import MAX_LENGTH
from taskstead.domain.filters.tokens import Value, read_token
from taskstead.domain.names import make_name_key

LabelField = Literal["category", "tag"]
_NOTATIONS: dict[LabelField, str] = {"category": "#", "tag": "@"}


def rename_label(text: str, field: LabelField, old: str, new: str) -> str:
    """Return a filter with another name of a category or a tag.

    A name is found in any notation: ``#name``, ``@name``, ``category:``, ``tag:``, with ``=`` and
    ``!=``, in a list and in quotation marks. Case is ignored. The new name is written in quotation
    marks if it needs them. If the text would be longer than a filter may be, it is returned
    unchanged.

    Args:
        text: a valid filter.
        field: the kind of the name.
        old: the name to replace.
        new: the name to write instead.
    """
    key = make_name_key(old)
    written = write_value(new)
    parts: list[str] = []
    position = 0
    for value in _list_values(text, field):
        if make_name_key(value.text) == key:
            parts += (text[position : value.start], written)
            position = value.end
    renamed = "".join((*parts, text[position:]))
    return renamed if len(renamed) <= MAX_LENGTH else text


def list_label_names(text: str, field: LabelField) -> list[str]:
    """Return the names of categories or tags in a valid filter, in the order of the text."""
    return [value.text for value in _list_values(text, field)]


def make_label_key(field: LabelField, name: str) -> str:
    """Return the text that :func:`make_label_keys` contains for a name."""
    return f"\n{_NOTATIONS[field]}{make_name_key(name)}\n"


def make_label_keys(text: str) -> str:
    """Return the case-folded names of the categories and tags in a valid filter, as one text.

    A database can search it for :func:`make_label_key` without parsing the filter.
    """
    keys = {
        make_label_key(field, name)
        for field in _NOTATIONS
        for name in list_label_names(text, field)
    }
    return "".join(sorted(keys))


def write_value(name: str) -> str:
    """Return a name as the value of a field, in quotation marks if it needs them."""
    if '"' not in name:
        token = read_token(f"#{name}", 0)
        if token.end == len(name) + 1 and [value.text for value in token.values] == [name]:
            return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list_values(text: str, field: LabelField) -> Iterator[Value]:
    """Yield the values of all conditions on a category or a tag."""
    token = read_token(text, 0)
    while token.kind != "end":
        if token.kind == "field" and SIGNS.get(token.name, token.name.lower()) == field:
            yield from token.values
        token = read_token(text, token.end)
