"""The next occurrence of a series: vectors, modes, DST, and an independent enumeration."""

import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskstead.domain.due_dates import parse_due_date
from taskstead.domain.recurrence.series import (
    Occurrence,
    RepeatMode,
    Series,
    complete,
    iterate_next,
    skip,
)
from tests.harness import recurrence_vectors
from tests.unit.domain.recurrence.enumeration import (
    DAY,
    SEARCHED_DAYS,
    Parts,
    get_period,
    list_all_days,
    rules,
    starts,
)

VECTORS = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "data" / "recurrence.jsonl").read_text().splitlines()
]
BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
ZONES = [BERLIN, NEW_YORK, LORD_HOWE, "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca"]
MODES: list[RepeatMode] = ["schedule", "each"]


def make_series(
    rule: str,
    due: str,
    *,
    mode: RepeatMode = "schedule",
    zone: str | None = None,
    start: str | None = None,
    at: str | None = None,
    gone: int = 0,
    exceptions: tuple[str, ...] = (),
) -> Series:
    return Series(rule, mode, start or due, due, zone, at or due, gone, exceptions)


def complete_at(series: Series, now: str, reader: str = BERLIN) -> Occurrence | None:
    return complete(series, datetime.fromisoformat(now), ZoneInfo(reader))


def complete_on(series: Series, day: str) -> str | None:
    """Complete at noon in Berlin and return the next due date."""
    now = datetime.combine(date.fromisoformat(day), time(12), ZoneInfo(BERLIN))
    occurrence = complete(series, now, ZoneInfo(BERLIN))
    return None if occurrence is None else occurrence.due_date


def skip_to(series: Series) -> str | None:
    occurrence = skip(series, ZoneInfo(BERLIN))
    return None if occurrence is None else occurrence.due_date


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vector(vector: dict[str, Any]) -> None:
    series = make_series(
        vector["rule"],
        vector["due"],
        mode=vector.get("mode", "schedule"),
        zone=vector.get("due_time_zone"),
        start=vector.get("start"),
        at=vector.get("at"),
        gone=vector.get("gone", 0),
        exceptions=tuple(vector.get("except", ())),
    )
    reader = ZoneInfo(vector["profile_zone"])
    if vector.get("action") == "skip":
        occurrence = skip(series, reader)
    else:
        occurrence = complete(series, datetime.fromisoformat(vector["now"]), reader)
    result = {"end": True} if occurrence is None else {"due": occurrence.due_date}
    assert result == vector["expect"]


# Random series, which the web app runs too.
MORE_LINES = recurrence_vectors.PATH.read_text(encoding="utf-8").splitlines()
MORE_PAIRS = list(zip(MORE_LINES, recurrence_vectors.make_content().splitlines(), strict=True))


@pytest.mark.parametrize(("line", "expected"), MORE_PAIRS)
def test_vector_of_a_random_series(line: str, expected: str) -> None:
    assert line == expected


def get_moment(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@st.composite
def series_with_days(draw: st.DrawFn) -> tuple[Series, list[date]]:
    """Generate a series and its first days. COUNT, UNTIL or nothing ends it."""
    parts = draw(rules())
    days = list(islice(list_all_days(parts, draw(starts())), 40))
    assume(len(days) > 2)
    index = draw(st.integers(0, len(days) - 2))
    excluded = draw(st.lists(st.sampled_from(days), max_size=5))
    number = draw(st.integers(1, len(days)))
    end = draw(st.sampled_from(["", f";COUNT={number}", f";UNTIL={days[number - 1]:%Y%m%d}"]))
    series = make_series(
        parts.text + end,
        days[index].isoformat(),
        mode=draw(st.sampled_from(MODES)),
        start=days[0].isoformat(),
        # It is counted if it is not given.
        gone=draw(st.sampled_from([0, index])) if "COUNT" in end else index,
        exceptions=tuple(day.isoformat() for day in excluded),
    )
    return series, days[:number] if end else days


@given(series_with_days(), st.integers(-10, 400))
def test_next_occurrence_agrees_with_enumeration(
    generated: tuple[Series, list[date]], lateness: int
) -> None:
    series, days = generated
    current = date.fromisoformat(series.due_date)
    today = current + lateness * DAY
    earliest = max(current, today) if series.mode == "schedule" else current
    expected = [
        (day.isoformat(), number)
        for number, day in enumerate(days)
        if day > earliest and day.isoformat() not in series.exceptions
    ]
    assume(expected or "COUNT" in series.rule or "UNTIL" in series.rule)
    occurrence = complete(series, get_moment(today), ZoneInfo("UTC"))
    found = None if occurrence is None else (occurrence.due_date, occurrence.gone)
    assert found == (expected[0] if expected else None)


def add_naively(parts: Parts, day: date) -> date:
    """Return the day an interval later. Days that do not exist become the last of the month."""
    if parts.freq in {"DAILY", "WEEKLY"}:
        return day + parts.interval * DAY * (7 if parts.freq == "WEEKLY" else 1)
    year, month = day.year, day.month
    for _ in range(parts.interval * (12 if parts.freq == "YEARLY" else 1)):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, day.day)


