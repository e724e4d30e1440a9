"""Resolution of a filter: replaces relative times by dates and points in time."""

from datetime import datetime, tzinfo

from taskstead.domain.filters.moments import resolve_moment
from taskstead.domain.filters.nodes import (
    AllOf,
    AnyOf,
    DateCondition,
    Node,
    Not,
    Point,
    PointCondition,
)


def resolve_filter(node: Node, now: datetime, zone: tzinfo) -> Node:
    """Return the tree without relative times.

    Args:
        node: the tree.
        now: the current time.
        zone: the time zone of the reader.
    """
    match node:
        case AllOf():
            return AllOf(tuple(resolve_filter(part, now, zone) for part in node.parts))
        case AnyOf():
            return AnyOf(tuple(resolve_filter(part, now, zone) for part in node.parts))
        case Not():
            return Not(resolve_filter(node.part, now, zone))
        case DateCondition():
            return _resolve_dates(node, now, zone)
        case _:
            return node


def _resolve_dates(condition: DateCondition, now: datetime, zone: tzinfo) -> PointCondition:
    first, last = resolve_moment(condition.moments[0], now, zone)
    comparison = condition.comparison
    if comparison == "between":
        last = resolve_moment(condition.moments[1], now, zone)[1]
    elif comparison == "=" and condition.moments[0].is_period:
        comparison = "between"
    points: tuple[Point, ...] = (first,)
    if comparison == "between":
        points = (first, last)
    elif comparison == "<=":
        points = (last,)
    return PointCondition(
        condition.field, comparison, points, start=condition.start, end=condition.end
    )
