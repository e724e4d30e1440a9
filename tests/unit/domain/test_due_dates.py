"""Due dates: the three kinds, time zones, daylight saving time, and shifts by days."""

import json
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.due_dates import (
    MAX_DATE_TIME_LENGTH,
    add_offset,
    convert_to_utc,
    parse_due_date,
    shift_due_date,
    write_instant,
)
from taskstead.domain.time_ranges import parse_day_or_moment

# The web app runs the same vectors.
_LINES = (Path(__file__).parents[2] / "data/due-dates.jsonl").read_text().splitlines()
VECTORS = [json.loads(line) for line in _LINES]
INVALID_VECTORS = [vector for vector in VECTORS if vector["expect"] is None]
VALID_VECTORS = [vector for vector in VECTORS if vector["expect"] is not None]
LOCAL = "2099-01-01T20:00:00"
BERLIN = "Europe/Berlin"
LOS_ANGELES = "America/Los_Angeles"
NEW_YORK = "America/New_York"
LORD_HOWE = "Australia/Lord_Howe"
# The offsets from UTC are -12 and +14 hours.
LATEST, EARLIEST = "Etc/GMT+12", "Etc/GMT-14"
UNKNOWN = "Mars/Olympus_Mons"
FRACTIONS = [".1", ".123456789", "." + "123456789" * 5]


def get_id(vector: dict[str, Any]) -> str:
    return str(vector["id"])


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("2026-12-01", "date", "2026-12-01T00:00:00"),
        ("2024-02-29", "date", "2024-02-29T00:00:00"),
        ("2026-12-01T09:00", "floating", "2026-12-01T09:00:00"),
        ("2026-12-01T09:00:00", "floating", "2026-12-01T09:00:00"),
        ("2026-12-01T09:00:00Z", "instant", "2026-12-01T09:00:00"),
        ("2026-12-01T09:00:00-00:00", "instant", "2026-12-01T09:00:00"),
        ("2026-12-01T09:00:00.5+01:00", "instant", "2026-12-01T08:00:00.500000"),
        ("2026-12-01T09:00-23:59", "instant", "2026-12-02T08:59:00"),
    ],
)
def test_notation_determines_the_kind(text: str, kind: str, at: str) -> None:
    assert parse_due_date(text) == (text, kind, datetime.fromisoformat(f"{at}+00:00"))


@pytest.mark.parametrize("offset", ["", "Z", "+01:00"])
@pytest.mark.parametrize("fraction", FRACTIONS)
def test_fraction_is_cut_to_microseconds(fraction: str, offset: str) -> None:
    due = parse_due_date(f"2026-12-01T10:00:00{fraction}{offset}")
    assert due.at.microsecond == int(fraction[1:7].ljust(6, "0"))


@pytest.mark.parametrize("vector", VALID_VECTORS, ids=get_id)
def test_vector_has_the_expected_kind_and_time(vector: dict[str, Any]) -> None:
    expected = vector["expect"]
    due = parse_due_date(vector["due_date"], vector["due_time_zone"])
    assert (due.kind, due.at) == (expected["kind"], datetime.fromisoformat(expected["at"]))


@pytest.mark.parametrize("vector", VALID_VECTORS, ids=get_id)
def test_vector_is_due_on_the_day_of_each_reader(vector: dict[str, Any]) -> None:
    due = parse_due_date(vector["due_date"], vector["due_time_zone"])
    now = datetime.fromisoformat(vector["now"])
    for zone, reader in vector["expect"]["readers"].items():
        day = parse_day_or_moment(reader["day"], ZoneInfo(zone), now)
        is_instant = due.kind == "instant"
        start, end = (day.start, day.end) if is_instant else (day.local_start, day.local_end)
        assert start <= due.at < end, zone


@pytest.mark.parametrize("vector", VALID_VECTORS, ids=get_id)
def test_vector_is_due_at_the_time_of_each_reader(vector: dict[str, Any]) -> None:
    due = parse_due_date(vector["due_date"], vector["due_time_zone"])
    for zone, reader in vector["expect"]["readers"].items():
        local = due.at.astimezone(ZoneInfo(zone) if due.kind == "instant" else UTC)
        assert reader["time"] == (None if due.kind == "date" else f"{local:%H:%M}"), zone