@given(rules(), starts(), starts())
def test_completion_agrees_with_enumeration(parts: Parts, due: date, completed: date) -> None:
    series = make_series(parts.text, due.isoformat(), mode="completion")
    occurrence = complete(series, get_moment(completed), ZoneInfo("UTC"))
    if not parts.has_by_parts:
        assert occurrence is not None
        assert occurrence.due_date == add_naively(parts, completed).isoformat()
        return
    own_period = get_period(parts, completed) if parts.interval > 1 else None
    following = (
        day
        for day in list_all_days(parts, completed)
        if day > completed and get_period(parts, day) != own_period
    )
    expected = next(following, None)
    if expected is None:
        searched = completed + (SEARCHED_DAYS[parts.freq] - 1) * DAY
        assert occurrence is None or date.fromisoformat(occurrence.due_date) > searched
    else:
        assert occurrence is not None
        assert occurrence.due_date == expected.isoformat()


@given(rules(), starts(), st.integers(-30, 30), st.sampled_from(MODES))
def test_skip_advances_after_the_occurrence(
    parts: Parts, at: date, moved: int, mode: RepeatMode
) -> None:
    due = (at + moved * DAY).isoformat()
    series = make_series(parts.text, due, mode=mode, start=at.isoformat(), at=at.isoformat())
    following = (day for day in list_all_days(parts, at) if day > at)
    expected = next(following, None)
    assume(expected is not None)
    assert expected is not None
    assert skip_to(series) == expected.isoformat()


@given(rules(), starts(), st.integers(0, 900))
def test_age_of_a_series_does_not_change_the_result(parts: Parts, start: date, age: int) -> None:
    """With COUNT, all occurrences are counted from the start."""
    at = (start + age * DAY).isoformat()
    now = get_moment(start + age * DAY)
    endless = make_series(parts.text, at, start=start.isoformat())
    counted = make_series(f"{parts.text};COUNT=1000", at, start=start.isoformat())
    result = complete(endless, now, ZoneInfo("UTC"))
    other = complete(counted, now, ZoneInfo("UTC"))
    assert (result and result.due_date) == (other and other.due_date)


@given(
    st.sampled_from(ZONES),
    st.dates(date(2010, 1, 1), date(2027, 12, 1)),
    st.times().map(lambda each: each.replace(microsecond=0)),
    st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY;BYMONTHDAY=1,14,28,-1"]),
)
def test_local_time_stays_when_clocks_change(
    zone: str, day: date, time_of_day: time, rule: str
) -> None:
    info = ZoneInfo(zone)
    start = datetime.combine(day, time_of_day, info).astimezone(UTC).astimezone(info)
    text = start.isoformat()
    assume(len(text) == len("2026-12-01T09:00:00+01:00"))
    series = make_series(rule, text, zone=zone, mode="each")
    occurrence = skip(series, info)
    assert occurrence is not None
    rule_time = datetime.fromisoformat(occurrence.at)
    due = datetime.fromisoformat(occurrence.due_date).astimezone(info)
    exists = rule_time.replace(tzinfo=info).astimezone(UTC).astimezone(info)
    assert rule_time.time() == start.time()
    if exists.replace(tzinfo=None) == rule_time:
        assert (due.replace(tzinfo=None), due.fold) == (rule_time, 0)
    else:
        # A gap is at most a day long (Apia, 30 December 2011).
        assert rule_time < due.replace(tzinfo=None) <= rule_time + timedelta(days=1)


