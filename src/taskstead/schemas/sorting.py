"""The order of a listing of tasks, as its user names it."""

from typing import NamedTuple

from pydantic_core import PydanticCustomError

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
    """One of the keys, and whether it descends."""

    name: str
    is_descending: bool


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Parse ``-priority,due_date,title``.

    Raises:
        PydanticCustomError: a key is unknown or comes twice, or there are too many.
    """
    keys = tuple(
        SortKey(part.strip().removeprefix("-"), part.strip().startswith("-"))
        for part in text.split(",")
    )
    names = [key.name for key in keys]
    if len(keys) > MAX_SORT_KEYS or len(set(names)) < len(names) or set(names) - set(SORT_KEYS):
        code = "sort"
        raise PydanticCustomError(
            code,
            "Up to {most} of these are needed, parted by commas, with - before those that descend: "
            "{keys}",
            {"most": MAX_SORT_KEYS, "keys": ", ".join(SORT_KEYS)},
        )
    return keys
