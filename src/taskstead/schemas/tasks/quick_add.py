"""Schemas of quick add: a task as one line of text."""

from typing import Annotated

from pydantic import ConfigDict, Field

from taskstead.domain.quick_add.result import RepeatMode, SpanKind
from taskstead.schemas.accounts.accounts import ProfileDateOrder
from taskstead.schemas.base import UNSENT, Input, Output, drop_defaults
from taskstead.schemas.tasks.tasks import Task
from taskstead.schemas.text import Language, QuickAddText, TimeZone


class QuickAddRequest(Input):
    """A text to create a task from."""

    text: Annotated[
        QuickAddText,
        Field(
            description="The title of the task, with its due date, `#category`, `@tag`, "
            "`+assignee`, `p1` to `p5`, `^parent` and `// description`."
        ),
    ]
    dry_run: Annotated[
        bool, Field(description="True returns what the text means, and creates nothing.")
    ] = False
    language: Annotated[
        Language | None, Field(description="The language of dates. Default: that of your profile.")
    ] = None
    date_order: Annotated[
        ProfileDateOrder | None,
        Field(
            description="What `3/12` is read as: 3 December (`dmy`), March 12 (`mdy`) or text "
            "(`none`). Default: that of your profile."
        ),
    ] = None
    time_zone: Annotated[
        TimeZone | None,
        Field(description="The time zone of today. Default: that of your profile."),
    ] = None


class QuickAddSpan(Output):
    """A recognised part of the text. Positions count Unicode code points from 0."""

    kind: SpanKind
    start: Annotated[int, Field(description="The position of the first character.")]
    end: Annotated[int, Field(description="The position after the last character.")]


class QuickAddIssue(Output):
    """An error or a warning about a part of the text. Positions count code points from 0."""

    code: str
    message: str
    start: int
    end: int


class QuickAddFields(Output):
    """The fields that the text sets."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    title: str = UNSENT
    description: str = UNSENT
    due_date: Annotated[str, Field(description="A date or a local date-time.")] = UNSENT
    category: str = UNSENT
    tags: list[str] = UNSENT
    priority: int = UNSENT
    assignee: Annotated[
        str, Field(description="The text after `+`: `me`, or a name or e-mail address.")
    ] = UNSENT
    parent: Annotated[int, Field(description="The number of the parent task.")] = UNSENT
    reminders: Annotated[
        list[str],
        Field(
            description="Negative durations before the due time (`-PT30M`), and times on the due "
            "day (`08:00`)."
        ),
    ] = UNSENT
    repeat_rule: Annotated[
        str, Field(description="A recurrence rule (RFC 5545, section 3.3.10).")
    ] = UNSENT
    repeat_mode: RepeatMode = UNSENT


class QuickAddPreview(Output):
    """What a text means."""

    fields: QuickAddFields
    spans: list[QuickAddSpan]
    warnings: Annotated[
        list[QuickAddIssue],
        Field(description="Parts that look like a date but stay in the title."),
    ]
    errors: Annotated[list[QuickAddIssue], Field(description="Reasons why no task can be created.")]


class QuickAddedTask(Task):
    """A new task, and how its text was read."""

    spans: list[QuickAddSpan]
    warnings: list[QuickAddIssue]
