"""Repeats in quick add, such as "every 2 weeks on friday at 9 until 2027-05-01"."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from taskstead.domain.quick_add.dates import (
    Day,
    find_day,
    find_month_and_day,
    find_numeric_month_and_day,
)
from taskstead.domain.quick_add.days import SATURDAY, find_day_of_year
from taskstead.domain.quick_add.due_dates import is_over
from taskstead.domain.quick_add.repeat_rules import (
    RepeatRule,
    find_first_day,
    format_rule,
    keep_day_of_month,
)
from taskstead.domain.quick_add.result import Phrase
from taskstead.domain.quick_add.sentence import Sentence
from taskstead.domain.quick_add.times import find_time, move_to_part

_MAX_INTERVAL = 1000
_MONTHS_PER_QUARTER = 3
_WORKDAYS = (0, 1, 2, 3, 4)
_REPEAT_UNITS = frozenset({"day", "week", "month", "quarter", "year"})


@dataclass(slots=True)
class _Repeat:
    """A repeat that is being read.

    Attributes:
        rule: the rule without its end.
        end: index after the words that were read.
        part: the start of the part of the day in minutes after midnight.
        minutes: the time of day in minutes after midnight.
        has_time: whether a time was read, rather than only a part of the day.
        until_index: index of the last day, if it is the next such day, as for "dec 1".
        missing: indexes of the first word of a day that does not exist, and after its last word.
    """

    rule: RepeatRule
    end: int
    counts_from_completion: bool = False
    part: int | None = None
    minutes: int | None = None
    has_time: bool = False
    start: date | None = None
    until: date | None = None
    until_index: int | None = None
    count: int | None = None
    missing: tuple[int, int] | None = None


def find_repeat(sentence: Sentence, index: int) -> Phrase | None:
    """Return the repeat at an index.

    Raises:
        ValueError, OverflowError: a date is after the year 9999.
    """
    repeat = (
        _find_adverb(sentence, index)
        or _find_every(sentence, index)
        or _find_weekday_of_weeks(sentence, index)
    )
    if repeat is None:
        return None
    while _read_addition(sentence, repeat):
        pass
    return _make_phrase(sentence, repeat, index)


def _find_adverb(sentence: Sentence, index: int) -> _Repeat | None:
    """Return the repeat of "daily", "monthly on the 1st" or "montags"."""
    language = sentence.language
    key = sentence.get_key(index)
    if key in language.adverbs:
        unit, interval = language.adverbs[key]
        return _read_days_of_unit(sentence, unit, interval, index + 1)
    if key in language.day_adverbs:
        rule = RepeatRule("week", weekdays=language.day_adverbs[key])
        return _find_weekday_of_weeks(sentence, index) or _Repeat(rule, index + 1)
    return None


def _find_weekday_of_weeks(sentence: Sentence, index: int) -> _Repeat | None:
    """Return the repeat of "monday every 2 weeks" or "montags alle 2 Wochen"."""
    days = _find_days_of_week(sentence, index)
    weeks = None if days is None else _find_every(sentence, days.end)
    if days is None or weeks is None or weeks.rule.unit != "week" or weeks.rule.weekdays:
        return None
    weeks.rule = replace(weeks.rule, weekdays=days.rule.weekdays)
    weeks.part, weeks.minutes = days.part, days.minutes
    return weeks


def _find_days_of_week(sentence: Sentence, index: int) -> _Repeat | None:
    """Return the repeat of "monday", "mon and fri", "workday" or "montags"."""
    weekdays = sentence.language.day_adverbs.get(sentence.get_key(index))
    if weekdays is not None:
        return _Repeat(RepeatRule("week", weekdays=weekdays), index + 1)
    return _find_weekdays(sentence, index)


def _find_every(sentence: Sentence, index: int) -> _Repeat | None:
    key = sentence.get_key(index)
    has_mark = key.endswith("!")
    if (key[:-1] if has_mark else key) not in sentence.language.every:
        return None
    index += 1
    repeat = (
        _find_units(sentence, index)
        or _find_ordinal_days(sentence, index)
        or _find_weekdays(sentence, index)
        or _find_day_of_year(sentence, index)
        or _find_day_of_month(sentence, index)
        or _find_part(sentence, index)
    )
    if repeat is not None:
        repeat.counts_from_completion = has_mark
    return repeat


def _find_units(sentence: Sentence, index: int) -> _Repeat | None:
    """Return the repeat of "day", "3 days", "other week" or "second month"."""
    language = sentence.language
    unit = language.units.get(sentence.get_key(index))
    if unit in _REPEAT_UNITS:
        return _read_days_of_unit(sentence, unit, 1, index + 1)
    interval = sentence.read_number(index)
    if interval is None:
        interval = 2 if sentence.get_key(index) in language.other else None
    if interval is None:
        interval = sentence.read_ordinal(index)
        if interval is None or interval < 2:
            return None
        if language.of_the_month.skip(sentence.keys, index + 2) is not None:
            return None
    unit = language.units.get(sentence.get_key(index + 1))
    maximum = _MAX_INTERVAL // (_MONTHS_PER_QUARTER if unit == "quarter" else 1)
    if unit not in _REPEAT_UNITS or interval > maximum:
        return None
    return _read_days_of_unit(sentence, unit, interval, index + 2)


def _read_days_of_unit(sentence: Sentence, unit: str, interval: int, index: int) -> _Repeat:
    """Return the repeat of a unit, and the days of the unit if they follow.

    Weekdays may follow without "on": "every 2 weeks monday".
    """
    if unit == "quarter":
        unit, interval = "month", interval * _MONTHS_PER_QUARTER
    rule = RepeatRule(unit, interval)
    start = sentence.language.repeat_on.skip(sentence.keys, index)
    days = None if start is None else _find_days_of_unit(sentence, unit, start)
    if start is None and unit == "week":
        days = _find_days_of_week(sentence, index)
    if days is None:
        return _Repeat(rule, index)
    days.rule = replace(days.rule, unit=unit, interval=interval)
    return days


def _find_days_of_unit(sentence: Sentence, unit: str, index: int) -> _Repeat | None:
    if unit == "week":
        return _find_weekdays(sentence, index)
    if unit == "year":
        return _find_day_of_year(sentence, index)
    if unit == "day":
        return None
    return _find_ordinal_days(sentence, index, is_in_month=True) or _find_day_of_month(
        sentence, index, needs_suffix=False
    )


def _find_ordinal_days(
    sentence: Sentence, index: int, *, is_in_month: bool = False
) -> _Repeat | None:
    """Return the repeat of "second tuesday", "last day" or "last workday", in a month."""
    language = sentence.language
    position = 2 if sentence.get_key(index) in language.other else sentence.read_ordinal(index)
    if position is None or position > 5:
        return None
    is_other = sentence.get_key(index) in language.other
    weekdays, end = _read_kind_of_day(sentence, index + 1)
    if end is None:
        return None
    after_month = language.of_the_month.skip(sentence.keys, end)
    if weekdays == ():
        return _Repeat(RepeatRule("month", month_day=position), after_month or end)
    counts_weeks = language.ordinal_weekday_counts_weeks and position > 1 and not is_in_month
    if is_other or (counts_weeks and after_month is None):
        return _Repeat(RepeatRule("week", position, weekdays=weekdays), end)
    return _Repeat(RepeatRule("month", weekdays=weekdays, position=position), after_month or end)


def _read_kind_of_day(sentence: Sentence, index: int) -> tuple[tuple[int, ...], int | None]:
    """Return the weekdays that a word means, none for "day", and the index after it."""
    language = sentence.language
    weekday = language.weekdays.get(sentence.get_key(index))
    if weekday is not None:
        return (weekday,), index + 1
    if language.units.get(sentence.get_key(index)) == "day":
        return (), index + 1
    return _WORKDAYS, language.workday.skip(sentence.keys, index)


def _find_weekdays(sentence: Sentence, index: int) -> _Repeat | None:
    """Return the repeat of "monday", "mon, wed and fri", "workday" or "weekend"."""
    language = sentence.language
    after_workday = language.workday.skip(sentence.keys, index)
    if after_workday is not None:
        return _Repeat(RepeatRule("week", weekdays=_WORKDAYS), after_workday)
    if sentence.get_key(index) in language.weekend:
        return _Repeat(RepeatRule("week", weekdays=(SATURDAY,)), index + 1)
    joined = language.joined_parts.get(sentence.get_key(index))
    if joined is not None:
        weekday, part = joined
        rule = RepeatRule("week", weekdays=(weekday,))
        return _Repeat(rule, index + 1, part=part, minutes=part)
    return _find_list_of_weekdays(sentence, index)


def _find_list_of_weekdays(sentence: Sentence, index: int) -> _Repeat | None:
    language = sentence.language
    weekdays: set[int] = set()
    end = index
    while (weekday := language.list_weekdays.get(sentence.get_key(index))) is not None:
        weekdays.add(weekday)
        end = index + 1
        index = end + 1 if sentence.get_key(end) in language.and_ else end
    if not weekdays:
        return None
    return _Repeat(RepeatRule("week", weekdays=tuple(sorted(weekdays))), end)


def _find_day_of_year(sentence: Sentence, index: int) -> _Repeat | None:
    """Return the repeat of "dec 24", "24 dec" or "24.12."."""
    found = find_month_and_day(sentence, index) or find_numeric_month_and_day(sentence, index)
    if found is None:
        return None
    month, day, end = found
    rule = RepeatRule("year", month=month, month_day=day)
    if find_day_of_year(sentence.today, month, day) is None:
        return _Repeat(rule, end, missing=(index, end))
    return _Repeat(rule, end)


def _find_day_of_month(
    sentence: Sentence, index: int, *, needs_suffix: bool = True
) -> _Repeat | None:
    """Return the repeat of "1st" or "15th"."""
    day = sentence.read_day_number(index, needs_suffix=needs_suffix)
    if day is None:
        return None
    after_month = sentence.language.of_the_month.skip(sentence.keys, index + 1)
    return _Repeat(RepeatRule("month", month_day=day), after_month or index + 1)


def _find_part(sentence: Sentence, index: int) -> _Repeat | None:
    """Return the repeat of "morning", every day."""
    part = sentence.language.parts.get(sentence.get_key(index))
    if part is None:
        return None
    return _Repeat(RepeatRule("day"), index + 1, part=part, minutes=part)


def _read_addition(sentence: Sentence, repeat: _Repeat) -> bool:
    """Read a time, a start, an end or "from completion"; return whether there was one."""
    return (
        _read_completion(sentence, repeat)
        or _read_time(sentence, repeat)
        or _read_start(sentence, repeat)
        or _read_until(sentence, repeat)
        or _read_count(sentence, repeat)
    )


def _read_completion(sentence: Sentence, repeat: _Repeat) -> bool:
    end = sentence.language.from_completion.skip(sentence.keys, repeat.end)
    if end is None or repeat.counts_from_completion:
        return False
    repeat.counts_from_completion = True
    repeat.end = end
    return True


def _read_time(sentence: Sentence, repeat: _Repeat) -> bool:
    if repeat.has_time:
        return False
    part = sentence.language.parts.get(sentence.get_key(repeat.end))
    if part is not None and repeat.part is None:
        repeat.part = repeat.minutes = part
        repeat.end += 1
        return True
    time = find_time(sentence, repeat.end)
    if time is None:
        return False
    repeat.minutes = move_to_part(time.minutes, repeat.part, has_half=time.has_half)
    repeat.has_time = True
    repeat.end = time.end
    return True


def _read_start(sentence: Sentence, repeat: _Repeat) -> bool:
    index = sentence.language.starting.skip(sentence.keys, repeat.end)
    day = None if index is None else find_day(sentence, index)
    if index is None or day is None or not day.accepts_time or repeat.start is not None:
        return False
    repeat.start = _read_day(repeat, day, index)
    return True


def _read_until(sentence: Sentence, repeat: _Repeat) -> bool:
    index = sentence.language.until.skip(sentence.keys, repeat.end)
    day = None if index is None else find_day(sentence, index)
    has_end = repeat.until is not None or repeat.count is not None
    if index is None or day is None or not day.accepts_time or has_end:
        return False
    repeat.until = _read_day(repeat, day, index)
    repeat.until_index = index if day.is_next else None
    return True


def _read_day(repeat: _Repeat, day: Day, index: int) -> date | None:
    repeat.end = day.end
    if day.day is None:
        repeat.missing = repeat.missing or (index, day.end)
    return day.day


def _read_count(sentence: Sentence, repeat: _Repeat) -> bool:
    index = repeat.end
    count = sentence.read_number(index + 1)
    is_count = (
        sentence.get_key(index) in sentence.language.for_
        and sentence.get_key(index + 2) in sentence.language.times
    )
    if count is None or not is_count or repeat.until is not None or repeat.count is not None:
        return False
    repeat.count = count
    repeat.end = index + 3
    return True


def _make_phrase(sentence: Sentence, repeat: _Repeat, index: int) -> Phrase:
    end = repeat.end
    if repeat.missing is not None:
        start, after = repeat.missing
        return Phrase(end, issue="no_such_day", issue_start=start, issue_end=after)
    start_day = repeat.start
    if start_day is None:
        has_passed = repeat.minutes is not None and is_over(sentence, repeat.minutes)
        start_day = sentence.today + timedelta(days=has_passed)
    _move_until(sentence, repeat, start_day)
    day = find_first_day(repeat.rule, start_day)
    if repeat.until is not None and repeat.until < day:
        return Phrase(end, issue="repeat_never", issue_start=index, issue_end=end)
    return Phrase(
        end,
        day,
        repeat.minutes,
        rule=_format_rule(repeat, day),
        counts_from_completion=repeat.counts_from_completion,
    )


def _move_until(sentence: Sentence, repeat: _Repeat, start: date) -> None:
    """Change the last day to the next such day from the start: "from dec 10 until jan 6"."""
    if repeat.until is None or repeat.until_index is None or repeat.until >= start:
        return
    later = replace(sentence, now=sentence.now.replace(start.year, start.month, start.day))
    day = find_day(later, repeat.until_index)
    if day is not None:
        repeat.until = day.day


def _format_rule(repeat: _Repeat, day: date) -> str:
    rule = repeat.rule
    # A rule that counts from the completion adds months to its day, so its start has no effect.
    if not repeat.counts_from_completion:
        rule = keep_day_of_month(rule, day)
    until = None if repeat.until is None else f"{repeat.until:%Y%m%d}"
    # UNTIL has the type of the due date (RFC 5545, section 3.3.10), and includes the whole day.
    if until is not None and repeat.minutes is not None:
        until += "T235959"
    return format_rule(rule, count=repeat.count, until=until)
