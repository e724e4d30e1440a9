"""Independent enumeration of recurrence rules, as the expected value of tests.

It looks at one day after the other, and decides for each part of a rule whether the day satisfies
it, as RFC 5545, section 3.3.10, describes. It is slow and has no code in common with the server.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY, WEEK = timedelta(days=1), timedelta(days=7)
# Enough days to find several occurrences of most rules.
SEARCHED_DAYS = {"DAILY": 400, "WEEKLY": 800, "MONTHLY": 1500, "YEARLY": 3000}


@dataclass(frozen=True)
class Parts:
    """The parts of a rule. BYDAY has pairs of a position, 0 for every one, and a name."""

    freq: str
    interval: int = 1
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, str], ...] = ()
    by_set_pos: tuple[int, ...] = ()
    wkst: str = "MO"

    @property
    def text(self) -> str:
        parts = [f"FREQ={self.freq}", f"INTERVAL={self.interval}", f"WKST={self.wkst}"]
        parts += [
            f"{name}={','.join(map(str, values))}"
            for name, values in (
                ("BYMONTH", self.by_month),
                ("BYMONTHDAY", self.by_month_day),
                ("BYDAY", [f"{position or ''}{name}" for position, name in self.by_day]),
                ("BYSETPOS", self.by_set_pos),
            )
            if values
        ]
        return ";".join(parts)

    @property
    def has_by_parts(self) -> bool:
        return bool(self.by_month or self.by_month_day or self.by_day)


def get_period(parts: Parts, day: date) -> int:
    """Return the number of the period that contains a day."""
    match parts.freq:
        case "DAILY":
            return day.toordinal()
        case "WEEKLY":
            while NAMES[day.weekday()] != parts.wkst:
                day -= DAY
            return day.toordinal() // 7
        case "MONTHLY":
            return day.year * 12 + day.month
        case _:
            return day.year


def is_in_month_days(parts: Parts, day: date) -> bool:
    from_end = -1
    following = day + DAY
    while following.month == day.month:
        from_end -= 1
        following += DAY
    return day.day in parts.by_month_day or from_end in parts.by_month_day


def is_in_weekdays(parts: Parts, day: date) -> bool:
    """Positions count in the year for a yearly rule without BYMONTH, otherwise in the month."""

    def is_near(other: date) -> bool:
        is_same_year = other.year == day.year
        if parts.freq == "YEARLY" and not parts.by_month:
            return is_same_year
        return is_same_year and other.month == day.month

    position, position_from_end = 1, -1
    while is_near(day - position * WEEK):
        position += 1
    while is_near(day - position_from_end * WEEK):
        position_from_end -= 1
    name = NAMES[day.weekday()]
    return any((each, name) in parts.by_day for each in (0, position, position_from_end))


def is_selected(parts: Parts, start: date, day: date) -> bool:
    """Return whether the BY parts select a day, or without them, whether it is like the start."""
    if parts.by_month and day.month not in parts.by_month:
        return False
    if parts.by_month_day and not is_in_month_days(parts, day):
        return False
    if parts.by_day:
        return is_in_weekdays(parts, day)
    if parts.by_month_day or parts.freq == "DAILY":
        return True
    if parts.freq == "WEEKLY":
        return day.weekday() == start.weekday()
    is_right_month = parts.freq == "MONTHLY" or bool(parts.by_month) or day.month == start.month
    return is_right_month and day.day == start.day


def list_all_days(parts: Parts, start: date, number: int | None = None) -> Iterator[date]:
    """Yield the days of a rule among a number of days from the start."""
    first_period = get_period(parts, start)
    members: dict[int, list[date]] = {}
    for offset in range(number or SEARCHED_DAYS[parts.freq]):
        day = start + offset * DAY
        period = get_period(parts, day)
        if (period - first_period) % parts.interval:
            continue
        if not is_selected(parts, start, day):
            continue
        if parts.by_set_pos:
            if period not in members:
                nearby = (day + near * DAY for near in range(-366, 367))
                members[period] = [
                    each
                    for each in nearby
                    if get_period(parts, each) == period and is_selected(parts, start, each)
                ]
            index = members[period].index(day)
            if not {index + 1, index - len(members[period])} & set(parts.by_set_pos):
                continue
        yield day


def pick(*values: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.sampled_from(values), max_size=3, unique=True).map(tuple)


@st.composite
def rules(draw: st.DrawFn) -> Parts:
    """Generate rules. Days at the ends of months are frequent."""
    freq = draw(st.sampled_from(sorted(SEARCHED_DAYS)))
    by_month = draw(st.one_of(st.just(()), pick(*range(1, 13), 2, 2)))
    by_month_day: tuple[int, ...] = ()
    if freq != "WEEKLY":
        by_month_day = draw(pick(1, 2, 13, 28, 29, 30, 31, -1, -2, -13, -29, -30, -31))
    positions = [0]
    if freq in {"MONTHLY", "YEARLY"}:
        positions = [0, 0, 1, 2, 4, 5, 6, 20, 52, 53, -1, -2, -5, -53]
    pairs = st.tuples(st.sampled_from(positions), st.sampled_from(NAMES))
    by_day = tuple(draw(st.lists(pairs, max_size=4, unique=True)))
    by_set_pos: tuple[int, ...] = ()
    if by_month or by_month_day or by_day:
        by_set_pos = draw(st.one_of(st.just(()), pick(1, 2, 3, 5, 20, 366, -1, -2, -366)))
    return Parts(
        freq=freq,
        interval=draw(st.one_of(st.just(1), st.integers(1, 5), st.integers(6, 40))),
        by_month=by_month,
        by_month_day=by_month_day,
        by_day=by_day,
        by_set_pos=by_set_pos,
        wkst=draw(st.sampled_from(NAMES)),
    )


def starts() -> st.SearchStrategy[date]:
    """Generate days on which a rule starts. 2000 is a leap year, 2100 is not."""
    special = ["2026-11-30", "2028-02-29", "2099-12-31", "1999-12-27", "2026-01-31", "1899-12-31"]
    return st.one_of(
        st.sampled_from([date.fromisoformat(each) for each in special]),
        st.dates(date(1890, 1, 1), date(2110, 12, 31)),
    )
