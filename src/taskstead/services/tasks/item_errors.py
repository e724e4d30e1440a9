"""Per-item errors of an operation on several items.

Each item, such as a ``TaskDraft``, has an ``error``. A function that processes several items sets
it instead of raising the error, and skips the item from then on. Its caller either raises the first
error or reports an error for each item.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from taskstead.errors import TasksteadError


class FallibleItem(Protocol):
    """An item of an operation that may fail.

    Attributes:
        error: the error of the item, or None. Its JSON pointers are relative to the item.
    """

    error: TasksteadError | None


def raise_first_error(items: Iterable[FallibleItem], prefix: str | None = None) -> None:
    """Raise the error of the first failed item, if any.

    Args:
        items: the items.
        prefix: JSON pointer (RFC 6901) to the list of items. It is put before the JSON pointers of
            the error, with the index of the item. None leaves the pointers unchanged.
    """
    for index, item in enumerate(items):
        if item.error is not None:
            if prefix is not None:
                prefix_pointers(item.error, f"{prefix}/{index}")
            raise item.error


def prefix_pointers(error: TasksteadError, prefix: str, *, old_prefix: str = "") -> None:
    """Put a prefix before all JSON pointers of an error.

    Args:
        error: the error to change.
        prefix: the prefix.
        old_prefix: an existing prefix, which is removed first.
    """
    error.errors = tuple(
        replace(item, pointer=prefix + item.pointer.removeprefix(old_prefix))
        for item in error.errors
    )
