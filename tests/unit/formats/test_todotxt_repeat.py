"""Repeating tasks in todo.txt: the words ``rec:``, ``rrule:`` and ``repeat:``."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskstead.domain.recurrence.rules import RuleError
from taskstead.domain.recurrence.validation import check_rule
from taskstead.formats.todotxt import encode_todo_lines, parse_todo_line
from taskstead.formats.todotxt_repeat import list_repeat_words, parse_repeat
from taskstead.tables.tasks import LabelledTaskRow
from tests.unit.formats.rows import TASK

UTC_ZONE = ZoneInfo("Etc/UTC")
LAST_DAY = "BYMONTHDAY=28,29,30,31;BYSETPOS=-1"


@pytest.mark.parametrize(
    ("line", "rule", "mode"),
    [
        ("A due:2026-12-01 rec:+1d", "FREQ=DAILY", "schedule"),
        ("A due:2026-12-01 rec:3d", "FREQ=DAILY;INTERVAL=3", "completion"),
        ("rec:2w due:2026-12-01 A", "FREQ=WEEKLY;INTERVAL=2", "completion"),
        ("A due:2026-12-01 rec:+1b", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "schedule"),
        ("A due:2026-12-01 rec:1b", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "completion"),
        ("A due:2026-12-01 rec:+1m", "FREQ=MONTHLY", "schedule"),
        ("A due:2027-01-31 rec:+1m", f"FREQ=MONTHLY;{LAST_DAY}", "schedule"),
        ("A due:2027-01-31T09:00:00 rec:+2m", f"FREQ=MONTHLY;INTERVAL=2;{LAST_DAY}", "schedule"),
        ("A due:2027-01-31 rec:1m", "FREQ=MONTHLY", "completion"),
        ("A due:2026-12-31 rec:+1y", "FREQ=YEARLY", "schedule"),
        (
            "A due:2028-02-29 rec:+1y",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
            "schedule",
        ),
        ("A due:2026-12-01 rrule:FREQ=MONTHLY;BYDAY=1TU", "FREQ=MONTHLY;BYDAY=1TU", "schedule"),
        ("A due:2026-12-01 rrule:FREQ=DAILY repeat:each", "FREQ=DAILY", "each"),
        ("A due:2026-12-01 rrule:FREQ=DAILY repeat:completion", "FREQ=DAILY", "completion"),
        ("A due:2026-12-01 rec:+1w repeat:each", "FREQ=WEEKLY", "each"),
    ],
)
def test_rule_is_read(line: str, rule: str, mode: str) -> None:
    task = parse_todo_line(line.encode(), UTC_ZONE)
    assert (task.title, task.repeat_rule, task.repeat_mode) == ("A", rule, mode)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("A rec:1w", "A rec:1w"),
        ("A rec:1w due:soon", "A rec:1w due:soon"),
        ("A rrule:FREQ=DAILY repeat:each", "A rrule:FREQ=DAILY repeat:each"),
        ("A due:2026-12-01 rec:0d", "A rec:0d"),
        ("A due:2026-12-01 rec:1001d", "A rec:1001d"),
        ("A due:2026-12-01 rec:w", "A rec:w"),
        ("rec:1h A due:2026-12-01", "rec:1h A"),
        ("A due:2026-12-01 rec:2b", "A rec:2b"),
        ("A due:2026-12-01 rec:-1d", "A rec:-1d"),
        ("A due:2026-12-01 REC:1d", "A REC:1d"),
        ("A due:2026-12-01 rrule:FREQ=HOURLY", "A rrule:FREQ=HOURLY"),
        ("A due:2026-12-01 rrule:FREQ=DAILY;UNTIL=20200101", "A rrule:FREQ=DAILY;UNTIL=20200101"),
        ("A due:2026-12-01 rrule:" + "X" * 400, "A rrule:" + "X" * 400),
        ("A due:2026-12-01 repeat:each", "A repeat:each"),
    ],
)
def test_word_without_a_meaning_is_part_of_the_title(line: str, title: str) -> None:
    task = parse_todo_line(line.encode(), UTC_ZONE)
    assert (task.title, task.repeat_rule) == (title, None)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("A due:2026-12-01 rec:1w rec:2w", "A rec:2w"),
        ("A due:2026-12-01 rec:1w rrule:FREQ=DAILY", "A rrule:FREQ=DAILY"),
        ("A due:2026-12-01 rec:1w repeat:each", "A repeat:each"),
        ("A due:2026-12-01 rec:+1w repeat:daily", "A repeat:daily"),
        ("A t:2026-11-28 due:2026-12-01 rec:1w", "A t:2026-11-28"),
    ],
)
def test_further_words_are_part_of_the_title(line: str, title: str) -> None:
    task = parse_todo_line(line.encode(), UTC_ZONE)
    assert (task.title, task.repeat_rule) == (title, "FREQ=WEEKLY")


def make_row(**values: Any) -> LabelledTaskRow:
    """Return a repeating task."""
    given = {"due_date": "2026-12-01", "repeat_mode": "schedule", "repeat_gone": 0, **values}
    row: LabelledTaskRow = {**TASK, **given}  # type: ignore[typeddict-item]
    return row


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"repeat_rule": "FREQ=DAILY"}, "rec:+1d"),
        ({"repeat_rule": "FREQ=DAILY;INTERVAL=3", "repeat_mode": "completion"}, "rec:3d"),
        ({"repeat_rule": "FREQ=WEEKLY;INTERVAL=2", "repeat_mode": "each"}, "rec:+2w repeat:each"),
        ({"repeat_rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}, "rec:+1b"),
        ({"repeat_rule": "FREQ=MONTHLY"}, "rec:+1m"),
        # The rule omits short months, and "rec:" does not.
        ({"repeat_rule": "FREQ=MONTHLY", "due_date": "2027-01-31"}, "rrule:FREQ=MONTHLY"),
        ({"repeat_rule": f"FREQ=MONTHLY;{LAST_DAY}", "due_date": "2027-01-31"}, "rec:+1m"),
        ({"repeat_rule": "freq=daily"}, "rrule:freq=daily"),
        (
            {"repeat_rule": "FREQ=MONTHLY;BYDAY=1TU", "repeat_mode": "completion"},
            "rrule:FREQ=MONTHLY;BYDAY=1TU repeat:completion",
        ),
        ({"repeat_rule": "FREQ=DAILY;COUNT=5", "repeat_gone": 2}, "rrule:FREQ=DAILY;COUNT=3"),
        ({"repeat_rule": "FREQ=DAILY;COUNT=1", "repeat_gone": 1}, "rrule:FREQ=DAILY;COUNT=1"),
        # The due date was moved behind the end.
        ({"repeat_rule": "FREQ=DAILY;UNTIL=20261130"}, ""),
        (
            {
                "repeat_rule": "FREQ=DAILY;UNTIL=20261231T235959Z",
                "due_date": "2026-12-01T09:00:00",
                "due_time_zone": "Europe/Berlin",
            },
            "rrule:FREQ=DAILY;UNTIL=20261231T235959Z",
        ),
        ({"repeat_rule": None, "repeat_mode": None}, ""),
    ],
)
def test_rule_is_written(values: dict[str, Any], words: str) -> None:
    assert " ".join(list_repeat_words(make_row(**values))) == words


def test_words_follow_the_due_date() -> None:
    line = encode_todo_lines([make_row(repeat_rule="FREQ=DAILY")], UTC_ZONE).decode()
    assert line == "2014-06-19 Title due:2026-12-01 rec:+1d\n"


intervals = st.sampled_from(["", ";INTERVAL=1", ";INTERVAL=2", ";INTERVAL=1000"])
frequencies = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
parts = st.sampled_from(
    [
        *("", ";COUNT=4", ";UNTIL=29991231", ";BYDAY=MO,TU,WE,TH,FR", ";BYDAY=SU", ";WKST=SU"),
        *(";BYMONTHDAY=28,29,30,31;BYSETPOS=-1", ";BYMONTHDAY=28,29;BYSETPOS=-1", ";BYMONTHDAY=31"),
        *(";BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", ";BYMONTH=2", ";BYDAY=1TU", ";BYDAY=-1FR"),
    ]
)


def is_valid(rule: str, due_date: str) -> bool:
    try:
        check_rule(rule, due_date, None)
    except RuleError:
        return False
    return True


@given(
    day=st.dates(date(1990, 1, 1), date(2900, 1, 1)) | st.sampled_from([date(2028, 2, 29)]),
    time=st.sampled_from(["", "T09:00:00"]),
    frequency=frequencies,
    interval=intervals,
    part=parts,
    mode=st.sampled_from(["schedule", "each", "completion"]),
)
def test_round_trip_preserves_rule_and_mode(  # noqa: PLR0917 - Hypothesis passes the arguments
    day: date, time: str, frequency: str, interval: str, part: str, mode: str
) -> None:
    rule, due_date = f"FREQ={frequency}{interval}{part}", f"{day}{time}"
    assume(is_valid(rule, due_date))
    row = make_row(repeat_rule=rule, repeat_mode=mode, due_date=due_date)
    task = parse_todo_line(encode_todo_lines([row], UTC_ZONE).strip(), UTC_ZONE)
    assert (task.title, task.due_date) == ("Title", due_date)
    assert (task.repeat_rule, task.repeat_mode) == (rule, mode)


@given(
    words=st.lists(st.from_regex(r"(rec|rrule|repeat):[+a-z0-9]{0,6}", fullmatch=True)),
    day=st.none() | st.dates(date(1, 1, 2), date(9999, 12, 30)).map(str),
)
def test_no_word_is_lost(words: list[str], day: str | None) -> None:
    rest, values = parse_repeat(words, day)
    assert len(words) - len(rest) in ({1, 2} if values else {0})
