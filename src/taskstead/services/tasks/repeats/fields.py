"""The repeat fields of a request: validates them, and computes the stored columns."""

from collections.abc import Mapping
from typing import Any

from taskstead.domain.recurrence.conversion import SeriesPosition, convert_position
from taskstead.domain.recurrence.local_times import get_occurrence_id
from taskstead.domain.recurrence.rules import RuleError, parse_rule
from taskstead.domain.recurrence.validation import check_rule, check_until
from taskstead.entities.entity import Values
from taskstead.errors import FieldError, ValidationFailedError

_REPEAT_FIELDS = ("repeat_rule", "repeat_mode", "repeat_except")
_DUE_FIELDS = ("due_date", "due_time_zone")
# The fields of a request that affect the repeat columns.
_SOURCES = frozenset((*_REPEAT_FIELDS, *_DUE_FIELDS))
# The columns of a task that does not repeat.
NO_REPEAT: Mapping[str, None] = dict.fromkeys(
    (*_REPEAT_FIELDS, "repeat_start", "repeat_at", "repeat_gone")
)


def check_repeat(values: Values, old: Values | None) -> None:
    """Validate the repeat fields of a request.

    Args:
        values: the values of the request.
        old: the current row; None for a new task.

    Raises:
        ValidationFailedError: the task would repeat without a due date; there is a mode or an
            exception without a rule; or the rule does not fit the due date.
    """
    rule = _choose(values, old, "repeat_rule")
    if rule is None:
        for name in ("repeat_mode", "repeat_except"):
            if values.get(name):
                raise _make_error(name, f"{name} requires a repeat_rule.", "repeat_without_rule")
        return
    due_date, zone = (_choose(values, old, name) for name in _DUE_FIELDS)
    if due_date is None:
        name = "repeat_rule" if values.get("repeat_rule") else "due_date"
        message = "A repeating task needs a due_date. Set one, or set repeat_rule to null."
        raise _make_error(name, message, "repeat_without_date")
    try:
        if _is_restart(values, old):
            check_rule(rule, due_date, zone)
        else:
            # The due date only moves the current occurrence, so it need not match the rule.
            check_until(parse_rule(rule), due_date, zone)
    except RuleError as error:
        raise _make_error("repeat_rule", error.message, error.code) from None


def _choose(values: Values, old: Values | None, name: str) -> Any:
    """Return the value that a field will have: the requested one, or else the current one."""
    return values[name] if name in values or old is None else old[name]


def _make_error(name: str, message: str, code: str) -> ValidationFailedError:
    return ValidationFailedError(message, errors=[FieldError(f"/{name}", message, code)])


def make_repeat_columns(values: Values, old: Values | None) -> Mapping[str, Any]:
    """Return the repeat columns that a valid request sets.

    A new rule counts from the due date, and so does the same rule if it is sent with another due
    date. If only the due date changes, the current occurrence is moved, and the following ones are
    not affected. If its kind or its time zone changes, the series is converted.

    Args:
        values: the values of the request.
        old: the current row; None for a new task.
    """
    if old is not None and _SOURCES.isdisjoint(values):
        return {}
    rule = _choose(values, old, "repeat_rule")
    if rule is None:
        return NO_REPEAT if old is None or old["repeat_rule"] is not None else {}
    due_date, zone = (_choose(values, old, name) for name in _DUE_FIELDS)
    columns: dict[str, Any] = {
        "repeat_rule": rule,
        "repeat_mode": _choose(values, old, "repeat_mode") or "schedule",
        "repeat_except": sorted(set(_choose(values, old, "repeat_except") or ())) or None,
    }
    if old is None or _is_restart(values, old):
        position = SeriesPosition(due_date, get_occurrence_id(due_date, zone))
        columns["repeat_gone"] = 0
    else:
        position = convert_position(
            SeriesPosition(old["repeat_start"], old["repeat_at"]),
            (old["due_date"], old["due_time_zone"]),
            (due_date, zone),
        )
    columns |= {"repeat_start": position.start, "repeat_at": position.at}
    return columns


def _is_restart(values: Values, old: Values | None) -> bool:
    """Return whether a request starts a series: a new rule, or a rule with another due date."""
    if old is None or old["repeat_rule"] is None:
        return True
    if "repeat_rule" not in values:
        return False
    # Rules are case-insensitive.
    old_rule: str = old["repeat_rule"]
    is_moved: bool = values.get("due_date", old["due_date"]) != old["due_date"]
    return is_moved or values["repeat_rule"].upper() != old_rule.upper()
