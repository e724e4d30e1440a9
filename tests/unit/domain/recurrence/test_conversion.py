"""Series whose due date gets another kind or another time zone."""

import pytest

from taskstead.domain.recurrence.conversion import (
    SeriesPosition,
    convert_position,
    fit_position,
)

DATE = ("2026-11-26", None)
FLOATING = ("2026-11-26T09:00:00", None)
OFFSET = ("2026-11-26T08:00:00-05:00", None)
UTC = ("2026-11-26T08:00:00Z", None)
UTC_IN_BERLIN = ("2026-11-26T08:00:00Z", "Europe/Berlin")
UTC_IN_AUCKLAND = ("2026-11-26T20:00:00Z", "Pacific/Auckland")
LOCAL_IN_BERLIN = ("2026-11-26T09:00:00", "Europe/Berlin")

Due = tuple[str, str | None]


@pytest.mark.parametrize("new", [("2026-11-28", None), ("2026-11-28", "Europe/Berlin")])
def test_moved_date_keeps_the_position(new: Due) -> None:
    position = SeriesPosition("2026-11-19", "2026-11-26")
    assert convert_position(position, DATE, new) == position


def test_moved_time_keeps_the_position() -> None:
    position = SeriesPosition("2026-11-19T08:00:00Z", "2026-11-26T09:00:00")
    new = ("2026-11-28T10:00:00Z", "Europe/Berlin")
    assert convert_position(position, UTC_IN_BERLIN, new) == position


@pytest.mark.parametrize(
    ("new", "start", "at"),
    [
        (FLOATING, "2026-11-19T09:00:00", "2026-11-26T09:00:00"),
        (OFFSET, "2026-11-19T08:00:00-05:00", "2026-11-26T08:00:00"),
        (UTC_IN_BERLIN, "2026-11-19T09:00:00", "2026-11-26T09:00:00"),
    ],
    ids=["floating", "offset", "zone"],
)
def test_dates_get_the_time_of_day(new: Due, start: str, at: str) -> None:
    position = SeriesPosition("2026-11-19", "2026-11-26")
    assert convert_position(position, DATE, new) == (start, at)


@pytest.mark.parametrize("old", [FLOATING, LOCAL_IN_BERLIN], ids=["floating", "zone"])
def test_times_lose_the_time_of_day(old: Due) -> None:
    position = SeriesPosition("2026-11-19T09:00:00", "2026-11-26T09:00:00")
    assert convert_position(position, old, DATE) == ("2026-11-19", "2026-11-26")


def test_new_zone_keeps_the_instants() -> None:
    position = SeriesPosition("2026-11-19T08:00:00Z", "2026-11-26T08:00:00")
    converted = convert_position(position, UTC, UTC_IN_BERLIN)
    assert converted == ("2026-11-19T09:00:00", "2026-11-26T09:00:00")


def test_new_zone_may_change_the_day() -> None:
    old = (UTC_IN_AUCKLAND[0], "Europe/Berlin")
    position = SeriesPosition("2026-11-19T21:00:00", "2026-11-26T21:00:00")
    converted = convert_position(position, old, UTC_IN_AUCKLAND)
    assert converted == ("2026-11-20T09:00:00", "2026-11-27T09:00:00")


@pytest.mark.parametrize("new", [LOCAL_IN_BERLIN, FLOATING], ids=["zone", "floating"])
def test_local_times_stay_without_an_instant(new: Due) -> None:
    old = FLOATING if new == LOCAL_IN_BERLIN else LOCAL_IN_BERLIN
    position = SeriesPosition("2026-11-19T09:00:00", "2026-11-26T09:00:00")
    assert convert_position(position, old, new) == position


@pytest.mark.parametrize(
    ("position", "due", "expected"),
    [
        (("2026-11-19", "2026-11-26"), FLOATING, ("2026-11-19T09:00:00", "2026-11-26T09:00:00")),
        (("2026-11-19T07:00:00", "2026-11-26T07:00:00"), DATE, ("2026-11-19", "2026-11-26")),
        (
            ("2026-11-19T08:00:00Z", "2026-11-26T09:00:00"),
            LOCAL_IN_BERLIN,
            ("2026-11-19T09:00:00", "2026-11-26T09:00:00"),
        ),
    ],
    ids=["dates and a time", "times and a date", "another notation"],
)
def test_position_gets_the_notation_of_the_due_date(
    position: tuple[str, str], due: Due, expected: tuple[str, str]
) -> None:
    assert fit_position(SeriesPosition(*position), *due) == expected