@given(
    rules(),
    st.sampled_from(["2026-11-30", "2026-11-30T09:00", "2026-11-30T09:00:00.5+01:00"]),
    st.sampled_from([None, NEW_YORK]),
    st.sampled_from(["schedule", "each", "completion"]),
)
def test_due_dates_are_valid_and_ascend(
    parts: Parts, due: str, zone: str | None, mode: RepeatMode
) -> None:
    series = make_series(parts.text, due, zone=zone, mode=mode)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    occurrences = list(islice(iterate_next(series, now, ZoneInfo(BERLIN)), 5))
    times = [parse_due_date(each.due_date, zone).at for each in occurrences]
    assert times == sorted(set(times))
    assert all(each > parse_due_date(due, zone).at for each in times)
    assert [each.gone for each in occurrences] == list(range(1, len(occurrences) + 1))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # 08:30 in Berlin: 09:00 is still to come.
        ("2026-11-26T07:30:00+00:00", "2026-11-26T09:00:00"),
        ("2026-11-26T07:59:59+00:00", "2026-11-26T09:00:00"),
        ("2026-11-26T08:00:00+00:00", "2026-11-27T09:00:00"),
        ("2026-11-26T23:30:00+00:00", "2026-11-27T09:00:00"),
    ],
)
def test_floating_time_is_compared_in_the_zone_of_the_user(now: str, expected: str) -> None:
    occurrence = complete_at(make_series("FREQ=DAILY", "2026-11-23T09:00:00"), now)
    assert occurrence is not None
    assert occurrence.due_date == expected


@pytest.mark.parametrize(
    ("reader", "expected"),
    [(NEW_YORK, "2026-11-26"), (BERLIN, "2026-11-27"), ("Pacific/Auckland", "2026-11-27")],
)
def test_date_is_compared_with_today_of_the_user(reader: str, expected: str) -> None:
    # 22:30 on the 25th in New York, 04:30 on the 26th in Berlin.
    series = make_series("FREQ=DAILY", "2026-11-23", zone="Asia/Tokyo")
    occurrence = complete_at(series, "2026-11-26T03:30:00+00:00", reader)
    assert occurrence is not None
    assert occurrence.due_date == expected


@pytest.mark.parametrize(
    ("due", "zone", "now", "expected"),
    [
        # The next occurrence is not displayed before 03:30.
        (
            "2027-03-13T02:30:00-05:00",
            NEW_YORK,
            "2027-03-14T03:10:00-04:00",
            "2027-03-14T03:30:00-04:00",
        ),
        (
            "2027-03-13T02:30:00-05:00",
            NEW_YORK,
            "2027-03-14T03:30:00-04:00",
            "2027-03-15T02:30:00-04:00",
        ),
        # 01:30 for the first time is past when it is 01:10 for the second time.
        (
            "2027-11-06T01:30:00-04:00",
            NEW_YORK,
            "2027-11-07T01:10:00-05:00",
            "2027-11-08T01:30:00-05:00",
        ),
        # A local time with a zone keeps its notation, also in a gap.
        ("2027-03-27T02:30:00", BERLIN, "2027-03-27T12:00:00+01:00", "2027-03-28T02:30:00"),
        # The own offset applies without a zone.
        (
            "2026-11-25T23:00:00-11:00",
            None,
            "2026-11-26T09:00:00+00:00",
            "2026-11-26T23:00:00-11:00",
        ),
    ],
)
def test_instants_are_compared_when_clocks_change(
    due: str, zone: str | None, now: str, expected: str
) -> None:
    occurrence = complete_at(make_series("FREQ=DAILY", due, zone=zone), now)
    assert occurrence is not None
    assert occurrence.due_date == expected


def test_completion_keeps_local_time_of_a_gap() -> None:
    series = make_series(
        "FREQ=DAILY",
        "2027-03-14T03:30:00-04:00",
        mode="completion",
        zone=NEW_YORK,
        at="2027-03-14T02:30:00",
    )
    occurrence = complete_at(series, "2027-03-14T12:00:00-04:00")
    assert occurrence == Occurrence("2027-03-15T02:30:00-04:00", "2027-03-15T02:30:00", 1)


