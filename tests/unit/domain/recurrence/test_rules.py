"""Parsing of recurrence rules: supported parts, limits, and messages of errors."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskstead.domain.recurrence.rules import (
    MAX_COUNT,
    MAX_INTERVAL,
    MAX_RULE_LENGTH,
    Rule,
    RuleError,
    parse_rule,
)
from tests.unit.domain.recurrence.enumeration import NAMES, Parts, rules

BERLIN = ZoneInfo("Europe/Berlin")
ALL_MONTHS = ",".join(map(str, range(1, 13)))
ALL_MONTH_DAYS = ",".join(map(str, range(1, 32)))
ALL_WEEKDAYS = ",".join(NAMES)
FIFTY_VALUES = f"FREQ=YEARLY;BYMONTH={ALL_MONTHS};BYMONTHDAY={ALL_MONTH_DAYS};BYDAY={ALL_WEEKDAYS}"


def get_error(text: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        parse_rule(text)
    return caught.value


def test_all_parts_are_parsed() -> None:
    text = "FREQ=MONTHLY;INTERVAL=3;COUNT=5;BYMONTH=1,7;BYMONTHDAY=1,-1;BYDAY=MO,2TU,-1FR"
    assert parse_rule(f"{text};BYSETPOS=1,-2;WKST=SU") == Rule(
        frequency="MONTHLY",
        interval=3,
        count=5,
        months=frozenset({1, 7}),
        month_days=frozenset({1, -1}),
        weekdays=frozenset({(0, 0), (2, 1), (-1, 4)}),
        positions=frozenset({1, -2}),
        week_start=6,
    )


def test_only_frequency_is_required() -> None:
    assert parse_rule("FREQ=DAILY") == Rule("DAILY")


@pytest.mark.parametrize(
    ("value", "until"),
    [
        ("20261206", date(2026, 12, 6)),
        ("20261206T090000", datetime(2026, 12, 6, 9)),  # noqa: DTZ001 - a local time
        ("20261206T090000Z", datetime(2026, 12, 6, 9, tzinfo=UTC)),
    ],
)
def test_until_has_three_forms(value: str, until: date) -> None:
    assert parse_rule(f"FREQ=DAILY;UNTIL={value}").until == until


@pytest.mark.parametrize("text", ["freq=weekly;byday=mo,tu", "FREQ=weekly;byDay=MO,Tu"])
def test_case_does_not_matter(text: str) -> None:
    assert parse_rule(text) == parse_rule("FREQ=WEEKLY;BYDAY=MO,TU")


def test_order_of_parts_does_not_matter() -> None:
    assert parse_rule("BYDAY=MO;FREQ=WEEKLY") == parse_rule("FREQ=WEEKLY;BYDAY=MO")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("FREQ=MONTHLY;BYDAY=+2TU", "FREQ=MONTHLY;BYDAY=2TU"),
        ("FREQ=MONTHLY;BYMONTHDAY=+13", "FREQ=MONTHLY;BYMONTHDAY=13"),
        ("FREQ=MONTHLY;BYMONTHDAY=05,5", "FREQ=MONTHLY;BYMONTHDAY=5"),
        ("FREQ=DAILY;INTERVAL=1;WKST=MO", "FREQ=DAILY"),
    ],
)
def test_other_notations_have_the_same_meaning(text: str, same: str) -> None:
    assert parse_rule(text) == parse_rule(same)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;COUNT=1000",
        "FREQ=MONTHLY;BYMONTHDAY=31,-31",
        "FREQ=YEARLY;BYDAY=53MO,-53SU",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=366,-366",
        FIFTY_VALUES,
    ],
)
def test_largest_values_are_accepted(text: str) -> None:
    assert parse_rule(text).frequency in text


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=HOURLY",
        "FREQ=MINUTELY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=FORTNIGHTLY",
        *(
            f"FREQ=YEARLY;{part}=1"
            for part in ("BYHOUR", "BYMINUTE", "BYSECOND", "BYYEARDAY", "BYWEEKNO", "BYEASTER")
        ),
        "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD",
        "FREQ=DAILY;X-ANYTHING=1",
        "FREQ=DAILY;INTERVAL=1001",
        "FREQ=DAILY;COUNT=10001",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=-32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=0",
        "FREQ=YEARLY;BYMONTH=-1",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=YEARLY;BYDAY=0MO",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=367",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=0",
        f"{FIFTY_VALUES};BYSETPOS=1",
    ],
)
def test_parts_and_values_beyond_limits_are_not_supported(text: str) -> None:
    assert get_error(text).code == "rule_not_supported"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "daily",
        "every monday",
        "FREQ",
        "FREQ=",
        "=DAILY",
        "INTERVAL=2",
        "FREQ=DAILY;",
        ";FREQ=DAILY",
        "FREQ=DAILY;;INTERVAL=2",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=MO;byday=TU",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=1.5",
        "FREQ=DAILY;INTERVAL=٣",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=x",
        "FREQ=DAILY;COUNT=3;UNTIL=20261231",
        "FREQ=DAILY;UNTIL=2026-12-31",
        "FREQ=DAILY;UNTIL=20260230",
        "FREQ=DAILY;UNTIL=20261231T2359",
        "FREQ=DAILY;UNTIL=20261231T250000Z",
        "FREQ=DAILY;UNTIL=20261231T235959+0100",
        "FREQ=DAILY;UNTIL=00000101",
        "FREQ=MONTHLY;BYMONTHDAY=1,",
        "FREQ=MONTHLY;BYMONTHDAY=--1",
        "FREQ=MONTHLY;BYMONTHDAY=1 ",
        "FREQ=WEEKLY;BYDAY=MO TU",
        "FREQ=WEEKLY;BYDAY=MONDAY",
        "FREQ=WEEKLY;WKST=1",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=DAILY;BYDAY=-1MO",
        "FREQ=MONTHLY;BYSETPOS=1",
        f"FREQ=MONTHLY;INTERVAL={'1' * MAX_RULE_LENGTH}",
    ],
)
def test_rules_that_violate_the_standard_are_invalid(text: str) -> None:
    assert get_error(text).code == "invalid_rule"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "RRULE:FREQ=DAILY",
            "The rule begins with RRULE:. Send only the text after it.",
        ),
        (
            "FREQ=HOURLY",
            "FREQ=HOURLY is not supported. Use one of DAILY, WEEKLY, MONTHLY, YEARLY.",
        ),
        (
            "FREQ=DAILY;BYHOUR=9",
            (
                "BYHOUR is not supported. Use FREQ, INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY,"
                " BYDAY, BYSETPOS, WKST."
            ),
        ),
        ("INTERVAL=2", "FREQ is missing. Add FREQ= with one of DAILY, WEEKLY, MONTHLY, YEARLY."),
        ("FREQ=DAILY;INTERVAL=1001", f"INTERVAL is at most {MAX_INTERVAL}."),
        (
            "FREQ=DAILY;COUNT=10001",
            f"COUNT is at most {MAX_COUNT}. Omit COUNT for a series without an end.",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=1,32",
            "BYMONTHDAY=32 is out of range. Use 1 to 31 or -1 to -31.",
        ),
        (
            "FREQ=WEEKLY;BYDAY=MO,XX",
            (
                "BYDAY=XX is not a day of the week. Use MO, TU, WE, TH, FR, SA, SU, with a position"
                " if needed, such as 2TU or -1FR."
            ),
        ),
        (
            "FREQ=DAILY;COUNT=3;UNTIL=20261231",
            "COUNT and UNTIL exclude each other. Remove one of them.",
        ),
        (
            "every monday",
            (
                "EVERY MONDAY is not a part of the form NAME=VALUE. Send the rule as in RFC 5545,"
                " such as FREQ=WEEKLY;BYDAY=MO,TH."
            ),
        ),
    ],
)
def test_message_says_what_is_wrong_and_what_to_send(text: str, message: str) -> None:
    assert get_error(text).message == message


def test_message_shortens_text_of_the_client() -> None:
    assert len(get_error("x" * MAX_RULE_LENGTH).message) < 200


@given(rules())
def test_generated_rules_are_accepted(parts: Parts) -> None:
    assert parse_rule(parts.text).interval == parts.interval


PIECES = ["FREQ", "DAILY", "COUNT", "UNTIL", "BYDAY", "MO", "=", ";", ",", "-", "+", "1", "99", ":"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
@example("FREQ=DAILY;INTERVAL=" + "9" * 400)
@example("\x00")
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parse_rule(text)
    except RuleError as error:
        assert error.message.endswith(".")  # noqa: PT017 - some texts are valid


@pytest.mark.parametrize(
    ("until", "local", "is_over"),
    [
        ("20261206", "2026-12-06T23:59:59", False),
        ("20261206", "2026-12-07T00:00:00", True),
        ("20261206T090000", "2026-12-06T09:00:00", False),
        ("20261206T085959", "2026-12-06T09:00:00", True),
        ("20261206T080000Z", "2026-12-06T09:00:00", False),
        ("20261206T075959Z", "2026-12-06T09:00:00", True),
    ],
)
def test_until_is_inclusive(until: str, local: str, is_over: bool) -> None:  # noqa: FBT001
    rule = parse_rule(f"FREQ=DAILY;UNTIL={until}")
    assert rule.ends_before(datetime.fromisoformat(local), BERLIN) is is_over


def test_rule_without_until_has_no_end() -> None:
    assert Rule("DAILY").last_day == date.max


def test_last_day_is_in_the_calendar() -> None:
    assert parse_rule("FREQ=DAILY;UNTIL=99991231").last_day == date.max


def test_last_day_allows_for_zones_ahead_of_utc() -> None:
    rule = parse_rule("FREQ=DAILY;UNTIL=20261231T235959Z")
    assert rule.last_day == date(2027, 1, 1)
