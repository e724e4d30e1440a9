"""Questions about the tree of a filter."""

from collections.abc import Iterator

from taskstead.domain.filters.nodes import AllOf, AnyOf, Condition, FlagCondition, Node, Not


def list_conditions(node: Node) -> Iterator[Condition]:
    """Yield the conditions of a tree, in the order of the text."""
    match node:
        case AllOf() | AnyOf():
            for part in node.parts:
                yield from list_conditions(part)
        case Not():
            yield from list_conditions(node.part)
        case _:
            yield node


def mentions_trash(node: Node) -> bool:
    """Return whether a tree contains ``is:trashed``. Tasks in the trash are then not excluded."""
    return any(
        isinstance(condition, FlagCondition) and condition.word == "trashed"
        for condition in list_conditions(node)
    )
