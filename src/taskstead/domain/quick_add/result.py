"""Result of quick add: the fields of the task, recognised spans, errors and warnings."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

SpanKind = Literal[
    "category",
    "tag",
    "assignee",
    "priority",
    "parent",
    "reminder",
    "due_date",
    "repeat",
    "description",
]
DateOrder = Literal["dmy", "mdy"]
RepeatMode = Literal["completion"]


class Span(NamedTuple):
    """A recognised part of the text.

    Attributes:
        kind: the field that the part sets.
        start: position of the first character, in code points from 0.
        end: position after the last character.
    """

    kind: SpanKind
    start: int
    end: int


class Issue(NamedTuple):
    """An error or a warning about a part of the text; positions as in :class:`Span`."""

    code: str
    message: str
    start: int
    end: int


@dataclass(slots=True)
class QuickAdd:
    """The parsed text. A field that the text does not set is None or empty.

    Attributes:
        due_date: a date or a floating time, as in ``domain/due_dates.py``.
        category: the name of the category.
        tags: names of tags in the order of the text, without duplicates.
        assignee: the name after ``+``: ``me``, or a name or e-mail address of a member.
        parent: the number of the parent task.
        reminders: a negative duration before the due time (``-PT30M``) or a time on the due day
            (``08:00``).
        repeat_rule: a recurrence rule (RFC 5545, section 3.3.10) without the prefix ``RRULE:``.
        repeat_mode: ``completion`` if the rule counts from the completion.
        spans: recognised parts in the order of the text. They do not overlap.
        errors: reasons why the task cannot be created, in the order of the text.
        warnings: parts that look like a date but are not, in the order of the text.
    """

    title: str = ""
    description: str = ""
    due_date: str | None = None
    category: str | None = None
    tags: list[str] = field(default_factory=list)
    priority: int | None = None
    assignee: str | None = None
    parent: int | None = None
    reminders: list[str] = field(default_factory=list)
    repeat_rule: str | None = None
    repeat_mode: RepeatMode | None = None
    spans: list[Span] = field(default_factory=list)
    errors: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A recognised due date or repeat.

    Attributes:
        end: index after the last word of the phrase.
        day: the due date; None if the phrase contains a day that does not exist.
        minutes: the time of day in minutes after midnight, if any.
        rule: the recurrence rule, if the phrase is a repeat.
        counts_from_completion: whether the rule counts from the completion.
        issue: code of the warning, if the phrase cannot be used.
        issue_start: index of the first word that the warning is about.
        issue_end: index after the last such word.
    """

    end: int
    day: date | None = None
    minutes: int | None = None
    rule: str | None = None
    counts_from_completion: bool = False
    issue: str | None = None
    issue_start: int = 0
    issue_end: int = 0
