"""Checks of a rule together with the due date from which it counts."""

import pytest

from taskstead.domain.recurrence.rules import RuleError
from taskstead.domain.recurrence.validation import check_rule

DATE, FLOATING, INSTANT = "2026-11-30", "2026-11-30T09:00:00", "2026-11-30T09:00:00+01:00"
BERLIN = "Europe/Berlin"


def get_error(text: str, due_date: str, due_time_zone: str | None = None) -> RuleError:
    with pytest.raises(RuleError) as caught:
        check_rule(text, due_date, due_time_zone)
    return caught.value


@pytest.mark.parametrize(
    ("rule", "due_date"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", DATE),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", DATE),
        ("FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4,6,9,11", DATE),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", DATE),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=2", DATE),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", DATE),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", DATE),
        ("FREQ=MONTHLY;BYDAY=6MO", DATE),
        ("FREQ=YEARLY;BYMONTH=12;BYDAY=53MO", DATE),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=5", DATE),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", "2027-01-01"),
        ("FREQ=WEEKLY;BYDAY=MO", "9999-12-28"),
        ("FREQ=DAILY;UNTIL=20261129", DATE),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261130", DATE),
        ("FREQ=DAILY;UNTIL=20261130T085959", FLOATING),
        ("FREQ=DAILY;UNTIL=20261130T075959Z", INSTANT),
    ],
)
def test_rule_without_occurrence_in_12_years_is_refused(rule: str, due_date: str) -> None:
    assert get_error(rule, due_date).code == "rule_never"


@pytest.mark.parametrize(
    ("rule", "due_date", "due_time_zone"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2096-03-01", None),
        ("FREQ=YEARLY;INTERVAL=1000", DATE, None),
        ("FREQ=YEARLY;INTERVAL=12;BYMONTH=11", DATE, None),
        ("FREQ=MONTHLY;BYDAY=5FR", DATE, None),
        ("FREQ=DAILY", "9999-12-31", None),
        ("FREQ=DAILY", "0001-01-01", None),
        ("FREQ=DAILY;UNTIL=20261130", DATE, None),
        ("FREQ=DAILY;UNTIL=20261130T120000", DATE, BERLIN),
        ("FREQ=DAILY;UNTIL=20261130", FLOATING, None),
        ("FREQ=DAILY;UNTIL=20261130T090000", FLOATING, None),
        ("FREQ=DAILY;UNTIL=20261130T080000Z", FLOATING, BERLIN),
        ("FREQ=DAILY;UNTIL=20261130T080000Z", INSTANT, BERLIN),
        ("FREQ=DAILY;UNTIL=20261130T080000Z", INSTANT, None),
    ],
)
def test_rule_with_an_occurrence_is_accepted(
    rule: str, due_date: str, due_time_zone: str | None
) -> None:
    check_rule(rule, due_date, due_time_zone)


@pytest.mark.parametrize(
    ("until", "due_date", "due_time_zone"),
    [
        ("20261231", INSTANT, None),
        ("20261231", FLOATING, BERLIN),
        ("20261231T090000", INSTANT, BERLIN),
        ("20261231T090000Z", FLOATING, None),
        ("20261231T090000Z", DATE, None),
        ("20261231T090000Z", DATE, BERLIN),
    ],
)
def test_until_has_the_kind_of_the_due_date(
    until: str, due_date: str, due_time_zone: str | None
) -> None:
    error = get_error(f"FREQ=DAILY;UNTIL={until}", due_date, due_time_zone)
    assert (error.code, error.message.startswith("UNTIL must be a ")) == ("invalid_rule", True)


def test_rule_itself_is_checked() -> None:
    assert get_error("FREQ=HOURLY", DATE).code == "rule_not_supported"
