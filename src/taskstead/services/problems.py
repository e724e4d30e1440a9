"""Per-item errors of an operation on several items.

A function that processes several items collects errors by the index of the item instead of raising
them. Its
caller either raises the first error or reports an error for each item.
"""

from taskstead.errors import FieldError, TasksteadError

Problems = dict[int, TasksteadError]
"""Errors by the index of the item. Their JSON pointers are relative to the item."""


def raise_first_problem(problems: Problems, prefix: str | None = None) -> None:
    """Raise the error of the first failed item, if any.

    Args:
        problems: the errors by index.
        prefix: JSON pointer (RFC 6901) to the list of items. It is put before the JSON pointers of
            the error, with the index of the item. None leaves the pointers unchanged.
    """
    if not problems:
        return
    index = min(problems)
    if prefix is not None:
        prefix_pointers(problems[index], f"{prefix}/{index}")
    raise problems[index]


def prefix_pointers(error: TasksteadError, prefix: str, *, old_prefix: str = "") -> None:
    """Put a prefix before all JSON pointers of an error.

    Args:
        error: the error to change.
        prefix: the prefix.
        old_prefix: an existing prefix, which is removed first.
    """
    error.errors = tuple(
        FieldError(prefix + item.pointer.removeprefix(old_prefix), item.message, item.code)
        for item in error.errors
    )
