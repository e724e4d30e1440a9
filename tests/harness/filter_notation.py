"""Notation of filter trees as JSON, as in ``tests/data/filters.jsonl``, and as filter text."""

from typing import Any

from taskstead.domain.filters.nodes import (
    AllOf,
    AnyOf,
    DateCondition,
    FlagCondition,
    Moment,
    NameCondition,
    Node,
    Not,
    NumberCondition,
    PointCondition,
    TextCondition,
)

_LETTERS = {"hours": "h", "days": "d", "months": "m"}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = {-1: "last-", 0: "", 1: "next-"}


def make_notation(node: Node) -> list[Any]:  # noqa: PLR0911 - one for each kind of node
    """Return a resolved tree in the notation of the vectors."""
    match node:
        case AllOf():
            return ["and", *map(make_notation, node.parts)]
        case AnyOf():
            return ["or", *map(make_notation, node.parts)]
        case Not():
            return ["not", make_notation(node.part)]
        case PointCondition():
            texts = [point.local for point in node.points]
            return [node.field, node.comparison, texts if len(texts) > 1 else texts[0]]
        case NumberCondition():
            is_list = node.comparison in ("=", "between")
            return [node.field, node.comparison, list(node.values) if is_list else node.values[0]]
        case NameCondition():
            me = ["me"] if node.includes_me else []
            return [node.field, "=", [*me, *node.values]]
        case TextCondition():
            return [node.field, node.text + ("*" if node.is_prefix else "")]
        case FlagCondition():
            return [node.field, node.word]
        case DateCondition():
            raise TypeError(f"{node} is not resolved")


def write_filter(node: Node) -> str:  # noqa: PLR0911 - one for each kind of node
    """Return a text that is parsed to this tree. The texts in the tree must not be empty."""
    match node:
        case AllOf():
            return " ".join(map(_write_part, node.parts))
        case AnyOf():
            return " or ".join(map(_write_part, node.parts))
        case Not():
            return f"not {_write_part(node.part)}"
        case DateCondition():
            return node.field + _write_comparison(
                node.comparison, [write_moment(moment) for moment in node.moments]
            )
        case NumberCondition():
            return node.field + _write_comparison(node.comparison, [str(v) for v in node.values])
        case NameCondition():
            me = ["me"] if node.includes_me else []
            return f"{node.field}:{','.join([*me, *map(_quote, node.values)])}"
        case TextCondition():
            return f"{node.field}:{node.text + '*' if node.is_prefix else _quote(node.text)}"
        case FlagCondition():
            return f"{node.field}:{node.word}"
        case PointCondition():
            raise TypeError(f"{node} is resolved")


def _write_part(node: Node) -> str:
    return f"({write_filter(node)})" if isinstance(node, AllOf | AnyOf) else write_filter(node)


def _write_comparison(comparison: str, values: list[str]) -> str:
    if comparison == "between":
        return f":{values[0]}..{values[1]}"
    if comparison == "<=":
        return f":..{values[0]}"
    if comparison == ">=":
        return f":{values[0]}.."
    return (":" if comparison == "=" else comparison) + ",".join(values)


def write_moment(moment: Moment) -> str:
    """Return the text of a moment."""
    if moment.kind == "fixed":
        return moment.text
    if moment.kind == "weekday":
        return _WEEKDAYS[moment.amount]
    if moment.kind in ("week", "month"):
        return _PERIODS[moment.amount] + moment.kind
    return f"{moment.amount:+d}{_LETTERS[moment.kind]}"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
