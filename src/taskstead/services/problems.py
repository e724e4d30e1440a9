"""Per-item errors of an operation on several items.

Functions that process several items collect errors by position instead of raising them. The caller
decides: it raises the first one, or reports one per item.
"""

from taskstead.errors import FieldError, TasksteadError

Problems = dict[int, TasksteadError]
"""Errors by the position of the item. Their JSON pointers are relative to the item."""


def raise_first_problem(problems: Problems, prefix: str | None = None) -> None:
    """Raise the error of the first failed item, if any.

    Args:
        problems: the errors by position.
        prefix: JSON pointer (RFC 6901) to the list of items. The pointers of the error are prefixed
            with it and the position. None leaves them unchanged.
    """
    if not problems:
        return
    index = min(problems)
    if prefix is not None:
        prefix_pointers(problems[index], f"{prefix}/{index}")
    raise problems[index]


def prefix_pointers(error: TasksteadError, prefix: str, *, without: str = "") -> None:
    """Prefix all JSON pointers of an error, after removing the prefix ``without``."""
    error.errors = tuple(
        FieldError(prefix + wrong.pointer.removeprefix(without), wrong.message, wrong.code)
        for wrong in error.errors
    )
