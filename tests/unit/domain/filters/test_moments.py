"""Moments in filters."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.filters.moments import parse_moment, resolve_moment
from taskstead.domain.filters.nodes import Moment
from tests.harness.filter_notation import write_moment
from tests.unit.domain.filters.strategies import MOMENTS

BERLIN = ZoneInfo("Europe/Berlin")
# A Wednesday.
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def resolve(text: str, now: datetime = NOW) -> list[str]:
    moment = parse_moment(text)
    assert moment is not None
    first, last = resolve_moment(moment, now, BERLIN)
    return [first.local] if first == last else [first.local, last.local]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("today", ["2026-11-25"]),
        ("Tomorrow", ["2026-11-26"]),
        ("yesterday", ["2026-11-24"]),
        ("thursday", ["2026-11-26"]),
        ("tuesday", ["2026-12-01"]),
        ("wednesday", ["2026-12-02"]),
        ("+0d", ["2026-11-25"]),
        ("-1d", ["2026-11-24"]),
        ("+2w", ["2026-12-09"]),
        ("+1m", ["2026-12-25"]),
        ("-1y", ["2025-11-25"]),
        ("+90h", ["2026-11-29T04:00:00"]),
        ("week", ["2026-11-23", "2026-11-29"]),
        ("last-week", ["2026-11-16", "2026-11-22"]),
        ("next-week", ["2026-11-30", "2026-12-06"]),
        ("month", ["2026-11-01", "2026-11-30"]),
        ("last-month", ["2026-10-01", "2026-10-31"]),
        ("NEXT-MONTH", ["2026-12-01", "2026-12-31"]),
        ("2026-12-01T09:00", ["2026-12-01T09:00"]),
        ("+99999y", ["9999-12-31"]),
        ("-99999m", ["0001-01-01"]),
        ("+99999h", ["2038-04-23T02:00:00"]),
    ],
)
def test_resolved_days(text: str, days: list[str]) -> None:
    assert resolve(text) == days


@pytest.mark.parametrize(
    ("now", "text", "day"),
    [
        (datetime(2027, 1, 31, tzinfo=UTC), "+1m", "2027-02-28"),
        (datetime(2028, 2, 29, tzinfo=UTC), "+1y", "2029-02-28"),
        (datetime(2026, 12, 31, tzinfo=UTC), "-1m", "2026-11-30"),
        # In Berlin, the next day has begun.
        (datetime(2026, 11, 25, 23, 30, tzinfo=UTC), "today", "2026-11-26"),
        # A Sunday.
        (datetime(2026, 11, 29, 12, tzinfo=UTC), "sunday", "2026-12-06"),
        (datetime(2026, 11, 29, 12, tzinfo=UTC), "monday", "2026-11-30"),
    ],
)
def test_day_at_other_times(now: datetime, text: str, day: str) -> None:
    assert resolve(text, now) == [day]


def test_hours_are_exact_when_clocks_are_turned_back() -> None:
    moment = Moment("hours", 1)
    before = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    point, _ = resolve_moment(moment, before, BERLIN)
    assert (point.local, point.exact) == ("2026-10-25T02:30:00", "2026-10-25T01:30:00Z")


@pytest.mark.parametrize(
    "text",
    ["", "soon", "7d", "+7", "+d", "+100000d", "+1.5h", "2026-02-30", "2026-12", "12:00", "+١d"],  # noqa: RUF001
)
def test_other_texts_are_no_moments(text: str) -> None:
    assert parse_moment(text) is None


@given(MOMENTS)
def test_written_moment_is_parsed_to_the_same_moment(moment: Moment) -> None:
    assert parse_moment(write_moment(moment)) == moment


@given(MOMENTS, st.datetimes(timezones=st.just(UTC)))
def test_every_moment_is_resolved_at_any_time(moment: Moment, now: datetime) -> None:
    first, last = resolve_moment(moment, now, UTC)
    assert first.local <= last.local
