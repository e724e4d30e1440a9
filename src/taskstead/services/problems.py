"""What is wrong with single ones among many: noted where it is found, told by whoever asked.

So that one call and many at once share the same functions: those note, and never break off.
"""

from taskstead.errors import FieldError, TasksteadError

Problems = dict[int, TasksteadError]
"""By the position of what cannot be done. Pointers in them are those of a single request."""


def raise_first_problem(problems: Problems, prefix: str | None = None) -> None:
    """Raise the first of the problems; do nothing without any.

    Args:
        problems: what was found.
        prefix: a JSON pointer (RFC 6901) to the list that holds them; each pointer is put behind
            it and the position. None leaves the pointers as they are.
    """
    if not problems:
        return
    index = min(problems)
    if prefix is not None:
        move_pointers(problems[index], f"{prefix}/{index}")
    raise problems[index]


def move_pointers(error: TasksteadError, prefix: str, *, without: str = "") -> None:
    """Put a JSON pointer before all pointers of an error, in the place of another one."""
    error.errors = tuple(
        FieldError(prefix + wrong.pointer.removeprefix(without), wrong.message, wrong.code)
        for wrong in error.errors
    )