def test_completion_takes_time_of_a_moved_due_date() -> None:
    series = make_series(
        "FREQ=DAILY", "2026-11-26T17:00:00", mode="completion", at="2026-11-25T09:00:00"
    )
    assert complete_on(series, "2026-11-27") == "2026-11-28T17:00:00"


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-11-25", "2026-12-07"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU", "2026-11-28", "2026-12-06"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=MO", "2026-11-28", "2026-12-13"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", "2026-11-25", "2026-11-27"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-11-15", "2026-12-01"),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,15", "2026-11-10", "2027-01-01"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-27", "2026-11-30"),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYMONTHDAY=1", "2026-01-10", "2028-03-01"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2026-11-27", "2026-11-30"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "2026-11-24", None),
    ],
)
def test_completion_with_by_parts(rule: str, day: str, expected: str | None) -> None:
    assert complete_on(make_series(rule, "2026-11-01", mode="completion"), day) == expected


@pytest.mark.parametrize(
    ("due", "at", "expected"),
    [
        ("2026-11-26", "2026-11-26", "2026-11-29"),
        ("2026-11-28", "2026-11-26", "2026-12-01"),
        # Moved to an earlier day. The skipped occurrence does not come again.
        ("2026-11-23", "2026-11-26", "2026-11-29"),
    ],
)
def test_skip_counts_from_due_date_or_occurrence(due: str, at: str, expected: str) -> None:
    series = make_series("FREQ=DAILY;INTERVAL=3", due, mode="completion", at=at)
    assert skip_to(series) == expected


@pytest.mark.parametrize("mode", ["schedule", "each", "completion"])
@pytest.mark.parametrize(
    ("due", "exception", "expected"),
    [
        ("2026-11-26", "2026-11-27", "2026-11-28"),
        ("2026-11-26T09:00:00", "2026-11-27", "2026-11-28T09:00:00"),
        ("2026-11-26T09:00:00", "2026-11-27T09:00:00", "2026-11-28T09:00:00"),
        ("2026-11-26T09:00:00", "2026-11-27T10:00:00", "2026-11-27T09:00:00"),
        ("2026-11-26", "2026-11-27T10:00:00", "2026-11-28"),
        ("2026-11-26T09:00:00+01:00", "2026-11-27T09:00:00", "2026-11-28T09:00:00+01:00"),
    ],
)
def test_exceptions_are_passed_over(
    due: str, exception: str, expected: str, mode: RepeatMode
) -> None:
    series = make_series("FREQ=DAILY", due, mode=mode, exceptions=(exception,))
    assert complete_on(series, "2026-11-26") == expected


def test_exceptions_can_end_a_series() -> None:
    series = make_series("FREQ=DAILY;COUNT=2", "2026-11-26", exceptions=("2026-11-27",))
    assert complete_on(series, "2026-11-26") is None


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("at", "gone", "expected"),
    [
        ("2026-11-25", 0, "2026-11-30"),
        ("2026-11-30", 1, "2026-12-07"),
        ("2026-11-30", 0, "2026-12-07"),
        ("2026-12-07", 2, None),
    ],
)
def test_start_counts_even_if_it_does_not_match(
    at: str, gone: int, expected: str | None, mode: RepeatMode
) -> None:
    """RFC 5545 counts DTSTART as the first occurrence. 25 November is a Wednesday."""
    series = make_series(
        "FREQ=WEEKLY;BYDAY=MO;COUNT=3", at, mode=mode, start="2026-11-25", gone=gone
    )
    assert complete_on(series, at) == expected


@pytest.mark.parametrize(("gone", "expected"), [(0, "2026-11-27"), (1, "2026-11-27"), (2, None)])
def test_completion_counts_completions(gone: int, expected: str | None) -> None:
    series = make_series("FREQ=DAILY;COUNT=3", "2026-11-20", mode="completion", gone=gone)
    assert complete_on(series, "2026-11-26") == expected


