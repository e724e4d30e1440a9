"""The ``sort`` parameter of task listings."""

from typing import NamedTuple

SORT_KEYS = (
    "created_at",
    "updated_at",
    "due_date",
    "priority",
    "title",
    "position",
    "completed_at",
    "number",
    "relevance",
)
MAX_SORT_KEYS = 5


class SortKey(NamedTuple):
    """A sort key and its direction."""

    name: str
    is_descending: bool


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Parse a sort parameter, for example ``-priority,due_date,title``.

    Raises:
        ValueError: a key is unknown or repeated, or there are too many.
    """
    keys = tuple(
        SortKey(part.strip().removeprefix("-"), part.strip().startswith("-"))
        for part in text.split(",")
    )
    names = [key.name for key in keys]
    if len(keys) > MAX_SORT_KEYS or len(set(names)) < len(names) or set(names) - set(SORT_KEYS):
        raise ValueError("not a list of sort keys")
    return keys
