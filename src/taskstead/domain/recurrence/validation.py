"""Checks of a recurrence rule together with the due date from which it counts."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from taskstead.domain.recurrence.days import add_periods, list_days
from taskstead.domain.recurrence.local_times import get_local_time, get_zone, is_instant
from taskstead.domain.recurrence.rules import (
    MAX_YEARS_WITHOUT_OCCURRENCE,
    Rule,
    RuleError,
    parse_rule,
)

_UTC = ZoneInfo("UTC")


def check_rule(text: str, due_date: str, due_time_zone: str | None) -> None:
    """Check that a rule is valid and supported, and has an occurrence after a due date.

    Args:
        text: the rule.
        due_date: the due date from which the rule counts.
        due_time_zone: the IANA zone of the task; None if it has none.

    Raises:
        RuleError: ``invalid_rule`` or ``rule_not_supported`` (see parse_rule); ``invalid_rule`` if
            UNTIL is not in UTC for an instant, or in UTC for a date or a floating time;
            ``rule_never`` if the rule has no occurrence in the 12 years after the due date. The
            due date itself is an occurrence only if it matches the rule.
    """
    rule = parse_rule(text)
    check_until(rule, due_date, due_time_zone)
    if not _has_occurrence(rule, due_date, due_time_zone):
        raise RuleError(
            "rule_never",
            f"The rule has no occurrence in the {MAX_YEARS_WITHOUT_OCCURRENCE} years after the due"
            " date. Check UNTIL and the BY parts.",
        )


def check_until(rule: Rule, due_date: str, due_time_zone: str | None) -> None:
    """Check that UNTIL is in UTC exactly if a due date is an instant (RFC 5545, 3.3.10).

    Raises:
        RuleError: ``invalid_rule``.
    """
    if rule.until is None:
        return
    is_utc = is_instant(due_date, due_time_zone)
    has_zone = isinstance(rule.until, datetime) and rule.until.tzinfo is not None
    if is_utc and not has_zone:
        raise RuleError(
            "invalid_rule",
            "UNTIL must be a time in UTC, such as 20261231T235959Z, because the due date has a"
            " time zone or an offset.",
        )
    if has_zone and not is_utc:
        raise RuleError(
            "invalid_rule",
            "UNTIL must be a date or a local time, such as 20261231 or 20261231T235959, because"
            " the due date has no time zone and no offset.",
        )


def _has_occurrence(rule: Rule, due_date: str, due_time_zone: str | None) -> bool:
    start = get_local_time(due_date, due_time_zone)
    zone = get_zone(due_date, due_time_zone, _UTC)
    horizon = add_periods(Rule("YEARLY"), start.date(), MAX_YEARS_WITHOUT_OCCURRENCE) or date.max
    last = min(rule.last_day, horizon)
    if last < start.date():
        return False
    day = next(list_days(rule, start.date(), last=last), None)
    return day is not None and not rule.ends_before(datetime.combine(day, start.time()), zone)
