"""Due dates in quick add: a date, a time or both, such as "on friday at 9" or "9am tomorrow"."""

from datetime import timedelta

from taskstead.domain.quick_add.dates import Day, find_day
from taskstead.domain.quick_add.result import Phrase
from taskstead.domain.quick_add.sentence import Sentence
from taskstead.domain.quick_add.times import Time, find_time, move_to_part


def find_due_date(sentence: Sentence, index: int) -> Phrase | None:
    """Return the due date at an index, with the word before it, such as "on" or "by".

    Raises:
        ValueError, OverflowError: the date is after the year 9999.
    """
    after_lead_in = sentence.language.lead_ins.skip(sentence.keys, index)
    start = index if after_lead_in is None else after_lead_in
    day = find_day(sentence, start)
    if day is not None:
        return _read_time_after_day(sentence, start, day)
    time = find_time(sentence, start)
    return None if time is None else _read_day_after_time(sentence, time)


def _read_time_after_day(sentence: Sentence, start: int, day: Day) -> Phrase:
    minutes, part, end = day.minutes, day.part, day.end
    if day.accepts_time:
        named_part = sentence.language.parts.get(sentence.get_key(end))
        if named_part is not None:
            minutes, part, end = named_part, named_part, end + 1
        time = find_time(sentence, end)
        if time is not None:
            minutes = move_to_part(time.minutes, part, has_half=time.has_half)
            end = time.end
    if day.day is None:
        return Phrase(end, issue="no_such_day", issue_start=start, issue_end=day.end)
    return Phrase(end, day.day, minutes)


def _read_day_after_time(sentence: Sentence, time: Time) -> Phrase:
    lead_in = sentence.language.lead_ins.skip(sentence.keys, time.end)
    start = time.end if lead_in is None else lead_in
    day = find_day(sentence, start)
    if day is None or not day.accepts_time:
        has_passed = is_over(sentence, time.minutes)
        return Phrase(time.end, sentence.today + timedelta(days=has_passed), time.minutes)
    if day.day is None:
        return Phrase(day.end, issue="no_such_day", issue_start=start, issue_end=day.end)
    minutes = move_to_part(time.minutes, day.part, has_half=time.has_half)
    return Phrase(day.end, day.day, minutes)


def is_over(sentence: Sentence, minutes: int) -> bool:
    """Return whether a time of today has passed."""
    now = sentence.now
    passed = now.hour * 60 + now.minute
    return minutes < passed or (minutes == passed and now.second > 0)
