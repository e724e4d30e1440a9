"""The description of the past occurrences of repeating tasks."""

from taskstead.entities.entity import Entity
from taskstead.tables.occurrences import OccurrenceRow, occurrences

OCCURRENCE = Entity(
    kind="occurrence",
    collection="occurrences",
    row_type=OccurrenceRow,
    table=occurrences,
    name="occurrence",
    logged=(
        "task_id",
        "occurrence",
        "due_date",
        "due_time_zone",
        "outcome",
        "ended_at",
        "ended_by",
        "deleted_at",
    ),
    tombstone=("task_id",),
)
