"""Times of day in quick add: "9:30", "5pm", "at 9", "noon", "14 Uhr"."""

import re
from typing import NamedTuple

from taskstead.domain.quick_add.language import NOON, Language
from taskstead.domain.quick_add.sentence import Sentence

# Hours and minutes, and what follows them without a space.
_CLOCK = re.compile("([0-9]{1,2}):([0-9]{2})([^0-9:]*)")
_HOUR = re.compile("([0-9]{1,2})([^0-9]*)")
_DOTTED_CLOCK = re.compile(r"([0-9]{1,2})\.([0-9]{2})")
_MINUTES = re.compile("[0-9]{2}")


class Time(NamedTuple):
    """A recognised time of day.

    Attributes:
        minutes: minutes after midnight.
        end: index after its last word.
        has_half: whether it is certain which half of the day is meant.
    """

    minutes: int
    end: int
    has_half: bool


def find_time(sentence: Sentence, index: int) -> Time | None:
    """Return the time at an index, after "at" or without it."""
    language = sentence.language
    if sentence.get_key(index) in language.at:
        return _find_time(sentence, index + 1, is_after_at=True)
    return _find_time(sentence, index, is_after_at=False)


def _find_time(sentence: Sentence, index: int, *, is_after_at: bool) -> Time | None:
    key = sentence.get_key(index)
    if key in sentence.language.noon:
        return Time(NOON, index + 1, has_half=True)
    if not "0" <= key[:1] <= "9":
        return None
    clock = _CLOCK.fullmatch(key)
    if clock is not None:
        return _read_clock(sentence, index, int(clock[1]), int(clock[2]), clock[3])
    dotted = _DOTTED_CLOCK.fullmatch(key)
    if dotted is not None and sentence.get_key(index + 1) in sentence.language.oclock:
        return _make_time(int(dotted[1]), int(dotted[2]), index + 2)
    hour = _HOUR.fullmatch(key)
    if hour is None:
        return None
    return _read_hour(sentence, index, int(hour[1]), hour[2], is_after_at=is_after_at)


def _read_clock(sentence: Sentence, index: int, hour: int, minute: int, suffix: str) -> Time | None:
    """Return the time of "9:30", "9:30pm", "9:30 pm" or "9:30 Uhr"."""
    language = sentence.language
    if suffix:
        return _make_time_of_half(language, hour, minute, suffix, index + 1)
    following = sentence.get_key(index + 1)
    if following in language.am or following in language.pm:
        return _make_time_of_half(language, hour, minute, following, index + 2)
    return _make_time(hour, minute, index + 2 if following in language.oclock else index + 1)


def _read_hour(
    sentence: Sentence, index: int, hour: int, suffix: str, *, is_after_at: bool
) -> Time | None:
    """Return the time of "9pm", "9 pm", "9 Uhr", "9 Uhr 30", and of "9" after "at"."""
    language = sentence.language
    if suffix:
        return _make_time_of_half(language, hour, 0, suffix, index + 1)
    following = sentence.get_key(index + 1)
    if following in language.am or following in language.pm:
        return _make_time_of_half(language, hour, 0, following, index + 2)
    if following in language.oclock:
        minutes = sentence.get_key(index + 2)
        if _MINUTES.fullmatch(minutes) and int(minutes) < 60:
            return _make_time(hour, int(minutes), index + 3)
        return _make_time(hour, 0, index + 2)
    return _make_time(hour, 0, index + 1) if is_after_at else None


def _make_time(hour: int, minute: int, end: int) -> Time | None:
    if hour > 23 or minute > 59:
        return None
    # "0:30" and "17:00" are certain. "8:00" may be in the evening.
    return Time(hour * 60 + minute, end, has_half=not 1 <= hour <= 11)


def _make_time_of_half(
    language: Language, hour: int, minute: int, half: str, end: int
) -> Time | None:
    """Return a time on the 12-hour clock, on which 12 comes before 1."""
    if not 1 <= hour <= 12 or minute > 59 or not (half in language.am or half in language.pm):
        return None
    minutes = hour % 12 * 60 + minute
    return Time(minutes + (NOON if half in language.pm else 0), end, has_half=True)


def move_to_part(minutes: int, part: int | None, *, has_half: bool) -> int:
    """Return a time in the half of the day that a part of the day belongs to.

    "tonight at 9" is 21:00, and "friday afternoon at 2" is 14:00.

    Args:
        minutes: the time in minutes after midnight.
        part: the start of the part of the day in minutes after midnight, if any.
        has_half: whether the half of the day is certain.
    """
    return minutes if has_half or part is None or part < NOON else minutes + NOON


def format_time(minutes: int) -> str:
    """Return a time of day as ``HH:MM``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
