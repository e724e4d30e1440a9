"""Words of a language, read from ``words/<code>.json`` and prepared for lookups."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")

PART_MINUTES = {"morning": 9 * 60, "afternoon": 14 * 60, "evening": 19 * 60}
NOON = 12 * 60
# Abbreviations up to this length may be followed by a full stop.
_MAX_ABBREVIATION = 5
_WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class PhraseTable(Generic[Value]):
    """Phrases of one or more words, each with a value.

    Attributes:
        by_first_word: for each first word, the remaining words of the phrases and their values,
            with the longest phrases first.
    """

    by_first_word: Mapping[str, list[tuple[list[str], Value]]]

    def find(self, keys: list[str], index: int) -> tuple[Value, int] | None:
        """Return the value of the longest phrase at an index, and the index after it."""
        if index >= len(keys):
            return None
        for rest, value in self.by_first_word.get(keys[index], ()):
            end = index + 1 + len(rest)
            if keys[index + 1 : end] == rest:
                return value, end
        return None

    def skip(self, keys: list[str], index: int) -> int | None:
        """Return the index after the longest phrase at an index; None if there is none."""
        found = self.find(keys, index)
        return None if found is None else found[1]


@dataclass(frozen=True, slots=True)
class Language:
    """The words of a language. All words are folded; see :func:`fold_word`.

    Attributes:
        letters: letters to replace, such as ``ä`` by ``ae``.
        ordinals: 1 to 4, and -1 for "last".
        ordinal_suffixes: what may follow the digits of an ordinal number.
        weekdays: 0 is Monday.
        titles: abbreviations of weekdays that are a title before a name, such as ``fr.``.
        list_weekdays: as ``weekdays``, with words that mean a weekday only in a list.
        months: 1 is January.
        month_before_day: whether "dec 1" is a date.
        dates: names of days, such as ``today`` and ``end_of_month``.
        parts: parts of the day in minutes after midnight.
        joined_parts: weekday and minutes of compounds, such as "montagabend".
        no_phrase_after: words after which a phrase at the end of the text is not recognised.
        adverbs: unit and interval of repeats such as "daily".
        day_adverbs: weekdays of repeats such as "montags".
        ordinal_weekday_counts_weeks: whether "every second tuesday" without "of the month" is
            every other Tuesday.
    """

    code: str
    name: str
    letters: Mapping[str, str]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    ordinal_suffixes: tuple[str, ...]
    weekdays: Mapping[str, int]
    titles: frozenset[str]
    list_weekdays: Mapping[str, int]
    months: Mapping[str, int]
    month_before_day: bool
    units: Mapping[str, str]
    dates: PhraseTable[str]
    this: frozenset[str]
    next: frozenset[str]
    in_: frozenset[str]
    of: frozenset[str]
    parts: Mapping[str, int]
    joined_parts: Mapping[str, tuple[int, int]]
    noon: frozenset[str]
    at: frozenset[str]
    am: frozenset[str]
    pm: frozenset[str]
    oclock: frozenset[str]
    lead_ins: PhraseTable[bool]
    no_phrase_after: frozenset[str]
    every: frozenset[str]
    other: frozenset[str]
    adverbs: Mapping[str, tuple[str, int]]
    day_adverbs: Mapping[str, tuple[int, ...]]
    workday: PhraseTable[bool]
    weekend: frozenset[str]
    and_: frozenset[str]
    repeat_on: PhraseTable[bool]
    of_the_month: PhraseTable[bool]
    ordinal_weekday_counts_weeks: bool
    starting: PhraseTable[bool]
    until: PhraseTable[bool]
    for_: frozenset[str]
    times: frozenset[str]
    from_completion: PhraseTable[bool]


@cache
def list_languages() -> list[str]:
    """Return the codes of all languages, sorted."""
    return sorted(path.stem for path in _WORDS.glob("*.json"))


@cache
def load_language(code: str) -> Language:
    """Return the words of a language.

    Raises:
        FileNotFoundError: there is no such language.
    """
    text = (_WORDS / f"{code}.json").read_text(encoding="utf-8")
    return make_language(code, json.loads(text))


def fold_word(word: str, letters: Mapping[str, str]) -> str:
    """Return the key of a word: composed (NFC), in lower case, with letters replaced."""
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFC", word).lower()
    for letter, replacement in letters.items():
        folded = folded.replace(letter, replacement)
    return folded


def make_language(code: str, data: Mapping[str, Any]) -> Language:
    """Prepare the content of a word file."""
    letters = data["letters"]

    def fold(words: Iterable[str]) -> frozenset[str]:
        return frozenset(fold_word(word, letters) for word in words)

    def fold_keys(values: Mapping[str, Any]) -> dict[str, Any]:
        return {fold_word(word, letters): value for word, value in values.items()}

    def make_phrases(phrases: Iterable[str]) -> PhraseTable[bool]:
        return _make_table(dict.fromkeys(phrases, True), letters)

    weekdays = _number_words(data["weekdays"], 0, letters)
    dates = {phrase: day for day, phrases in data["dates"].items() for phrase in phrases}
    units = {word: unit for unit, words in data["units"].items() for word in words}
    parts = {word: PART_MINUTES[part] for part, words in data["parts"].items() for word in words}
    noon = fold(data["noon"])
    folded_parts = fold_keys(parts)
    is_joining = data["joins_parts"]
    return Language(
        code=code,
        name=data["name"],
        letters=letters,
        numbers=fold_keys(data["numbers"]),
        ordinals=fold_keys(data["ordinals"]),
        ordinal_suffixes=tuple(data["ordinal_suffixes"]),
        weekdays=weekdays,
        titles=fold(data["titles"]),
        list_weekdays=weekdays | _number_words(data["weekdays_in_lists"], 0, letters),
        months=_number_words(data["months"], 1, letters),
        month_before_day=data["month_before_day"],
        units=fold_keys(units),
        dates=_make_table(dates, letters),
        this=fold(data["this"]),
        next=fold(data["next"]),
        in_=fold(data["in"]),
        of=fold(data["of"]),
        parts=folded_parts,
        joined_parts=_join_parts(weekdays, folded_parts, noon) if is_joining else {},
        noon=noon,
        at=fold(data["at"]),
        am=fold(data["am"]),
        pm=fold(data["pm"]),
        oclock=fold(data["oclock"]),
        lead_ins=make_phrases(data["lead_ins"]),
        no_phrase_after=fold(data["no_phrase_after"]),
        every=fold(data["every"]),
        other=fold(data["other"]),
        adverbs={word: (unit, n) for word, (unit, n) in fold_keys(data["adverbs"]).items()},
        day_adverbs={word: tuple(days) for word, days in fold_keys(data["day_adverbs"]).items()},
        workday=make_phrases(data["workday"]),
        weekend=fold(data["weekend"]),
        and_=fold(data["and"]),
        repeat_on=make_phrases(data["repeat_on"]),
        of_the_month=make_phrases(data["of_the_month"]),
        ordinal_weekday_counts_weeks=data["ordinal_weekday_counts_weeks"],
        starting=make_phrases(data["starting"]),
        until=make_phrases(data["until"]),
        for_=fold(data["for"]),
        times=fold(data["times"]),
        from_completion=make_phrases(data["from_completion"]),
    )


def _make_table(values: Mapping[str, Value], letters: Mapping[str, str]) -> PhraseTable[Value]:
    by_first_word: dict[str, list[tuple[list[str], Value]]] = {}
    for phrase, value in values.items():
        first, *rest = [fold_word(word, letters) for word in phrase.split(" ")]
        by_first_word.setdefault(first, []).append((rest, value))
    for candidates in by_first_word.values():
        candidates.sort(key=lambda candidate: -len(candidate[0]))
    return PhraseTable(by_first_word)


def _number_words(
    groups: list[list[str]], first: int, letters: Mapping[str, str]
) -> dict[str, int]:
    """Return the number of each word: its group's. Abbreviations also end with a full stop."""
    numbers = {}
    for number, words in enumerate(groups, first):
        for word in words:
            key = fold_word(word, letters)
            numbers[key] = number
            if len(key) < _MAX_ABBREVIATION and not key.endswith("."):
                numbers[f"{key}."] = number
    return numbers


def _join_parts(
    weekdays: Mapping[str, int], parts: Mapping[str, int], noon: frozenset[str]
) -> dict[str, tuple[int, int]]:
    times = {**parts, **dict.fromkeys(noon, NOON)}
    return {
        weekday + part: (number, minutes)
        for weekday, number in weekdays.items()
        for part, minutes in times.items()
    }
