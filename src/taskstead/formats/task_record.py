"""The fields of tasks in exported and imported files, the same for all formats.

``jsonl.py``, ``csv.py`` and ``todotxt.py`` implement the formats. ``registry.py`` selects one.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from taskstead.formats.json.tasks import render_repeat
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.tables.tasks import LabelledTaskRow

# In the order of the columns of a CSV file.
TRANSFER_FIELDS = (
    *("id", "number", "title", "description", "status", "priority", "due_date", "due_time_zone"),
    *("repeat_rule", "repeat_mode", "repeat_except", "repeat_start", "repeat_at", "repeat_gone"),
    *("category", "tags", "parent", "assignee", "position"),
    *("created_at", "updated_at", "completed_at", "deleted_at", "deleted_batch"),
)


class BadRecordError(Exception):
    """A line or record of an imported file is invalid.

    Attributes:
        message: the human-readable reason.
        code: the machine-readable error code.
        pointer: a JSON pointer to the field (RFC 6901), if any.
    """

    def __init__(
        self, message: str, code: str = "malformed_line", pointer: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


def check_record(values: dict[str, Any]) -> ImportTask:
    """Validate the values of a record and return the task.

    Raises:
        BadRecordError: a value or field is invalid.
    """
    unknown = next((name for name in values if name not in ImportTask.model_fields), None)
    if unknown is not None:
        raise BadRecordError(
            f"unknown field; the fields are {', '.join(TRANSFER_FIELDS)}",
            "extra_forbidden",
            point_at([unknown]),
        )
    try:
        return ImportTask.model_validate(values)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        pointer = point_at(errors[0]["loc"]) or None
        raise BadRecordError(errors[0]["msg"] + more, errors[0]["type"], pointer) from None


def decode_record(raw: bytes) -> str:
    """Decode a record.

    Raises:
        BadRecordError: the record is not UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadRecordError(
            f"not UTF-8: invalid byte {raw[error.start]:#04x} at column {error.start + 1}"
        ) from None


def point_at(steps: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) for a path."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{step}" for step in escaped)


def render_transferred_task(row: LabelledTaskRow) -> dict[str, Any]:
    """Return the exported fields of a row of ``queries.tasks.tasks``."""
    return {
        "id": row["id"],
        "number": row["number"],
        "title": row["title"],
        "description": row["description"],
        "status": row["status"],
        "priority": row["priority"],
        "due_date": row["due_date"],
        "due_time_zone": row["due_time_zone"],
        **render_repeat(row),
        "category": row["category_name"],
        "tags": row["tags"],
        "parent": row["parent_id"],
        "assignee": row["assignee_id"],
        "position": row["position"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "completed_at": row["completed_at"],
        "deleted_at": row["deleted_at"],
        "deleted_batch": row["deleted_batch"],
    }
