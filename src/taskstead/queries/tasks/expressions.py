"""SQL expressions of the filter language (``domain/filters/``).

A filter is converted to expressions and parameters. An expression is a tree of the names of
conditions. It contains no values, so statements can be cached for each expression. The SQL text of
each condition is compiled once, and the text of an expression is assembled from these.

SQL has three truth values, and the filter language has two: a condition on a missing value is
false, and its negation is true. Therefore negations are moved to the conditions, and a negated
condition is compared with "true". Elsewhere, the result of a condition on a missing value is NULL,
which a WHERE clause treats like false.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, or_

from taskstead.db.sql.assembly import SLOT, AssembledStatement, Part
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.search import matches, render_search
from taskstead.domain.filters.nodes import (
    AllOf,
    AnyOf,
    Condition,
    FlagCondition,
    NameCondition,
    Node,
    Not,
    NumberCondition,
    PointCondition,
    TextCondition,
)
from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.resolution import resolve_filter
from taskstead.domain.names import make_name_key
from taskstead.domain.principal import Principal
from taskstead.domain.search_query import Term, split_words
from taskstead.domain.time_ranges import parse_day_or_moment
from taskstead.ids import find_id, parse_number
from taskstead.queries.tasks.conditions import (
    HAS_SUBTASKS,
    HAS_TAG,
    IS_OVERDUE,
    has_any_tag,
    has_occurrence,
    has_parent,
    is_due_after,
    is_due_before,
    is_in_category,
    make_lower_bound,
    make_overdue_values,
    make_upper_bound,
)
from taskstead.tables.tasks import tasks

_SEARCHED_FIELDS = {
    "text": ("title", "description"),
    "title": ("title",),
    "description": ("description",),
}


# The statuses that ``is:open`` and similar conditions stand for.
_STATUSES = {"open": ["in_progress", "todo"], "done": ["done"], "cancelled": ["cancelled"]}


class Leaf(NamedTuple):
    """A condition.

    Attributes:
        name: a key of ``_BUILDERS``.
        slot: the beginning of the names of its parameters; empty if it has none of its own.
        is_negated: whether the condition must be false.
    """

    name: str
    slot: str
    is_negated: bool


class Group(NamedTuple):
    """Expressions joined by AND or OR."""

    operator: Literal["and", "or"]
    parts: tuple["Expression", ...]


Expression = Leaf | Group


@dataclass(frozen=True, slots=True)
class FilterContext:
    """What a filter depends on besides its text.

    Attributes:
        principal: the user of the request, with the workspace.
        zone: the time zone of days.
        now: the current time.
        dialect: the database's dialect, which determines the search syntax.
        members: the ids of members by the case-folded name or e-mail address.
    """

    principal: Principal
    zone: ZoneInfo
    now: datetime
    dialect: str
    members: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class CompiledFilter:
    """A filter as SQL expressions.

    Attributes:
        expressions: the expressions. All must be true.
        values: their parameters, without ``workspace_id``.
        is_search: whether the full-text index is searched.
        size: the number of conditions.
    """

    expressions: frozenset[Expression]
    values: dict[str, Any]
    is_search: bool
    size: int


def compile_filter(text: str, context: FilterContext) -> CompiledFilter:
    """Convert a filter to SQL expressions and their parameters.

    Raises:
        FilterError: the text is not a filter.
    """
    compiler = _Compiler(context)
    node = resolve_filter(parse_filter(text).node, context.now, context.zone)
    expression = compiler.compile(node)
    is_all = isinstance(expression, Group) and expression.operator == "and"
    parts = frozenset(expression.parts if is_all else (expression,))  # type: ignore[union-attr]
    return CompiledFilter(parts, compiler.values, compiler.is_search, compiler.size)


@dataclass(slots=True)
class _Compiler:
    """Converts a tree, and collects the parameters."""

    context: FilterContext
    values: dict[str, Any] = field(default_factory=dict)
    is_search: bool = False
    size: int = 0

    def compile(self, node: Node, *, is_negated: bool = False) -> Expression:
        match node:
            case Not():
                return self.compile(node.part, is_negated=not is_negated)
            case AllOf():
                # A negated "and" is an "or" of the negated parts, and vice versa.
                return self._join("or" if is_negated else "and", node.parts, is_negated=is_negated)
            case AnyOf():
                return self._join("and" if is_negated else "or", node.parts, is_negated=is_negated)
            case _:
                return self._compile_condition(node, is_negated=is_negated)

    def _join(
        self, operator: Literal["and", "or"], parts: Sequence[Node], *, is_negated: bool
    ) -> Expression:
        joined: list[Expression] = []
        for part in parts:
            expression = self.compile(part, is_negated=is_negated)
            if isinstance(expression, Group) and expression.operator == operator:
                joined += expression.parts
            else:
                joined.append(expression)
        return Group(operator, tuple(joined))

    def _compile_condition(self, condition: Condition, *, is_negated: bool) -> Expression:
        slot = f"filter_{self.size}"
        self.size += 1
        match condition:
            case PointCondition():
                name, values = _compile_points(condition, slot, self.context)
            case NumberCondition():
                name, values = _compile_numbers(condition, slot)
            case NameCondition():
                name, values = _compile_names(condition, slot, self.context)
            case TextCondition():
                name, values = _compile_text(condition, slot, self.context)
                self.is_search = self.is_search or name == "text"
            case FlagCondition() if condition.word in _STATUSES and condition.field == "is":
                # Like the values of `status`, so that the planners estimate both in the same way.
                name, values = "status", {slot: _STATUSES[condition.word]}
            case FlagCondition():
                name, values = f"{condition.field}_{condition.word}", {}
                if condition.word == "overdue":
                    values = _make_overdue_values(self.context)
                slot = ""
            case _:
                raise TypeError(f"{condition} is not resolved")
        self.values |= values
        return Leaf(name, slot if values else "", is_negated)


_Compiled = tuple[str, Mapping[str, Any]]
"""The name of a condition, and the values of its parameters."""


def _compile_points(condition: PointCondition, slot: str, context: FilterContext) -> _Compiled:
    ranges = [
        parse_day_or_moment(point.exact, context.zone, context.now) for point in condition.points
    ]
    first, last = ranges[0], ranges[-1]
    if condition.comparison in ("=", "between"):
        side = "within"
        start, local_start, end, local_end = (
            *(first.start, first.local_start),
            *(last.end, last.local_end),
        )
        values = {
            **make_lower_bound(slot, start, local_start),
            **make_upper_bound(f"{slot}_end", end, local_end),
        }
    elif condition.comparison == "<":
        side, values = "before", make_upper_bound(slot, first.start, first.local_start)
    elif condition.comparison == "<=":
        side, values = "before", make_upper_bound(slot, first.end, first.local_end)
    elif condition.comparison == ">":
        side, values = "after", make_lower_bound(slot, first.end, first.local_end)
    else:
        side, values = "after", make_lower_bound(slot, first.start, first.local_start)
    if condition.field != "due":
        values = {name: values[name] for name in (slot, f"{slot}_end") if name in values}
    return f"{condition.field}_{side}", values


def _compile_numbers(condition: NumberCondition, slot: str) -> _Compiled:
    name = f"{condition.field}_{condition.comparison}"
    if condition.comparison == "=":
        return name, {slot: sorted(set(condition.values))}
    if condition.comparison == "between":
        return name, {slot: condition.values[0], f"{slot}_end": condition.values[1]}
    return name, {slot: condition.values[0]}


def _compile_names(condition: NameCondition, slot: str, context: FilterContext) -> _Compiled:
    values = sorted(set(condition.values))
    match condition.field:
        case "status":
            return "status", {slot: values}
        case "tag":
            return "tag", {slot: [make_name_key(value) for value in values]}
        case "category":
            keys = [make_name_key(value) for value in values]
            ids = [id_ for value in values if (id_ := find_id(value))]
            return "category", {f"{slot}_keys": keys, f"{slot}_ids": ids}
        case "parent":
            numbers = [number for value in values if (number := parse_number(value))]
            # A number of 32 digits is an id. Task numbers have at most 18 digits.
            ids = [id_ for value in values if (id_ := find_id(value))]
            return "parent", {f"{slot}_numbers": numbers, f"{slot}_ids": ids}
        case "assignee":
            return "assignee", {slot: sorted(_find_user_ids(condition, context))}


def _find_user_ids(condition: NameCondition, context: FilterContext) -> set[str]:
    """Return the ids of the users that the values of an assignee stand for."""
    ids = {context.principal.user_id} if condition.includes_me else set()
    for value in condition.values:
        id_ = find_id(value)
        ids |= {id_} if id_ else set(context.members.get(make_name_key(value), ()))
    return ids


def _compile_text(condition: TextCondition, slot: str, context: FilterContext) -> _Compiled:
    words = tuple(split_words(condition.text))
    if not words:
        return "nothing", {}
    search = render_search(
        context.dialect,
        context.principal.workspace_id,
        required=[Term(words, is_prefix=condition.is_prefix)],
        excluded=[],
        fields=_SEARCHED_FIELDS[condition.field],
    )
    return "text", {slot: search}


def _make_overdue_values(context: FilterContext) -> Mapping[str, Any]:
    today = parse_day_or_moment("today", context.zone, context.now)
    # The local time, as if it were UTC.
    local = context.now.astimezone(context.zone).replace(tzinfo=context.now.tzinfo)
    return make_overdue_values(today, context.now, local)


_Builder = Callable[[str], ColumnElement[bool]]


def _make_constant(condition: ColumnElement[bool]) -> _Builder:
    """Return a builder that returns this condition, which has no parameters of its own."""
    return lambda _slot: condition


_Comparison = Callable[[ColumnElement[Any], str], ColumnElement[bool]]
"""Returns the condition on a column with the parameters of a slot."""


def _compare(compare: Callable[[Any, Any], Any]) -> _Comparison:
    """Return the comparison of a column with one value."""
    return lambda column, slot: compare(column, bindparam(slot, type_=column.type))


def _compare_with_range(compare: Callable[[Any, Any], Any]) -> _Comparison:
    """Return the comparison of a column with a range. ``compare`` compares with its end."""
    return lambda column, slot: and_(
        column >= bindparam(slot, type_=column.type),
        compare(column, bindparam(f"{slot}_end", type_=column.type)),
    )


def _was_completed(comparison: _Comparison, slot: str) -> ColumnElement[bool]:
    """Build a condition on the completion of a task, or of an occurrence of a repeating task."""
    return or_(
        comparison(tasks.c.completed_at, slot),
        has_occurrence(lambda ended_at: comparison(ended_at, slot)),
    )


_TIME_COMPARISONS = {
    "before": _compare(operator.lt),
    "after": _compare(operator.ge),
    "within": _compare_with_range(operator.lt),
}
_NUMBER_COMPARISONS = {
    "<": _compare(operator.lt),
    "<=": _compare(operator.le),
    ">": _compare(operator.gt),
    ">=": _compare(operator.ge),
    "between": _compare_with_range(operator.le),
    "=": is_any_of,
}
_BUILDERS: dict[str, _Builder] = {
    "nothing": _make_constant(false()),
    "text": lambda slot: matches(tasks.c.id, slot),
    "status": lambda slot: is_any_of(tasks.c.status, slot),
    "category": is_in_category,
    "tag": has_any_tag,
    "assignee": lambda slot: is_any_of(tasks.c.assignee_id, slot),
    "parent": has_parent,
    "due_before": is_due_before,
    "due_after": is_due_after,
    "due_within": lambda slot: and_(is_due_after(slot), is_due_before(f"{slot}_end")),
}
for _name, _comparison in _TIME_COMPARISONS.items():
    _BUILDERS[f"created_{_name}"] = partial(_comparison, tasks.c.created_at)
    _BUILDERS[f"updated_{_name}"] = partial(_comparison, tasks.c.updated_at)
    _BUILDERS[f"completed_{_name}"] = partial(_was_completed, _comparison)
for _name, _comparison in _NUMBER_COMPARISONS.items():
    _BUILDERS[f"priority_{_name}"] = partial(_comparison, tasks.c.priority)
    _BUILDERS[f"number_{_name}"] = partial(_comparison, tasks.c.number)

_REPEATS = tasks.c.repeat_rule.is_not(None)
_FLAGS: dict[str, ColumnElement[bool]] = {
    "is_overdue": IS_OVERDUE,
    "is_repeating": _REPEATS,
    "is_trashed": tasks.c.deleted_at.is_not(None),
    "is_subtask": tasks.c.parent_id.is_not(None),
    "has_due": tasks.c.due_at.is_not(None),
    "has_time": or_(tasks.c.due_kind == "floating", tasks.c.due_kind == "instant"),
    "has_category": tasks.c.category_id.is_not(None),
    "has_tag": HAS_TAG,
    "has_parent": tasks.c.parent_id.is_not(None),
    "has_assignee": tasks.c.assignee_id.is_not(None),
    "has_subtasks": HAS_SUBTASKS,
    "has_repeat": _REPEATS,
    # There are no reminders yet.
    "has_reminder": false(),
    "has_description": tasks.c.description != "",
}
_BUILDERS |= {name: _make_constant(condition) for name, condition in _FLAGS.items()}


@lru_cache(maxsize=512)
def assemble_query(query: Query[R], expressions: frozenset[Expression]) -> Query[R]:
    """Replace the placeholder in a query by expressions, which must all be true.

    Raises:
        TypeError: the statement of the query is not a SELECT.
    """
    if not isinstance(query.statement, Select):
        raise TypeError(f"{query.statement!r} is not a SELECT")
    parts = ("(", *_list_parts(Group("and", tuple(sorted(expressions, key=_get_position)))), ")")
    return Query(query.row_type, AssembledStatement(query.statement, tasks, parts))


def _get_position(expression: Expression) -> tuple[bool, str]:
    """Return the sort key of an expression in a statement.

    Searches are first. If several sub-selects are equally good, SQLite uses the index for the first
    of them, and a search usually finds few tasks.
    """
    is_search = isinstance(expression, Leaf) and expression.name == "text"
    return not is_search, str(expression)


def _list_parts(expression: Expression) -> Iterator[str | Part]:
    """Yield the SQL of an expression."""
    if isinstance(expression, Leaf):
        part = Part(expression.name, _build_condition(expression.name), expression.slot)
        yield from (
            ("NOT coalesce(", part, ", false)") if expression.is_negated else ("(", part, ")")
        )
        return
    if not expression.parts:
        yield "true" if expression.operator == "and" else "false"
    for index, inner in enumerate(expression.parts):
        if index:
            yield f" {expression.operator.upper()} "
        is_group = isinstance(inner, Group)
        yield from ("(", *_list_parts(inner), ")") if is_group else _list_parts(inner)


@cache
def _build_condition(name: str) -> ColumnElement[bool]:
    return _BUILDERS[name](SLOT)