@pytest.mark.parametrize("vector", VALID_VECTORS, ids=get_id)
def test_vector_is_shifted_by_days(vector: dict[str, Any]) -> None:
    shifted = {
        days: shift_due_date(vector["due_date"], int(days), vector["due_time_zone"])
        for days in vector["expect"]["shifted"]
    }
    assert shifted == vector["expect"]["shifted"]


@pytest.mark.parametrize("vector", INVALID_VECTORS, ids=get_id)
def test_invalid_vector_is_rejected(vector: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_due_date(vector["due_date"])


def test_longest_due_date_is_parsed() -> None:
    text = "2026-12-01T10:00:00.".ljust(MAX_DATE_TIME_LENGTH - 6, "1") + "+01:00"
    assert parse_due_date(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026-12", "20261201", "2026-W49-2", "2026-12-01\n", "26-12-01"),
        *("\u0662\u0660\u0662\u0666-12-01", "0000-01-01", "2026-02-29", "2026-13-01"),
        *("2026-12-01T09", "2026-12-01 09:00:00", "2026-12-01t09:00:00", "2026-12-01T09:00:00z"),
        *("2026-12-01T24:00:00", "2026-12-01T23:59:60", "2026-12-01T09:60"),
        *("2026-12-01T10:00:00.Z", "2026-12-01T10:00:00.1.2Z", "2026-12-01T10:00:00,5"),
        *("2026-12-01T10:00:00+24:00", "2026-12-01T10:00:00+01", "2026-12-01T10:00:00+01:00:30"),
        *("0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00"),
    ],
)
def test_invalid_due_date_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_due_date(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("0001-01-01", "0001-01-01T00:00:00.000001+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000001+00:00"),
        ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.999998+00:00"),
    ],
)
def test_first_and_last_times_are_finite_in_postgresql(text: str, at: str) -> None:
    """The driver asyncpg stores the first and last time of Python as minus and plus infinity."""
    assert parse_due_date(text).at == datetime.fromisoformat(at)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        (LOCAL, LOS_ANGELES, "2099-01-02T04:00:00+00:00"),
        # Start of daylight saving time: the local time does not exist. The offset before the change
        # applies.
        ("2027-03-14T02:30:00", NEW_YORK, "2027-03-14T07:30:00+00:00"),
        ("2026-10-04T02:15:00", LORD_HOWE, "2026-10-03T15:45:00+00:00"),
        # End of daylight saving time: the local time occurs twice. The first occurrence applies.
        ("2027-11-07T01:30:00", NEW_YORK, "2027-11-07T05:30:00+00:00"),
        ("2027-04-04T01:45:00", LORD_HOWE, "2027-04-03T14:45:00+00:00"),
        # An explicit offset takes precedence over the zone.
        ("2099-01-01T20:00:00Z", LOS_ANGELES, "2099-01-01T20:00:00+00:00"),
    ],
)
def test_local_time_and_zone_give_the_expected_instant(text: str, zone: str, expected: str) -> None:
    due = parse_due_date(text, zone)
    assert (due.kind, due.at.isoformat()) == ("instant", expected)
    assert parse_due_date(add_offset(text, zone)).at == due.at


def test_date_with_zone_remains_a_date() -> None:
    assert parse_due_date("2099-01-01", LOS_ANGELES) == parse_due_date("2099-01-01")


@pytest.mark.parametrize(
    ("text", "zone", "year"),
    [
        ("0001-01-01T00:00:00", EARLIEST, MINYEAR),
        ("9999-12-31T23:59:59.999999", LATEST, MAXYEAR),
    ],
)
def test_local_time_out_of_range_in_utc_is_clamped(text: str, zone: str, year: int) -> None:
    due = parse_due_date(text, zone)
    assert (due.kind, due.at.year) == ("instant", year)
    assert convert_to_utc(datetime.fromisoformat(text), ZoneInfo(zone)) == due.at


