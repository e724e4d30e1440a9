"""What tasks look like in a file: the same fields in each format, out and in.

How a format writes and reads them: ``transfer_jsonl.py``, ``transfer_csv.py``,
``transfer_todotxt.py``. Which one to take: ``transfer_formats.py``.
"""

from collections.abc import Iterable
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from taskstead.db.statements import Row
from taskstead.schemas.ordering import is_order_key
from taskstead.schemas.tasks import TaskCreate
from taskstead.schemas.text import Uuid

# In the order of the columns of a CSV file.
TRANSFER_FIELDS = (
    *("id", "number", "title", "description", "status", "priority", "due_date", "due_time_zone"),
    *("category", "tags", "parent", "assignee", "position"),
    *("created_at", "updated_at", "completed_at", "deleted_at", "deleted_batch"),
)
# Far from where a workspace would run out of numbers to give.
_GREATEST_NUMBER = 10**12


def _parse_instant(value: object) -> datetime:
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            # Beyond lie times that a database takes for infinity.
            if moment.tzinfo is not None and MINYEAR < moment.year < MAXYEAR:
                return moment.astimezone(UTC)
    except ValueError:
        pass
    code = "instant"
    raise PydanticCustomError(code, "A date-time with offset (2026-12-01T09:00:00Z) is needed")


def _check_position(text: str) -> str:
    if not is_order_key(text):
        code = "position"
        raise PydanticCustomError(code, "This is not a key of the manual order")
    return text


Timestamp = Annotated[datetime, BeforeValidator(_parse_instant)]


class ImportTask(TaskCreate):
    """A task from a file: what a client may set, and what it brings along of its past."""

    parent: Uuid | None = None
    # A file says where its tasks stand by ``position``.
    place: None = None
    number: Annotated[int | None, Field(ge=1, lt=_GREATEST_NUMBER)] = None
    position: Annotated[str, AfterValidator(_check_position)] | None = None
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    completed_at: Timestamp | None = None
    deleted_at: Timestamp | None = None
    deleted_batch: Uuid | None = None

    @model_validator(mode="after")
    def _check_past(self) -> Self:
        if self.completed_at is not None and self.status != "done" and not self.completed:
            code = "completed_at"
            raise PydanticCustomError(code, "completed_at needs the status done beside it")
        if self.deleted_batch is not None and self.deleted_at is None:
            code = "deleted_batch"
            raise PydanticCustomError(code, "deleted_batch needs a deleted_at beside it")
        return self


class BadRecordError(Exception):
    """A line or a record of a file is refused.

    Attributes:
        message: why, for people.
        code: why, for programs.
        pointer: the field (RFC 6901), where it is about one.
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
    """Return the task that the values of a record describe.

    Raises:
        BadRecordError: one of them is not allowed.
    """
    unknown = next((name for name in values if name not in ImportTask.model_fields), None)
    if unknown is not None:
        raise BadRecordError(
            f"not a field of an import; those are {', '.join(TRANSFER_FIELDS)}",
            "extra_forbidden",
            point_at([unknown]),
        )
    try:
        return ImportTask.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False)
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        pointer = point_at(found[0]["loc"]) or None
        raise BadRecordError(found[0]["msg"] + more, found[0]["type"], pointer) from None


def decode_record(raw: bytes) -> str:
    """Return the text of a record.

    Raises:
        BadRecordError: it is not UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadRecordError(
            f"not UTF-8: the byte {raw[error.start]:#04x} at column {error.start + 1}"
        ) from None


def point_at(steps: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901)."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{step}" for step in escaped)


def render_transferred_task(row: Row) -> dict[str, Any]:
    """Return the fields of a row of ``queries.tasks``, as they go into a file."""
    return {
        "id": row["id"],
        "number": row["number"],
        "title": row["title"],
        "description": row["description"],
        "status": row["status"],
        "priority": row["priority"],
        "due_date": row["due_date"],
        "due_time_zone": row["due_time_zone"],
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
