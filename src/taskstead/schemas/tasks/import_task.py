"""Schema of a task in an imported file. ``formats/`` has the formats of the files."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from taskstead.domain.fractional_index import is_order_key
from taskstead.domain.recurrence.conversion import SeriesPosition, fit_position
from taskstead.domain.recurrence.local_times import get_occurrence_id
from taskstead.schemas.dates import DueText
from taskstead.schemas.tasks.repeats import OccurrenceText
from taskstead.schemas.tasks.tasks import TaskCreate
from taskstead.schemas.text import Uuid

# Imported numbers are limited so that a workspace cannot run out of numbers.
_NUMBER_LIMIT = 10**12


def _parse_instant(value: object) -> datetime:
    try:
        if isinstance(value, str):
            time = datetime.fromisoformat(value)
            # The databases treat some times in the first and the last year as infinity.
            if time.tzinfo is not None and MINYEAR < time.year < MAXYEAR:
                return time.astimezone(UTC)
    except ValueError:
        pass
    code = "instant"
    raise PydanticCustomError(
        code, "Input should be a date-time with offset (2026-12-01T09:00:00Z)"
    )


def _check_position(text: str) -> str:
    if not is_order_key(text):
        code = "position"
        raise PydanticCustomError(code, "Input should be a key of the manual order")
    return text


Timestamp = Annotated[datetime, BeforeValidator(_parse_instant)]


class ImportTask(TaskCreate):
    """A task from a file.

    It has the fields of a new task and imported metadata, which clients cannot set otherwise:
    number, position, timestamps and trash state.
    """

    parent: Uuid | None = None
    # Files specify the manual order with ``position``.
    place: None = None
    number: Annotated[int | None, Field(ge=1, lt=_NUMBER_LIMIT)] = None
    position: Annotated[str, AfterValidator(_check_position)] | None = None
    repeat_start: DueText | None = None
    repeat_at: OccurrenceText | None = None
    repeat_gone: Annotated[int, Field(ge=0, lt=_NUMBER_LIMIT)] | None = None
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    completed_at: Timestamp | None = None
    deleted_at: Timestamp | None = None
    deleted_batch: Uuid | None = None

    @model_validator(mode="after")
    def _check_metadata(self) -> Self:
        if self.completed_at is not None and self.status != "done" and not self.completed:
            code = "completed_at"
            raise PydanticCustomError(code, "completed_at requires the status done")
        if self.deleted_batch is not None and self.deleted_at is None:
            code = "deleted_batch"
            raise PydanticCustomError(code, "deleted_batch requires deleted_at")
        return self

    @model_validator(mode="after")
    def _check_repeat_state(self) -> Self:
        if not self.repeat_state:
            return self
        if self.repeat_rule is None or self.due_date is None:
            code = "repeat_without_rule"
            raise PydanticCustomError(
                code, "repeat_start, repeat_at and repeat_gone require repeat_rule and due_date"
            )
        zone = self.due_time_zone
        start, at = self.repeat_start or self.due_date, self.repeat_at
        kinds = {len(get_occurrence_id(text, zone)) for text in (start, at, self.due_date) if text}
        if at is None or len(kinds) > 1:
            code = "repeat_state"
            raise PydanticCustomError(
                code, "repeat_start, repeat_at and due_date should all be dates or all be times"
            )
        return self

    @property
    def repeat_state(self) -> dict[str, Any]:
        """The place of a repeating task in its series: the columns that the file has."""
        state: dict[str, Any] = {}
        if self.repeat_gone is not None:
            state["repeat_gone"] = self.repeat_gone
        if self.repeat_at is not None and self.due_date is not None:
            found = SeriesPosition(self.repeat_start or self.due_date, self.repeat_at)
            position = fit_position(found, self.due_date, self.due_time_zone)
            state |= {"repeat_start": position.start, "repeat_at": position.at}
        return state
