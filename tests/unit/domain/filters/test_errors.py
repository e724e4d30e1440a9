"""The error of a filter."""

from taskstead.domain.filters.errors import FilterError


def test_error_is_its_message() -> None:
    error = FilterError("bad_value", "This is no day.", 4, 8, expected=["today"])
    assert str(error) == "This is no day."
    assert (error.expected, error.spans) == (("today",), ())