@pytest.mark.parametrize("mode", ["schedule", "each", "completion"])
@pytest.mark.parametrize(
    ("due", "zone", "until", "expected"),
    [
        ("2026-11-26", None, "20261127", "2026-11-27"),
        ("2026-11-26", None, "20261126", None),
        ("2026-11-26T09:00:00", None, "20261127", "2026-11-27T09:00:00"),
        ("2026-11-26T09:00:00", None, "20261127T090000", "2026-11-27T09:00:00"),
        ("2026-11-26T09:00:00", None, "20261127T085959", None),
        ("2026-11-26T09:00:00", BERLIN, "20261127T080000Z", "2026-11-27T09:00:00"),
        ("2026-11-26T09:00:00", BERLIN, "20261127T075959Z", None),
    ],
)
def test_until_ends_a_series(
    due: str, zone: str | None, until: str, expected: str | None, mode: RepeatMode
) -> None:
    series = make_series(f"FREQ=DAILY;UNTIL={until}", due, zone=zone, mode=mode)
    assert complete_on(series, "2026-11-26") == expected


@pytest.mark.parametrize(
    ("due", "until", "expected"),
    [
        ("2026-11-26T20:00:00-11:00", "20261128T070000Z", "2026-11-27T20:00:00-11:00"),
        ("2026-11-26T20:00:00-11:00", "20261128T065959Z", None),
        ("2026-11-26T06:00:00+14:00", "20261126T160000Z", "2026-11-27T06:00:00+14:00"),
        ("2026-11-26T06:00:00+14:00", "20261126T155959Z", None),
    ],
)
def test_until_may_be_on_another_day_in_utc(due: str, until: str, expected: str | None) -> None:
    assert skip_to(make_series(f"FREQ=DAILY;UNTIL={until}", due)) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [(None, "2026-11-28T20:00:00-11:00"), ("Pacific/Niue", "2026-11-27T20:00:00-11:00")],
)
def test_day_of_completion_is_in_zone_of_task_or_user(zone: str | None, expected: str) -> None:
    series = make_series("FREQ=DAILY", "2026-11-26T20:00:00-11:00", zone=zone, mode="completion")
    # 21:00 on the 26th in Niue.
    occurrence = complete_at(series, "2026-11-27T09:00:00+01:00")
    assert occurrence is not None
    assert occurrence.due_date == expected


@pytest.mark.parametrize("mode", ["schedule", "each", "completion"])
@pytest.mark.parametrize(
    ("due", "zone"),
    [
        ("9999-12-31", None),
        ("9999-12-31T09:00:00", None),
        ("9999-12-31T09:00:00Z", None),
        ("9999-12-31T09:00:00", NEW_YORK),
        ("9999-12-31T09:00:00Z", "Etc/GMT-14"),
        ("9999-12-31T04:00:00-05:00", NEW_YORK),
    ],
)
def test_series_ends_with_year_9999(due: str, zone: str | None, mode: RepeatMode) -> None:
    series = make_series("FREQ=DAILY", due, zone=zone, mode=mode)
    now = datetime(9999, 12, 31, 8, tzinfo=UTC)
    assert (complete(series, now, ZoneInfo("UTC")), skip(series, ZoneInfo("UTC"))) == (None, None)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("0001-01-01", "0001-01-02"),
        ("0001-01-01T00:00:00", "0001-01-02T00:00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"),
        ("1883-11-18T12:00:00Z", "1883-11-19T12:00:00Z"),
    ],
)
def test_series_begins_at_any_time(due: str, expected: str) -> None:
    assert skip_to(make_series("FREQ=DAILY", due)) == expected


def test_historical_offset_keeps_local_time() -> None:
    # Local mean time in New York was 4:56:02 behind UTC. The offset is rounded to a minute.
    series = make_series("FREQ=DAILY", "1883-11-16T12:00:02-04:56", zone=NEW_YORK)
    occurrence = skip(series, ZoneInfo(BERLIN))
    assert occurrence is not None
    assert occurrence.due_date == "1883-11-17T12:00:02-04:56"