def test_unknown_zone_is_ignored() -> None:
    assert parse_due_date(LOCAL, UNKNOWN).kind == "floating"
    assert add_offset(LOCAL, UNKNOWN) == LOCAL
    assert shift_due_date(LOCAL, 1, UNKNOWN) == "2099-01-02T20:00:00"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-12-01T09:00", BERLIN, "2026-12-01T09:00+01:00"),
        ("2026-07-01T09:00:00.123456789", BERLIN, "2026-07-01T09:00:00.123456789+02:00"),
        ("2026-12-01T09:00:00", None, "2026-12-01T09:00:00"),
        ("2026-12-01T09:00:00Z", BERLIN, "2026-12-01T09:00:00Z"),
        ("2026-12-01", BERLIN, "2026-12-01"),
        # With an offset, these would not be valid due dates.
        ("0001-01-01T00:00:00", EARLIEST, "0001-01-01T00:00:00"),
        ("9999-12-31T23:59:59.999999", LATEST, "9999-12-31T23:59:59.999999"),
    ],
)
def test_offset_is_added_to_local_times_with_a_zone(
    text: str, zone: str | None, expected: str
) -> None:
    assert add_offset(text, zone) == expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2024-02-28", None, "2024-02-29"),
        ("2025-02-28", None, "2025-03-01"),
        (LOCAL, LOS_ANGELES, "2099-01-02T20:00:00"),
        ("2027-03-13T02:30:00", NEW_YORK, "2027-03-14T02:30:00"),
        ("2099-01-01T20:00:00.123456789Z", LOS_ANGELES, "2099-01-02T20:00:00.123456789Z"),
        ("2099-01-01T20:00:00.10+01:00", None, "2099-01-02T20:00:00.10+01:00"),
    ],
)
def test_shifting_preserves_the_notation(text: str, zone: str | None, expected: str) -> None:
    assert shift_due_date(text, 1, zone) == expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2027-03-13T09:00:00-05:00", NEW_YORK, "2027-03-14T09:00:00-04:00"),
        ("2027-11-06T09:00:00-04:00", NEW_YORK, "2027-11-07T09:00:00-05:00"),
        ("2027-03-13T14:00:00Z", NEW_YORK, "2027-03-14T13:00:00Z"),
        # The local time does not exist on the next day.
        ("2027-03-13T02:30:00-05:00", NEW_YORK, "2027-03-14T03:30:00-04:00"),
        # It occurs twice on the next day.
        ("2027-11-06T01:30:00-04:00", NEW_YORK, "2027-11-07T01:30:00-04:00"),
    ],
)
def test_shifted_instant_keeps_its_local_time(text: str, zone: str, expected: str) -> None:
    assert shift_due_date(text, 1, zone) == expected


def test_offset_with_seconds_is_rounded_to_minutes() -> None:
    """RFC 3339 has no offsets with seconds (section 5.8). In 1971 Monrovia was at -00:44:30."""
    shifted = shift_due_date("1971-01-01T09:00:00+00:00", 1, "Africa/Monrovia")
    assert shifted == "1971-01-02T08:16:00-00:44"
    assert parse_due_date(shifted).at == datetime.fromisoformat("1971-01-02T09:00:00Z")


@pytest.mark.parametrize(
    ("text", "days", "zone"),
    [
        ("9999-12-31", 1, None),
        ("0001-01-01T00:00:00", -1, None),
        ("2026-12-01", 10**12, None),
        ("9999-12-31T12:00:00Z", 1, BERLIN),
        ("0001-01-02T00:00:00Z", -1, NEW_YORK),
    ],
)
def test_shift_out_of_range_is_an_error(text: str, days: int, zone: str | None) -> None:
    with pytest.raises((ValueError, OverflowError)):
        shift_due_date(text, days, zone)


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1)),  # noqa: DTZ001 - local times
    st.integers(-10_000, 10_000),
    st.sampled_from(["", "Z", "+05:45"]),
)
def test_shift_back_returns_the_same_text(local: datetime, days: int, offset: str) -> None:
    text = local.isoformat() + offset
    assert shift_due_date(shift_due_date(text, days, None), -days, None) == text


@pytest.mark.parametrize(
    ("like", "expected"),
    [
        ("2026-10-24T07:00:00Z", "2027-03-28T01:30:00Z"),
        ("2026-10-24T07:00:00.123456789Z", "2027-03-28T01:30:00.123456789Z"),
        ("2026-10-24T07:00:00-05:00", "2027-03-28T03:30:00+02:00"),
    ],
)
def test_instant_is_written_like_another(like: str, expected: str) -> None:
    # 02:30 does not occur on this day.
    local = datetime.fromisoformat("2027-03-28T02:30:00")
    assert write_instant(like, local, ZoneInfo(BERLIN)) == expected
