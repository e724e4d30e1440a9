"""JSON of occurrences of repeating tasks."""

from taskstead.domain.recurrence.series import Occurrence
from taskstead.formats.json.occurrences import (
    render_ended_occurrence,
    render_synced_occurrence,
    render_upcoming,
)
from taskstead.schemas.history.sync import SyncedOccurrence
from taskstead.schemas.tasks.repeats import EndedOccurrence
from taskstead.tables.occurrences import OccurrenceRow
from tests.unit.formats.rows import CREATED, TASK_ID, UPDATED, USER_ID, WORKSPACE_ID

OCCURRENCE: OccurrenceRow = {
    "workspace_id": WORKSPACE_ID,
    "id": "00000000-0000-7000-8000-000000000008",
    "task_id": TASK_ID,
    "occurrence": "2026-11-30",
    "due_date": "2026-12-01",
    "due_time_zone": None,
    "outcome": "done",
    "ended_at": CREATED,
    "ended_by": USER_ID,
    "revision": 7,
    "created_at": CREATED,
    "updated_at": UPDATED,
    "deleted_at": None,
}


def test_past_occurrence_has_the_fields_of_the_schema() -> None:
    shown = render_ended_occurrence(OCCURRENCE)
    assert shown.keys() == EndedOccurrence.model_fields.keys()
    assert (shown["occurrence"], shown["due_date"]) == ("2026-11-30", "2026-12-01")


def test_synced_occurrence_has_the_fields_of_the_schema() -> None:
    shown = render_synced_occurrence(OCCURRENCE)
    assert shown.keys() == SyncedOccurrence.model_fields.keys()
    assert (shown["task_id"], shown["updated_at"]) == (TASK_ID, UPDATED)


def test_future_occurrences_have_the_time_zone_of_the_task() -> None:
    occurrence = Occurrence("2026-12-01T09:00:00", "2026-12-01T09:00:00", 3)
    assert render_upcoming([occurrence], "Europe/Berlin") == {
        "items": [
            {
                "occurrence": "2026-12-01T09:00:00",
                "due_date": "2026-12-01T09:00:00",
                "due_time_zone": "Europe/Berlin",
            }
        ]
    }
