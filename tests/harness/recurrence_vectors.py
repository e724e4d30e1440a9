"""Writes ``tests/data/recurrence-more.jsonl``: random series, which the web app runs too.

``python -m tests.harness.recurrence_vectors`` writes the file with the results of the server.
"""

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from taskstead.domain.recurrence.local_times import get_occurrence_id
from taskstead.domain.recurrence.rules import WEEKDAYS, RuleError
from taskstead.domain.recurrence.series import Series, complete, iterate_next, skip
from taskstead.domain.recurrence.validation import check_rule

PATH = Path(__file__).parents[1] / "data" / "recurrence-more.jsonl"
VECTORS = 320
_SEED = 17
_ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"),
    *("America/Sao_Paulo", "Africa/Casablanca", "Asia/Kolkata"),
)
# Days near which clocks change, months end and leap years are.
_DAYS = (
    *("2026-11-26", "2027-01-31", "2028-02-29", "2026-03-08", "2026-03-29", "2026-10-25"),
    *("2026-11-01", "2026-12-31", "2027-04-04", "2011-12-29", "2018-11-04", "1999-05-05"),
)
_TIMES = ("T09:00:00", "T02:30", "T00:00:00", "T23:59:59", "T01:30:00.5", "T00:15")


def make_content() -> str:
    """Return the content of the file."""
    dice = random.Random(_SEED)  # noqa: S311 - not used for secrets
    vectors = [_make_vector(dice, number) for number in range(1, VECTORS + 1)]
    return "".join(json.dumps(vector) + "\n" for vector in vectors)


def _make_vector(dice: random.Random, number: int) -> dict[str, Any]:
    """Return a series, and what follows if its occurrence is completed or skipped."""
    due, zone = _make_due_date(dice)
    start = due if dice.random() < 0.6 else _shift(due, -dice.choice([1, 7, 30, 400]))
    rule = _make_rule(dice, due, zone)
    mode = dice.choice(["schedule", "schedule", "each", "completion"])
    vector = {
        "id": number,
        "rule": rule,
        "due": due,
        "due_time_zone": zone,
        "start": start,
        "at": get_occurrence_id(due if dice.random() < 0.8 else start, zone),
        "gone": dice.choice([0, 0, 1, 3]),
        "mode": mode,
        "except": _make_exceptions(dice, due),
        "now": _make_now(dice, due),
        "profile_zone": dice.choice(_ZONES),
        "action": dice.choice(["complete", "complete", "skip"]),
    }
    return vector | _make_results(vector)


def _make_results(vector: dict[str, Any]) -> dict[str, Any]:
    series = Series(
        rule=vector["rule"],
        mode=vector["mode"],
        start=vector["start"],
        due_date=vector["due"],
        due_time_zone=vector["due_time_zone"],
        at=vector["at"],
        gone=vector["gone"],
        exceptions=tuple(vector["except"]),
    )
    now, zone = datetime.fromisoformat(vector["now"]), ZoneInfo(vector["profile_zone"])
    following = skip(series, zone) if vector["action"] == "skip" else complete(series, now, zone)
    expected: dict[str, Any] = {"end": True}
    if following is not None:
        expected = {"due": following.due_date, "at": following.at, "gone": following.gone}
    upcoming = [each.due_date for each in islice(iterate_next(series, now, zone), 4)]
    return {"check": _find_code(vector), "expect": expected, "next": upcoming}


def _find_code(vector: dict[str, Any]) -> str | None:
    try:
        check_rule(vector["rule"], vector["due"], vector["due_time_zone"])
    except RuleError as error:
        return error.code
    return None


def _make_due_date(dice: random.Random) -> tuple[str, str | None]:
    day = dice.choice(_DAYS)
    if dice.random() < 0.4:
        return day, None
    kind, text = dice.random(), day + dice.choice(_TIMES)
    if kind < 0.3:
        return text, None
    if kind < 0.6:
        return text, dice.choice(_ZONES)
    if kind < 0.8:
        return f"{text}{dice.choice(['Z', '+01:00', '-11:00', '+05:30'])}", None
    return f"{text}{dice.choice(['Z', '-05:00'])}", dice.choice(_ZONES)


def _make_rule(dice: random.Random, due: str, zone: str | None) -> str:
    frequency = dice.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]
    if dice.random() < 0.5:
        parts.append(f"INTERVAL={dice.choice([2, 3, 4, 7, 12])}")
    by_parts = _make_by_parts(dice, frequency)
    parts += by_parts
    if by_parts and dice.random() < 0.3:
        parts.append(f"BYSETPOS={dice.choice(['1', '-1', '2', '1,-1', '-2,3'])}")
    if dice.random() < 0.3:
        parts.append(f"WKST={dice.choice(WEEKDAYS)}")
    end = dice.random()
    if end < 0.2:
        parts.append(f"COUNT={dice.choice([1, 2, 5, 12])}")
    elif end < 0.4:
        parts.append(f"UNTIL={_make_until(dice, due, zone)}")
    return ";".join(parts)


def _make_by_parts(dice: random.Random, frequency: str) -> list[str]:
    parts = []
    if dice.random() < 0.3:
        parts.append(f"BYMONTH={_join(dice, range(1, 13))}")
    if frequency != "WEEKLY" and dice.random() < 0.4:
        parts.append(f"BYMONTHDAY={_join(dice, [1, 13, 15, 28, 29, 30, 31, -1, -2, -31])}")
    if dice.random() < 0.5:
        names: list[str] = list(WEEKDAYS)
        if frequency in ("MONTHLY", "YEARLY") and dice.random() < 0.6:
            names = [f"{dice.choice([1, 2, 5, -1, -5])}{name}" for name in WEEKDAYS]
        parts.append(f"BYDAY={_join(dice, names)}")
    return parts


def _join(dice: random.Random, values: Any) -> str:
    return ",".join(map(str, dice.sample(list(values), dice.randint(1, 4))))


def _make_until(dice: random.Random, due: str, zone: str | None) -> str:
    until = date.fromisoformat(due[:10]) + timedelta(days=dice.choice([-1, 0, 1, 10, 100, 1000]))
    is_instant = "T" in due and (zone is not None or due[-1] == "Z" or due[-6] in "+-")
    # Some do not fit the due date, which only the check rejects.
    if is_instant != (dice.random() < 0.05):
        return f"{until:%Y%m%d}T{dice.choice(['000000', '083000', '225959'])}Z"
    return f"{until:%Y%m%d}" + dice.choice(["", "T090000"])


def _make_exceptions(dice: random.Random, due: str) -> list[str]:
    day = date.fromisoformat(due[:10])
    if dice.random() < 0.6:
        return []
    days = [(day + timedelta(days=dice.choice([1, 2, 7, 14, 31]))).isoformat() for _ in range(2)]
    return [text + dice.choice(["", "T09:00:00", "T02:30:00"]) for text in sorted(set(days))]


def _make_now(dice: random.Random, due: str) -> str:
    day = date.fromisoformat(due[:10]) + timedelta(days=dice.choice([-9, -1, 0, 0, 1, 5, 40, 1500]))
    moment = datetime.combine(day, time(dice.randint(0, 23), dice.choice([0, 30])), UTC)
    return moment.isoformat()


def _shift(due: str, days: int) -> str:
    return (date.fromisoformat(due[:10]) + timedelta(days=days)).isoformat() + due[10:]


if __name__ == "__main__":
    PATH.write_text(make_content(), encoding="utf-8")
