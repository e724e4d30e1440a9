"""The tree of a filter. Its leaves are conditions on a task.

A condition on a missing value is false, and its negation is true.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

DateField = Literal["due", "created", "updated", "completed"]
NumberField = Literal["priority", "number"]
NameField = Literal["status", "category", "tag", "assignee", "parent"]
TextField = Literal["text", "title", "description"]
Comparison = Literal["=", "<", "<=", ">", ">=", "between"]
MomentKind = Literal["fixed", "hours", "days", "months", "weekday", "week", "month"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time or a day, as written in a filter. It may depend on the current time.

    Attributes:
        kind: ``fixed``: the date or date-time in ``text``. ``hours``, ``days`` and ``months``: a
            distance from now or today. ``weekday``: the next such day after today. ``week`` and
            ``month``: a period, relative to the current one.
        amount: the distance; for a weekday, its number from 0 for Monday.
        text: the date or date-time of the kind ``fixed``, as in ``domain/due_dates.py``.
    """

    kind: MomentKind
    amount: int = 0
    text: str = ""

    @property
    def is_period(self) -> bool:
        """Whether it is a week or a month. These cannot be compared with ``<`` and ``>``."""
        return self.kind in ("week", "month")


@dataclass(frozen=True, slots=True)
class Point:
    """A resolved moment.

    Attributes:
        local: a date or a date-time as a user in the time zone of the filter writes it.
        exact: the same as ``local``, but with an offset if the moment is some hours from now. A
            local time can occur twice when clocks are turned back. Tasks are compared with it.
    """

    local: str
    exact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """A leaf of the tree, and its position in the text."""

    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DateCondition(_Condition):
    """A comparison of a date or time of a task with a day, a point in time or a period.

    A day is a time range: ``<`` means before it begins, and ``>`` after it has ended.

    Attributes:
        field: the date or time to compare.
        comparison: the comparison. ``<=`` and ``>=`` with a period mean its end and its start.
        moments: two moments for ``between`` (both are included), otherwise one.
    """

    field: DateField
    comparison: Comparison
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class PointCondition(_Condition):
    """A resolved ``DateCondition``. It contains no period and no relative time."""

    field: DateField
    comparison: Comparison
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class NumberCondition(_Condition):
    """A comparison of a number with one or more integers.

    Attributes:
        field: the number to compare.
        comparison: the comparison.
        values: for ``=``, the matching numbers; two for ``between`` (both are included), otherwise
            one.
    """

    field: NumberField
    comparison: Comparison
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NameCondition(_Condition):
    """A task has one of these statuses, categories, tags, assignees or parents.

    Attributes:
        field: the kind of the names.
        values: the names. An assignee is a user id, a name or an e-mail address. A parent is a
            task number or an id.
        includes_me: whether an assignee may also be the user of the request.
    """

    field: NameField
    values: tuple[str, ...]
    includes_me: bool = False


@dataclass(frozen=True, slots=True)
class TextCondition(_Condition):
    """A task contains a word or a phrase.

    Attributes:
        field: the field to search; ``text`` is title and description.
        text: the word or the phrase.
        is_prefix: whether the last word is a prefix.
    """

    field: TextField
    text: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class FlagCondition(_Condition):
    """A condition without a value, such as ``is:open`` and ``has:due``."""

    field: Literal["is", "has"]
    word: str


Condition = (
    DateCondition | PointCondition | NumberCondition | NameCondition | TextCondition | FlagCondition
)


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts are true. Without parts, it is true."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part is true."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is false."""

    part: "Node"


Node = Condition | AllOf | AnyOf | Not


class Span(NamedTuple):
    """A part of the text of a filter.

    Attributes:
        kind: ``operator``, ``parenthesis``, or for a condition, the name of its field.
        start: the position of the first character.
        end: the position after the last character.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter: its tree, and the spans of its operators and conditions in order."""

    node: Node
    spans: tuple[Span, ...]


class FilterWarning(NamedTuple):
    """A name in a filter that does not exist, or a text to search for without words.

    Attributes:
        code: ``unknown_category``, ``unknown_tag``, ``unknown_assignee``, ``unknown_parent`` or
            ``no_words``.
        message: the human-readable reason.
        start: the position of the condition with this name or text.
        end: the position after the condition.
    """

    code: str
    message: str
    start: int
    end: int
