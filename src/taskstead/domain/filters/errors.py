"""The error of a filter, with its position in the text."""

from collections.abc import Sequence

from taskstead.domain.filters.nodes import Span


class FilterError(ValueError):
    """A text is not a filter.

    Attributes:
        code: the machine-readable reason: ``unexpected_end``, ``unexpected_token``,
            ``unclosed_parenthesis``, ``unclosed_quote``, ``unknown_field``, ``bad_value``,
            ``bad_operator``, ``too_long``, ``too_many_conditions`` or ``too_deep``.
        message: the human-readable reason.
        start: the position of the first wrong character.
        end: the position after the last wrong character.
        expected: what is allowed instead; empty if it cannot be listed.
        spans: the spans before the error.
    """

    def __init__(
        self, code: str, message: str, start: int, end: int, *, expected: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.expected = tuple(expected)
        self.spans: tuple[Span, ...] = ()
