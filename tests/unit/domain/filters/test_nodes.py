"""The nodes of filters."""

import pytest

from taskstead.domain.filters.nodes import FlagCondition, Moment


@pytest.mark.parametrize(
    ("moment", "is_period"),
    [
        (Moment("week", 1), True),
        (Moment("month"), True),
        (Moment("days", 7), False),
        (Moment("weekday", 1), False),
    ],
)
def test_periods(moment: Moment, *, is_period: bool) -> None:
    assert moment.is_period is is_period


def test_positions_do_not_distinguish_conditions() -> None:
    assert FlagCondition("is", "open", start=1, end=8) == FlagCondition("is", "open")
