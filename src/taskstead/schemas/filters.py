"""Schemas of the check of a filter."""

from typing import Annotated, Literal

from pydantic import Field

from taskstead.schemas.base import Output

Start = Annotated[int, Field(description="The first position, in Unicode code points from 0.")]
End = Annotated[int, Field(description="The position after the last one.")]


class FilterSpan(Output):
    """A part of the text of a filter."""

    kind: Annotated[
        str,
        Field(
            description="`operator`, `parenthesis`, or for a condition, the name of its field, "
            "such as `due` and `category`. `text` is a word or a phrase to search for."
        ),
    ]
    start: Start
    end: End


class FilterProblem(Output):
    """The reason why a text is not a filter."""

    code: Literal[
        "unexpected_end",
        "unexpected_token",
        "unclosed_parenthesis",
        "unclosed_quote",
        "unknown_field",
        "bad_value",
        "bad_operator",
        "too_long",
        "too_many_conditions",
        "too_deep",
    ]
    message: str
    start: Start
    end: End
    expected: Annotated[
        list[str], Field(description="What is allowed instead; empty if it cannot be listed.")
    ]


class FilterWarning(Output):
    """An unknown name in a filter, or a text without words."""

    code: Annotated[
        Literal[
            "unknown_category", "unknown_tag", "unknown_assignee", "unknown_parent", "no_words"
        ],
        Field(description="`no_words`: a text without letters and digits."),
    ]
    message: str
    start: Start
    end: End


FilterWarnings = Annotated[
    list[FilterWarning],
    Field(
        default_factory=list,
        description="Names in `filter` that do not exist, if any.",
    ),
]


class FilterCheck(Output):
    """The result of parsing a filter."""

    spans: Annotated[
        list[FilterSpan],
        Field(description="The operators and conditions in order; with an error, those before it."),
    ]
    errors: Annotated[
        list[FilterProblem], Field(description="The first error. Empty if the filter is valid.")
    ]
    warnings: list[FilterWarning]
