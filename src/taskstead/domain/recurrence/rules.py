"""Recurrence rules: the ``recur`` text of RFC 5545, section 3.3.10, parsed and validated.

The parts FREQ (DAILY to YEARLY), INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS and
WKST are supported. Names and values are case-insensitive, as in RFC 5545.

The limits bound the cost of a rule. Without them, a short text could keep the server busy.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final, Literal

from taskstead.domain.due_dates import convert_to_utc

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
RuleErrorCode = Literal["rule_not_supported", "rule_never", "invalid_rule"]

# 31 days of the month, 12 months and 7 days of the week.
MAX_VALUES = 50
MAX_INTERVAL = 1000
MAX_COUNT = 1000
# The limits of RFC 5545: a year has up to 366 days, and up to 53 of each day of the week.
MAX_POSITION = 366
MAX_WEEKDAY_POSITION = 53
# 29 February is at most 8 years after the previous one.
MAX_YEARS_WITHOUT_OCCURRENCE = 12
# Longer than any rule with MAX_VALUES values.
MAX_RULE_LENGTH = 500

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES: Final[dict[str, Frequency]] = {
    "DAILY": "DAILY",
    "WEEKLY": "WEEKLY",
    "MONTHLY": "MONTHLY",
    "YEARLY": "YEARLY",
}
_PARTS = (
    *("FREQ", "INTERVAL", "COUNT", "UNTIL"),
    *("BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"),
)
_NUMBER = re.compile("[0-9]+")
_SIGNED_NUMBER = re.compile("[+-]?[0-9]+")
_WEEKDAY = re.compile(f"([+-]?[0-9]+)?({'|'.join(WEEKDAYS)})")
_UNTIL = re.compile("[0-9]{8}(T[0-9]{6}Z?)?")
_SENDING = "Send the rule as in RFC 5545, such as FREQ=WEEKLY;BYDAY=MO,TH."


class RuleError(ValueError):
    """A rule that is invalid, not supported, or without an occurrence.

    Attributes:
        code: ``invalid_rule`` for a violation of RFC 5545, ``rule_not_supported`` for a valid rule
            beyond the supported parts and limits, ``rule_never`` for a rule without an occurrence.
        message: the part that is wrong, the reason, and what to send instead.
    """

    def __init__(self, code: RuleErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: Final = code
        self.message: Final = message


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule. Empty sets stand for parts that are not given.

    Attributes:
        frequency: the length of a period.
        interval: the number of periods from one to the next.
        count: the number of occurrences; None without a limit.
        until: the inclusive end: a date, a local time, or a time in UTC; None without an end.
        months: BYMONTH, 1 to 12.
        month_days: BYMONTHDAY, from 1, or from -1 for the last day.
        weekdays: BYDAY as pairs of a position and a day of the week (0 is Monday). The position is
            0 for every such day, otherwise it counts from 1, or from -1 for the last one.
        positions: BYSETPOS, from 1, or from -1 for the last one.
        week_start: WKST, 0 is Monday.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    positions: frozenset[int] = frozenset()
    week_start: int = 0

    @property
    def has_by_parts(self) -> bool:
        """Whether the rule has a BY part."""
        return bool(self.months or self.month_days or self.weekdays)

    @property
    def last_day(self) -> date:
        """A day after which no occurrence can be. In some zones, it is the day after UNTIL."""
        if self.until is None:
            return date.max
        return date.fromordinal(min(self.until.toordinal() + 1, date.max.toordinal()))

    def ends_before(self, local: datetime, zone: tzinfo) -> bool:
        """Return whether UNTIL is before the local time of an occurrence in a zone."""
        if self.until is None:
            return False
        if not isinstance(self.until, datetime):
            return self.until < local.date()
        if self.until.tzinfo is None:
            return self.until < local
        return self.until < convert_to_utc(local, zone)


def parse_rule(text: str) -> Rule:
    """Parse a rule and check everything that does not depend on the due date.

    Raises:
        RuleError: ``invalid_rule`` or ``rule_not_supported``.
    """
    parts = _split_parts(text)
    rule = Rule(
        frequency=_parse_frequency(parts),
        interval=_parse_number(parts, "INTERVAL", MAX_INTERVAL) or 1,
        count=_parse_number(parts, "COUNT", MAX_COUNT),
        until=_parse_until(parts),
        months=_parse_numbers(parts, "BYMONTH", 12, negative=False),
        month_days=_parse_numbers(parts, "BYMONTHDAY", 31),
        weekdays=_parse_weekdays(parts),
        positions=_parse_numbers(parts, "BYSETPOS", MAX_POSITION),
        week_start=_parse_week_start(parts),
    )
    _check_number_of_values(parts)
    _check_combination(rule)
    return rule


def _split_parts(text: str) -> dict[str, str]:
    """Return the values of the parts by name, both in upper case."""
    if len(text) > MAX_RULE_LENGTH:
        raise _invalid(f"The rule has more than {MAX_RULE_LENGTH} characters. Shorten it.")
    upper = text.upper() if text.isascii() else text
    if upper.startswith("RRULE:"):
        raise _invalid("The rule begins with RRULE:. Send only the text after it.")
    parts: dict[str, str] = {}
    for part in upper.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not name or not value:
            raise _invalid(f"{_quote(part)} is not a part of the form NAME=VALUE. {_SENDING}")
        if name not in _PARTS:
            raise _unsupported(f"{_quote(name)} is not supported. Use {', '.join(_PARTS)}.")
        if name in parts:
            raise _invalid(f"{name} is given twice. Give it once.")
        parts[name] = value
    return parts


def _parse_frequency(parts: dict[str, str]) -> Frequency:
    names = ", ".join(_FREQUENCIES)
    if "FREQ" not in parts:
        raise _invalid(f"FREQ is missing. Add FREQ= with one of {names}.")
    frequency = _FREQUENCIES.get(parts["FREQ"])
    if frequency is None:
        raise _unsupported(f"FREQ={_quote(parts['FREQ'])} is not supported. Use one of {names}.")
    return frequency


def _parse_number(parts: dict[str, str], name: str, maximum: int) -> int | None:
    value = parts.get(name)
    if value is None:
        return None
    if not _NUMBER.fullmatch(value) or int(value) == 0:
        raise _invalid(f"{name}={_quote(value)} is not a whole number of at least 1.")
    if int(value) > maximum:
        hint = " Omit COUNT for a series without an end." if name == "COUNT" else ""
        raise _unsupported(f"{name} is at most {maximum}.{hint}")
    return int(value)


def _parse_until(parts: dict[str, str]) -> date | datetime | None:
    value = parts.get("UNTIL")
    if value is None:
        return None
    hint = "Use a date (20261231), a local time (20261231T235959) or a time in UTC (…T235959Z)."
    if not _UNTIL.fullmatch(value):
        raise _invalid(f"UNTIL={_quote(value)} has the wrong form. {hint}")
    try:
        parsed = datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError:
        raise _invalid(f"UNTIL={_quote(value)} does not exist. {hint}") from None
    if value.endswith("Z"):
        return parsed.replace(tzinfo=UTC)
    return parsed if "T" in value else parsed.date()


def _list_values(parts: dict[str, str], name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _parse_numbers(
    parts: dict[str, str], name: str, maximum: int, *, negative: bool = True
) -> frozenset[int]:
    """Return the numbers of a BY part, from 1 to the maximum, or from -1 to its negative."""
    numbers = set()
    for value in _list_values(parts, name):
        if not _SIGNED_NUMBER.fullmatch(value):
            raise _invalid(f"{name}={_quote(value)} is not a whole number.")
        number = int(value)
        if number == 0 or abs(number) > maximum or (number < 0 and not negative):
            allowed = f"1 to {maximum}" + (f" or -1 to -{maximum}" if negative else "")
            raise _unsupported(f"{name}={_quote(value)} is out of range. Use {allowed}.")
        numbers.add(number)
    return frozenset(numbers)


def _parse_weekdays(parts: dict[str, str]) -> frozenset[tuple[int, int]]:
    weekdays = set()
    for value in _list_values(parts, "BYDAY"):
        match = _WEEKDAY.fullmatch(value)
        if match is None:
            raise _invalid(
                f"BYDAY={_quote(value)} is not a day of the week. Use {', '.join(WEEKDAYS)},"
                " with a position if needed, such as 2TU or -1FR."
            )
        position = int(match[1] or 0)
        if (match[1] and position == 0) or abs(position) > MAX_WEEKDAY_POSITION:
            raise _unsupported(
                f"BYDAY={_quote(value)} is out of range. Use a position from 1 to"
                f" {MAX_WEEKDAY_POSITION} or from -1 to -{MAX_WEEKDAY_POSITION}."
            )
        weekdays.add((position, WEEKDAYS.index(match[2])))
    return frozenset(weekdays)


def _parse_week_start(parts: dict[str, str]) -> int:
    value = parts.get("WKST", "MO")
    if value not in WEEKDAYS:
        raise _invalid(
            f"WKST={_quote(value)} is not a day of the week. Use one of {', '.join(WEEKDAYS)}."
        )
    return WEEKDAYS.index(value)


def _check_number_of_values(parts: dict[str, str]) -> None:
    """Check the number of values of all BY parts together."""
    number = sum(value.count(",") + 1 for name, value in parts.items() if name.startswith("BY"))
    if number > MAX_VALUES:
        raise _unsupported(
            f"The BY parts have {number} values. At most {MAX_VALUES} are supported. Remove some."
        )


def _check_combination(rule: Rule) -> None:
    """Check the restrictions of RFC 5545 on parts that exclude or require each other."""
    if rule.count is not None and rule.until is not None:
        raise _invalid("COUNT and UNTIL exclude each other. Remove one of them.")
    if rule.frequency == "WEEKLY" and rule.month_days:
        raise _invalid("BYMONTHDAY is not allowed with FREQ=WEEKLY. Use FREQ=MONTHLY.")
    if rule.frequency in {"DAILY", "WEEKLY"} and any(position for position, _ in rule.weekdays):
        raise _invalid(
            f"BYDAY with a position is not allowed with FREQ={rule.frequency}. Use FREQ=MONTHLY or"
            " FREQ=YEARLY, or remove the position."
        )
    if rule.positions and not rule.has_by_parts:
        raise _invalid("BYSETPOS requires another BY part. Add one, such as BYDAY.")


def _invalid(message: str) -> RuleError:
    return RuleError("invalid_rule", message)


def _unsupported(message: str) -> RuleError:
    return RuleError("rule_not_supported", message)


def _quote(text: str) -> str:
    """Return text of a client, shortened for a message."""
    return text if len(text) <= 30 else f"{text[:30]}…"
