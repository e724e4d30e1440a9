"""Time ranges of filters: days and moments, in UTC and in the local time of the user."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.time_ranges import TimeRange, is_day_or_moment, parse_day_or_moment

BERLIN = ZoneInfo("Europe/Berlin")
# It is already 2 December in Berlin.
NOW = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def find_range(text: str, zone: str = "Europe/Berlin") -> TimeRange:
    return parse_day_or_moment(text, ZoneInfo(zone), NOW)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("yesterday", "2026-11-30T23:00", "2026-12-01T23:00"),
        ("today", "2026-12-01T23:00", "2026-12-02T23:00"),
        ("tomorrow", "2026-12-02T23:00", "2026-12-03T23:00"),
        ("2024-02-29", "2024-02-28T23:00", "2024-02-29T23:00"),
        # The clock is set forward and back on these days.
        ("2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
    ],
)
def test_day_is_from_midnight_to_midnight(text: str, start: str, end: str) -> None:
    found = find_range(text)
    assert (found.start, found.end) == (utc(start), utc(end))
    assert (found.local_start.hour, found.local_end - found.local_start) == (0, timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "zone", "hours"),
    [
        # A midnight that does not exist.
        ("2017-10-15", "America/Sao_Paulo", 23),
        # A day that does not exist.
        ("2011-12-30", "Pacific/Apia", 0),
    ],
)
def test_day_of_a_time_zone_change(text: str, zone: str, hours: int) -> None:
    found = find_range(text, zone)
    assert found.end - found.start == timedelta(hours=hours)
    assert found.local_end - found.local_start == timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "start", "local_start"),
    [
        ("2026-12-01T09:00:00", "2026-12-01T08:00", "2026-12-01T09:00"),
        (
            "2026-12-01T09:00:00.123456789",
            "2026-12-01T08:00:00.123456",
            "2026-12-01T09:00:00.123456",
        ),
        ("2026-12-01T09:00:00Z", "2026-12-01T09:00", "2026-12-01T10:00"),
        ("2026-12-01T09:00:00-05:00", "2026-12-01T14:00", "2026-12-01T15:00"),
        # A local time that does not exist, and one that occurs twice.
        ("2026-03-29T02:30:00", "2026-03-29T01:30", "2026-03-29T02:30"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30", "2026-10-25T02:30"),
    ],
)
def test_moment_is_one_microsecond(text: str, start: str, local_start: str) -> None:
    found = find_range(text)
    assert found == (
        *(utc(start), utc(start) + MICROSECOND),
        *(utc(local_start), utc(local_start) + MICROSECOND),
    )


@pytest.mark.parametrize("zone", ["Etc/GMT-14", "Etc/UTC", "Etc/GMT+12"])
@pytest.mark.parametrize(
    "text",
    [
        *("0001-01-01", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z"),
        *("9999-12-31", "9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_range_at_the_first_or_last_time_is_cut(text: str, zone: str) -> None:
    found = find_range(text, zone)
    assert found.start <= found.end
    assert found.local_start <= found.local_end
    assert {time.year for time in found} == {int(text[:4])}


@given(st.dates(datetime(2, 1, 1).date(), datetime(9998, 1, 1).date()))  # noqa: DTZ001
def test_days_follow_each_other_without_gaps(day: object) -> None:
    first = parse_day_or_moment(f"{day}", BERLIN, NOW)
    following = parse_day_or_moment(f"{first.local_end:%Y-%m-%d}".zfill(10), BERLIN, NOW)
    assert (first.end, first.local_end) == (following.start, following.local_start)


@pytest.mark.parametrize(
    "text",
    ["today", "yesterday", "tomorrow", "2026-12-01", "2026-12-01T09:00", "2026-12-01T09:00Z"],
)
def test_day_or_moment_is_accepted(text: str) -> None:
    assert is_day_or_moment(text)


@pytest.mark.parametrize("text", ["", "Today", " today", "now", "2026-02-29", "2026-12", "09:00"])
def test_other_text_is_not_accepted(text: str) -> None:
    assert not is_day_or_moment(text)
    with pytest.raises(ValueError, match=r"."):
        find_range(text)
