"""Filters with a condition on the status."""

import pytest

from taskstead.cli.client.listing import has_status_term


@pytest.mark.parametrize(
    "text",
    [
        *("is:done", "IS:Cancelled", "not is:open", "!is:done", "(is:trashed)", "#Work is:done"),
        *("status:done", "status!=done", "completed>-1w", "today|is:done", 'is:"done"'),
    ],
)
def test_condition_on_the_status_is_found(text: str) -> None:
    assert has_status_term(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "#Work", "today", "this is: done", "title:done", "is:repeating", "has:due", "done"),
        *(
            '"is:done"',
            'title:"x is:done"',
            '#"is:done"',
            '"a \\" is:done"',
            '"is:done',
            "status = done",
        ),
    ],
)
def test_other_filter_has_no_condition(text: str) -> None:
    assert not has_status_term(text)
