"""Items of quick add: ``#category``, ``@tag``, ``+assignee``, ``p1``, ``^12`` and ``!30m``."""

import re
from dataclasses import replace
from typing import NamedTuple

from taskstead.domain.quick_add.language import fold_word
from taskstead.domain.quick_add.result import Issue, QuickAdd, Span, SpanKind
from taskstead.domain.quick_add.sentence import Sentence
from taskstead.domain.quick_add.times import find_time, format_time
from taskstead.domain.quick_add.words import Word

_NAME_KINDS: dict[str, SpanKind] = {"#": "category", "@": "tag", "+": "assignee"}
# Numbers, such as "#123", "+49" and "+1.5%", are not names.
_NUMBER = re.compile(r"[0-9.,:;/()%-]+")
_PRIORITY = re.compile("[pP][1-5]")
_PARENT = re.compile(r"\^[1-9][0-9]{0,8}")
_REMINDER = re.compile("!([0-9]{1,4})([mhdwMHDW])")
_DURATIONS = {"m": "-PT{}M", "h": "-PT{}H", "d": "-P{}D", "w": "-P{}W"}
_ITEM_STARTS = frozenset("#@+!^pP")
_ONCE: dict[SpanKind, str] = {
    "category": "A task has one category. Remove this one, or put a \\ before it.",
    "priority": "A task has one priority. Remove this one, or put a \\ before it.",
    "assignee": "A task has one assignee. Remove this one, or put a \\ before it.",
    "parent": "A task has one parent task. Remove this one, or put a \\ before it.",
}


class Item(NamedTuple):
    """An item: the field that it sets, and the value."""

    kind: SpanKind
    value: str


def find_item(word: Word, sentence: Sentence) -> Item | None:
    """Return the item that a word is; None if it is none.

    Args:
        word: the word.
        sentence: provides the language. Its words are not used.
    """
    sign = word.text[0]
    if word.kind == "name":
        return Item(_NAME_KINDS[sign], word.text[1:])
    if word.kind != "plain" or sign not in _ITEM_STARTS:
        return None
    if sign in _NAME_KINDS:
        name = word.text[1:]
        is_text = not name or name[0] == sign or _NUMBER.fullmatch(name)
        return None if is_text else Item(_NAME_KINDS[sign], name)
    if sign == "!":
        return _find_reminder(word.text, sentence)
    if _PRIORITY.fullmatch(word.text):
        return Item("priority", word.text[1])
    return Item("parent", word.text[1:]) if _PARENT.fullmatch(word.text) else None


def _find_reminder(text: str, sentence: Sentence) -> Item | None:
    before = _REMINDER.fullmatch(text)
    if before is not None:
        number = int(before[1])
        return Item("reminder", _DURATIONS[before[2].lower()].format(number))
    key = fold_word(text[1:], sentence.language.letters)
    time = find_time(replace(sentence, keys=[key]), 0)
    return None if time is None else Item("reminder", format_time(time.minutes))


def add_item(task: QuickAdd, item: Item, word: Word) -> None:
    """Set the field of an item. A second value of a field with one value is an error."""
    task.spans.append(Span(item.kind, word.start, word.end))
    value = item.value
    if item.kind == "tag":
        task.tags.append(value)
    elif item.kind == "reminder":
        task.reminders.append(value)
    elif getattr(task, item.kind) is not None:
        code = f"two_{item.kind}"
        task.errors.append(Issue(code, _ONCE[item.kind], word.start, word.end))
    elif item.kind in {"priority", "parent"}:
        setattr(task, item.kind, int(value))
    else:
        setattr(task, item.kind, value)


def drop_duplicates(names: list[str]) -> list[str]:
    """Return the names in order, without names that differ only in case from an earlier one."""
    first_names: dict[str, str] = {}
    for name in names:
        first_names.setdefault(name.lower(), name)
    return list(first_names.values())
