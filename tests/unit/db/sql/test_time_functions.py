"""Days in a time zone, split into intervals with a constant offset."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from taskstead.db.sql.time_functions import DayShifts


def find_day(shifts: DayShifts, instant: datetime) -> date:
    """Compute the day of an instant as the statement does."""
    index = 0
    while index + 1 < shifts.count and instant >= shifts.parameters[f"day_cut_{index + 1}"]:
        index += 1
    return (instant + timedelta(seconds=shifts.parameters[f"day_shift_{index}"])).date()


def list_instants(start: datetime, end: datetime) -> Iterable[datetime]:
    while start < end:
        yield start
        start += timedelta(minutes=15)


@pytest.mark.parametrize(
    ("zone", "first", "count"),
    [
        ("Europe/Berlin", date(2026, 1, 1), 366),
        ("America/Havana", date(2025, 10, 1), 366),  # changes at midnight
        ("Asia/Beirut", date(2022, 1, 1), 366),  # changes at midnight, back to the day before
        ("America/Sao_Paulo", date(2017, 9, 1), 366),  # a midnight that does not exist
        ("Australia/Lord_Howe", date(2026, 1, 1), 366),  # by half an hour
        ("Africa/Casablanca", date(2015, 1, 1), 366),  # four times
        ("Asia/Kathmandu", date(1985, 12, 1), 60),  # by a quarter of an hour
        ("Pacific/Apia", date(2011, 12, 1), 60),  # a day that does not exist
        ("Pacific/Kwajalein", date(1993, 8, 1), 60),
        ("Etc/UTC", date(2026, 1, 1), 3),
    ],
)
def test_day_shifts_assign_each_instant_to_its_day(zone: str, first: date, count: int) -> None:
    place = ZoneInfo(zone)
    days = [first + timedelta(days=offset) for offset in range(count)]
    shifts = DayShifts(days, place)
    step = timedelta(microseconds=1)
    for start in list_instants(shifts.start, shifts.end):
        for instant in (start, start + step, start + timedelta(minutes=15) - step):
            assert find_day(shifts, instant) == instant.astimezone(place).date(), instant
    assert (shifts.start - step).astimezone(place).date() < first
    assert shifts.end.astimezone(place).date() > days[-1]
