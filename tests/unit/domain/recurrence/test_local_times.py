"""Local times of occurrences: ids, and the notation of due dates."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from taskstead.domain.recurrence.local_times import (
    get_local_time,
    get_occurrence_id,
    get_zone,
    is_instant,
    write_due_date,
)

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@pytest.mark.parametrize(
    ("due_date", "zone", "expected"),
    [
        ("2026-11-30", None, "2026-11-30"),
        ("2026-11-30", BERLIN, "2026-11-30"),
        ("2026-11-30T09:00", None, "2026-11-30T09:00:00"),
        ("2026-11-30T09:00:00", BERLIN, "2026-11-30T09:00:00"),
        ("2026-11-30T09:00:00.5", None, "2026-11-30T09:00:00"),
        ("2026-11-30T09:00:00Z", None, "2026-11-30T09:00:00"),
        ("2026-11-30T09:00:00Z", BERLIN, "2026-11-30T10:00:00"),
        ("2026-11-30T02:00:00+01:00", NEW_YORK, "2026-11-29T20:00:00"),
        ("2026-11-30T02:00:00+01:00", "Mars/Olympus_Mons", "2026-11-30T02:00:00"),
        ("0999-01-01T09:00:00", None, "0999-01-01T09:00:00"),
        ("9999-12-31T23:30:00Z", "Etc/GMT-14", "9999-12-31T23:30:00"),
        ("0001-01-01T00:30:00Z", "Etc/GMT+12", "0001-01-01T00:30:00"),
    ],
)
def test_occurrence_id_is_the_local_time(due_date: str, zone: str | None, expected: str) -> None:
    assert get_occurrence_id(due_date, zone) == expected


@pytest.mark.parametrize(
    ("due_date", "zone", "expected"),
    [
        ("2026-11-30", BERLIN, False),
        ("2026-11-30T09:00:00", None, False),
        ("2026-11-30T09:00:00", "Mars/Olympus_Mons", False),
        ("2026-11-30T09:00:00", BERLIN, True),
        ("2026-11-30T09:00:00-05:00", None, True),
    ],
)
def test_offset_or_zone_makes_an_instant(
    due_date: str,
    zone: str | None,
    expected: bool,  # noqa: FBT001
) -> None:
    assert is_instant(due_date, zone) is expected


@pytest.mark.parametrize("due_date", ["2026-11-30", "2026-11-30T09:00:00"])
def test_zone_of_the_reader_applies_without_another(due_date: str) -> None:
    assert get_zone(due_date, None, ZoneInfo(BERLIN)) == ZoneInfo(BERLIN)


def test_offset_applies_without_a_zone() -> None:
    zone = get_zone("2026-11-30T09:00:00-05:00", None, ZoneInfo(BERLIN))
    assert zone.utcoffset(None) == timedelta(hours=-5)


def test_zone_of_the_task_comes_before_the_offset() -> None:
    zone = get_zone("2026-11-30T09:00:00-05:00", NEW_YORK, ZoneInfo(BERLIN))
    assert zone == ZoneInfo(NEW_YORK)


@pytest.mark.parametrize(
    ("start", "like", "zone", "expected"),
    [
        # The start is a date.
        ("2026-11-30", "2026-12-01", None, "2026-12-07"),
        ("2026-11-30", "2026-12-01T20:00:00", None, "2026-12-07"),
        ("2026-11-30", "2026-12-01T20:00:00Z", BERLIN, "2026-12-07"),
        # A local time, with and without a zone.
        ("2026-11-30T09:00:00", "2026-12-01T20:00:00", None, "2026-12-07T09:00:00"),
        ("2026-11-30T09:00", "2026-12-01T20:00", BERLIN, "2026-12-07T09:00"),
        ("2026-11-30T09:00", "2026-12-01T20:00:00", None, "2026-12-07T09:00:00"),
        ("2026-11-30T09:00:00.25", "2026-12-01T20:00:00.25", None, "2026-12-07T09:00:00.25"),
        ("2026-11-30T09:00:00", "2026-12-01", None, "2026-12-07T09:00:00"),
        ("2026-11-30T09:00:00", "2026-12-01T20:00:00Z", None, "2026-12-07T09:00:00"),
        # An instant without a zone.
        (
            "2026-11-30T09:00:00+01:00",
            "2026-12-01T20:00:00+01:00",
            None,
            "2026-12-07T09:00:00+01:00",
        ),
        ("2026-11-30T09:00+01:00", "2026-12-01T20:00+01:00", None, "2026-12-07T09:00+01:00"),
        (
            "2026-11-30T09:00:00-00:00",
            "2026-12-01T20:00:00-00:00",
            None,
            "2026-12-07T09:00:00-00:00",
        ),
        ("2026-11-30T09:00:00.125Z", "2026-11-30T09:00:00.125Z", None, "2026-12-07T09:00:00.125Z"),
        ("2026-11-30T09:00:00+01:00", "2026-12-01T20:00:00Z", None, "2026-12-07T08:00:00Z"),
        ("2026-11-30T09:00:00Z", "2026-12-01T20:00:00", None, "2026-12-07T09:00:00Z"),
        # An instant with a zone.
        (
            "2026-11-30T09:00:00+01:00",
            "2026-12-01T20:00:00+01:00",
            BERLIN,
            "2026-12-07T09:00:00+01:00",
        ),
        ("2026-11-30T09:00:00+01:00", "2026-12-01T20:00:00Z", BERLIN, "2026-12-07T08:00:00Z"),
        ("2026-11-30T09:00:00+01:00", "2026-12-01T20:00:00", BERLIN, "2026-12-07T09:00:00"),
        (
            "2026-11-30T09:00:00",
            "2026-12-01T20:00:00.123456789Z",
            BERLIN,
            "2026-12-07T08:00:00.123456789Z",
        ),
    ],
)
def test_notation_of_the_due_date_is_kept(
    start: str, like: str, zone: str | None, expected: str
) -> None:
    local = get_local_time("2026-12-07T09:00:00", None)
    assert write_due_date(local, start=start, like=like, due_time_zone=zone) == expected


def test_seconds_are_written_if_they_are_not_zero() -> None:
    start = "2026-11-30T09:00:15"
    local = get_local_time(start, None)
    like = "2026-12-01T20:00"
    assert write_due_date(local, start=start, like=like, due_time_zone=None) == start


def test_local_time_beyond_the_calendar_is_an_error() -> None:
    due_date = "9999-12-31T09:00:00-05:00"
    local = datetime.fromisoformat("9999-12-31T23:00:00")
    with pytest.raises(OverflowError):
        write_due_date(local, start=due_date, like=due_date, due_time_zone=NEW_YORK)