@pytest.mark.parametrize(
    ("rule", "late", "gone"),
    [
        ("FREQ=DAILY", "2026-11-26", 4),
        ("FREQ=WEEKLY", "2026-12-14", 4),
        ("FREQ=DAILY;COUNT=100", "2026-11-26", 4),
    ],
)
def test_occurrences_that_were_passed_over_are_gone(rule: str, late: str, gone: int) -> None:
    series = make_series(rule, "2026-11-23")
    occurrence = complete(series, get_moment(date.fromisoformat(late)), ZoneInfo("UTC"))
    assert occurrence is not None
    assert occurrence.gone == gone


def test_occurrences_long_ago_are_not_counted() -> None:
    series = make_series("FREQ=DAILY", "1990-01-01")
    occurrence = complete(series, get_moment(date(2026, 11, 26)), ZoneInfo("UTC"))
    assert occurrence == Occurrence("2026-11-27", "2026-11-27", 1002)


@pytest.mark.parametrize(
    ("start", "due", "expected"),
    [
        # A time was added to a date, or removed. The rule still has the start's kind.
        ("2026-11-26", "2026-11-26T09:00:00", "2026-11-27"),
        ("2026-11-26T09:00:00", "2026-11-26", "2026-11-27T09:00:00"),
        ("2026-11-26T09:00:00+01:00", "2026-11-26T20:00:00", "2026-11-27T09:00:00+01:00"),
    ],
)
def test_start_decides_the_kind_of_the_next_due_date(start: str, due: str, expected: str) -> None:
    series = make_series("FREQ=DAILY", due, start=start, at=start)
    assert complete_on(series, "2026-11-26") == expected


def test_occurrence_of_another_kind_stands_for_its_day() -> None:
    series = make_series("FREQ=DAILY", "2026-11-26T09:00:00", at="2026-11-26")
    assert skip_to(series) == "2026-11-27T09:00:00"


def list_due_dates(series: Series, now: str, number: int) -> list[str]:
    occurrences = list(
        islice(iterate_next(series, datetime.fromisoformat(now), ZoneInfo(BERLIN)), number)
    )
    return [each.due_date for each in occurrences]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("schedule", ["2026-11-28", "2026-11-30"]),
        ("each", ["2026-11-24", "2026-11-26"]),
        ("completion", ["2026-11-28", "2026-11-30"]),
    ],
)
def test_next_occurrences_of_an_overdue_task(mode: RepeatMode, expected: list[str]) -> None:
    series = make_series("FREQ=DAILY;INTERVAL=2", "2026-11-22", mode=mode)
    assert list_due_dates(series, "2026-11-26T12:00:00+01:00", 2) == expected


@pytest.mark.parametrize("mode", ["schedule", "each", "completion"])
def test_next_occurrences_of_a_task_due_later(mode: RepeatMode) -> None:
    series = make_series("FREQ=MONTHLY", "2026-12-01", mode=mode)
    expected = ["2027-01-01", "2027-02-01", "2027-03-01"]
    assert list_due_dates(series, "2026-11-26T12:00:00+01:00", 3) == expected


@pytest.mark.parametrize("mode", ["schedule", "each", "completion"])
def test_next_occurrences_end_with_count(mode: RepeatMode) -> None:
    series = make_series("FREQ=DAILY;COUNT=3", "2026-11-26", mode=mode)
    expected = ["2026-11-27", "2026-11-28"]
    assert list_due_dates(series, "2026-11-26T12:00:00+01:00", 10) == expected


@given(rules(), starts(), st.sampled_from(MODES))
def test_next_occurrences_are_those_of_completions(
    parts: Parts, start: date, mode: RepeatMode
) -> None:
    """Each occurrence is completed on its day, one after another."""
    series = make_series(parts.text, start.isoformat(), mode=mode)
    listed = list(islice(iterate_next(series, get_moment(start), ZoneInfo("UTC")), 3))
    current, day, completed = series, start, []
    for _ in listed:
        occurrence = complete(current, get_moment(day), ZoneInfo("UTC"))
        assert occurrence is not None
        completed.append(occurrence)
        current = make_series(
            parts.text,
            occurrence.due_date,
            mode=mode,
            start=series.start,
            at=occurrence.at,
            gone=occurrence.gone,
        )
        day = date.fromisoformat(occurrence.due_date)
    assert completed == listed
