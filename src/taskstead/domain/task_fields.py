"""The ``fields`` parameter, which selects fields of a task, the limit of tags and open statuses."""

MAX_TAGS = 100
OPEN_STATUSES = ("todo", "in_progress")

FIELDS = (
    "id",
    "number",
    "title",
    "status",
    "completed",
    "priority",
    "due_date",
    "due_time_zone",
    "repeat_rule",
    "repeat_mode",
    "repeat_except",
    "repeat_start",
    "repeat_at",
    "repeat_gone",
    "category",
    "category_id",
    "tags",
    "tag_ids",
    "parent",
    "assignee",
    "position",
    "revision",
    "created_at",
    "updated_at",
    "completed_at",
    "deleted_at",
    "subtask_count",
    "open_subtask_count",
    "description",
)
# The fields that `fields=summary` selects.
_SUMMARY = ("id", "number", "title", "status", "completed", "priority", "due_date")
_GROUPS = {"summary": _SUMMARY, "all": FIELDS}


def parse_fields(text: str) -> tuple[str, ...]:
    """Parse a ``fields`` parameter and return the distinct field names.

    Examples are ``id,title,description``, ``summary`` and ``all``.

    Raises:
        ValueError: a field does not exist.
    """
    names: list[str] = []
    for part in text.split(","):
        names += _GROUPS.get(part.strip(), (part.strip(),))
    if not set(names) <= set(FIELDS):
        raise ValueError("not a list of fields")
    return tuple(dict.fromkeys(names))
