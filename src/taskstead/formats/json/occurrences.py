"""JSON representation of occurrences of repeating tasks."""

from collections.abc import Iterable
from typing import Any

from taskstead.domain.recurrence.series import Occurrence
from taskstead.tables.occurrences import OccurrenceRow


def render_ended_occurrence(row: OccurrenceRow) -> dict[str, Any]:
    """Return a past occurrence as JSON data of ``EndedOccurrence``."""
    return {
        "id": row["id"],
        "occurrence": row["occurrence"],
        "due_date": row["due_date"],
        "due_time_zone": row["due_time_zone"],
        "outcome": row["outcome"],
        "ended_at": row["ended_at"],
        "ended_by": row["ended_by"],
        "revision": row["revision"],
    }


def render_synced_occurrence(row: OccurrenceRow) -> dict[str, Any]:
    """Return a past occurrence as JSON data of ``SyncedOccurrence``."""
    return {
        **render_ended_occurrence(row),
        "task_id": row["task_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "deleted_at": row["deleted_at"],
    }


def render_upcoming(occurrences: Iterable[Occurrence], zone: str | None) -> dict[str, Any]:
    """Return future occurrences as JSON data of ``UpcomingOccurrences``."""
    return {
        "items": [
            {"occurrence": one.at, "due_date": one.due_date, "due_time_zone": zone}
            for one in occurrences
        ]
    }
