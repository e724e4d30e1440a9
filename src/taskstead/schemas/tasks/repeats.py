"""Schemas of repeating tasks: rules, occurrences and previews."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from taskstead.domain.due_dates import parse_due_date
from taskstead.domain.recurrence.rules import MAX_RULE_LENGTH, RuleError, parse_rule
from taskstead.domain.recurrence.series import RepeatMode
from taskstead.schemas.base import Input, Output, Page, drop_defaults
from taskstead.schemas.dates import DueText
from taskstead.schemas.text import TimeZone

MAX_EXCEPTIONS = 100
MAX_UPCOMING = 100
_OCCURRENCE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?", re.ASCII)


def _check_rule(text: str) -> str:
    try:
        parse_rule(text)
    except RuleError as error:
        # A template without context, so that braces in the message are no placeholders.
        raise PydanticCustomError(error.code, "{message}", {"message": error.message}) from None
    return text


def _check_occurrence(text: str) -> str:
    try:
        if not _OCCURRENCE.fullmatch(text):
            raise ValueError("not an occurrence")
        parse_due_date(text)
    except ValueError:
        code = "occurrence"
        raise PydanticCustomError(
            code,
            "Input should be the scheduled date (2026-12-01) or local date-time "
            "(2026-12-01T09:00:00) of an occurrence",
        ) from None
    return text


RepeatRule = Annotated[
    str,
    Field(max_length=MAX_RULE_LENGTH),
    AfterValidator(_check_rule),
]
OccurrenceText = Annotated[str, Field(max_length=20), AfterValidator(_check_occurrence)]

# The fields of a request with which a task repeats.
RepeatRuleField = Annotated[
    RepeatRule | None,
    Field(
        description="A recurrence rule (RFC 5545, 3.3.10) with FREQ from DAILY to YEARLY. It "
        "requires a due date, from which it counts. Null: the task does not repeat.",
        examples=["FREQ=WEEKLY;BYDAY=MO,TH"],
    ),
]
RepeatModeField = Annotated[
    RepeatMode | None,
    Field(
        description="What completing a repeating task does. `schedule` (the default) moves to the "
        "next occurrence after now. `each` moves one occurrence, even to a past one. `completion` "
        "counts from the day of completion.",
    ),
]
RepeatExceptField = Annotated[
    list[OccurrenceText],
    Field(
        max_length=MAX_EXCEPTIONS,
        description="Occurrences that do not take place, by scheduled date or local date-time.",
        examples=[["2026-12-28"]],
    ),
]


class OccurrenceChoice(Input):
    """The occurrence to complete or skip."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    occurrence: Annotated[
        OccurrenceText | None,
        Field(
            description="The occurrence that you show, which is `repeat_at` of the task. If it is "
            "no longer the current one, the response is 409 `occurrence_over`. Without it, a "
            "repeated request ends the next occurrence too.",
            examples=["2026-11-30"],
        ),
    ] = None


class RepeatPreview(Input):
    """A rule to preview."""

    repeat_rule: Annotated[RepeatRule, Field(examples=["FREQ=MONTHLY;BYDAY=-1FR"])]
    repeat_mode: RepeatModeField = None
    repeat_except: RepeatExceptField = []  # noqa: RUF012 - pydantic copies it
    due_date: Annotated[DueText, Field(description="The first due date.", examples=["2026-11-27"])]
    due_time_zone: TimeZone | None = None
    count: Annotated[
        int, Field(ge=1, le=MAX_UPCOMING, description="How many occurrences to return.")
    ] = 10


# The repeat fields of a response that the server sets. They are null if the task does not repeat.
RepeatStart = Annotated[str | None, Field(description="The due date from which the rule counts.")]
RepeatAt = Annotated[
    str | None, Field(description="The occurrence that the current due date stands for.")
]
RepeatGone = Annotated[
    int | None,
    Field(
        description="The number of occurrences that are over. Without COUNT, those that were "
        "passed over more than 1,000 days ago are not counted."
    ),
]


class EndedOccurrence(Output):
    """An occurrence that was completed or skipped."""

    id: str
    occurrence: Annotated[
        str, Field(description="Its scheduled date or local date-time, which identifies it.")
    ]
    due_date: Annotated[
        str, Field(description="When it was due. It differs if the due date was moved.")
    ]
    due_time_zone: str | None
    outcome: Literal["done", "skipped"]
    ended_at: datetime
    ended_by: Annotated[str | None, Field(description="The user's id; null for the server.")]
    revision: int


class UpcomingOccurrence(Output):
    """An occurrence in the future."""

    occurrence: str
    due_date: str
    due_time_zone: str | None


class UpcomingOccurrences(Output):
    """Occurrences in the future, in order. There are fewer than requested if the series ends."""

    items: list[UpcomingOccurrence]


EndedOccurrences = Page[EndedOccurrence]
