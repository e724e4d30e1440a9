"""The end of an occurrence: a repeating task is completed or skipped, and its due date advances.

A repeating task stays one row. The ended occurrence is stored as a row of its own, and the
sub-tasks start again with the next occurrence. ``domain/recurrence`` computes it.
"""

import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from taskstead.domain.due_dates import parse_due_date, shift_due_date
from taskstead.domain.recurrence.series import Occurrence, Series, complete, skip
from taskstead.entities.occurrences import OCCURRENCE
from taskstead.entities.tasks import TASK
from taskstead.errors import NotRepeatingError, OccurrenceOverError
from taskstead.ids import make_id
from taskstead.queries.entities import list_rows_by_ids
from taskstead.queries.tasks.trees import list_descendants
from taskstead.services.changelog import Batch
from taskstead.services.entity_writer import create_rows, update_rows
from taskstead.tables.occurrences import OccurrenceOutcome
from taskstead.tables.tasks import TaggedTaskRow, TaskRow


@dataclass(frozen=True, slots=True)
class Ending:
    """An occurrence that a write completes or skips.

    Attributes:
        row: the task before the end of the occurrence, with the other new values of the write.
        outcome: whether the occurrence was completed or skipped.
        following: the next occurrence; None if it was the last one.
    """

    row: Mapping[str, Any]
    outcome: OccurrenceOutcome
    following: Occurrence | None

    def make_columns(self, batch: Batch) -> dict[str, Any]:
        """Return the new values of the columns of the task."""
        if self.following is None:
            return {"status": "done", "completed_at": batch.at}
        return {
            "status": "todo",
            "completed_at": None,
            "due_date": self.following.due_date,
            "repeat_at": self.following.at,
            "repeat_gone": self.following.gone,
        }


def check_occurrence(old: TaskRow, occurrence: str | None, *, is_skip: bool) -> None:
    """Check that a task can be completed or skipped at an occurrence.

    Args:
        old: the current row.
        occurrence: the occurrence that the client sees; None if it did not say.
        is_skip: whether the occurrence is skipped.

    Raises:
        NotRepeatingError: the occurrence is skipped, and the task does not repeat.
        OccurrenceOverError: ``occurrence`` is not the current one, or the series is over.
    """
    number = old["number"]
    if is_skip and old["repeat_rule"] is None:
        raise NotRepeatingError(
            f"Task {number} does not repeat, so it has no occurrence to skip. Complete it or "
            "cancel it."
        )
    is_over = old["status"] in ("done", "cancelled")
    if is_over and (is_skip or occurrence is not None):
        raise OccurrenceOverError(
            f"Task {number} is {old['status']}. It has no current occurrence."
        )
    if occurrence is not None and occurrence != old["repeat_at"]:
        current = old["repeat_at"] or "none, because it does not repeat"
        raise OccurrenceOverError(
            f"{occurrence} is not the current occurrence of task {number} (current: {current}). "
            "Fetch the task."
        )


def make_series(row: Mapping[str, Any]) -> Series:
    """Return the series of a repeating task."""
    return Series(
        rule=row["repeat_rule"],
        mode=row["repeat_mode"],
        start=row["repeat_start"],
        due_date=row["due_date"],
        due_time_zone=row["due_time_zone"],
        at=row["repeat_at"],
        gone=row["repeat_gone"],
        exceptions=tuple(row["repeat_except"] or ()),
    )


def plan_ending(batch: Batch, row: Mapping[str, Any], outcome: OccurrenceOutcome) -> Ending:
    """Return the end of the current occurrence of a repeating task. Nothing is written.

    Args:
        batch: the open batch.
        row: the task, with the other new values of the write.
        outcome: whether the occurrence is completed or skipped.
    """
    series, zone = make_series(row), ZoneInfo(batch.time_zone)
    following = complete(series, batch.at, zone) if outcome == "done" else skip(series, zone)
    return Ending(row, outcome, following)


async def write_endings(
    batch: Batch, ended: Sequence[Ending], written: Mapping[str, Collection[str]]
) -> None:
    """Store the ended occurrences. Restart the sub-tasks of the tasks that advanced.

    The rows of the tasks themselves must be written before. The number of SQL statements does not
    depend on the number of tasks.

    Args:
        batch: the open batch.
        ended: the ended occurrences.
        written: by id of a task, the fields that the updates of this call set, in their order. The
            restart does not change what a later update set.
    """
    if not ended:
        return
    await create_rows(
        batch,
        OCCURRENCE,
        [
            {
                "id": make_id(),
                "task_id": item.row["id"],
                "occurrence": item.row["repeat_at"],
                "due_date": item.row["due_date"],
                "due_time_zone": item.row["due_time_zone"],
                "outcome": item.outcome,
                "ended_at": batch.at,
                "ended_by": batch.user_id,
            }
            for item in ended
        ],
    )
    await _restart_subtasks(batch, ended, written)


async def _restart_subtasks(
    batch: Batch, ended: Sequence[Ending], written: Mapping[str, Collection[str]]
) -> None:
    """Reopen completed sub-tasks, and shift their due dates by as many days as the occurrence.

    Sub-tasks that repeat, were cancelled or are in the trash do not change. The sub-tasks below a
    repeating or trashed one do not change either.
    """
    days_of_task = {
        item.row["id"]: _count_days(item.row["repeat_at"], item.following.at)
        for item in ended
        if item.following is not None
    }
    if not days_of_task:
        return
    tree = await list_descendants(batch.transaction, batch.workspace_id, list(days_of_task))
    below = [row["id"] for row in tree if row["id"] not in days_of_task]
    if not below:
        return
    rows = await list_rows_by_ids(batch.transaction, TASK, batch.workspace_id, below)
    places = {task_id: place for place, task_id in enumerate(written)}
    updates = []
    for row, task_id in _find_restarted(rows, days_of_task):
        is_later = places.get(row["id"], -1) > places[task_id]
        later_fields = written[row["id"]] if is_later else ()
        updates.append((row, _make_restart_values(row, days_of_task[task_id], later_fields)))
    await update_rows(batch, TASK, updates)


def _count_days(old_at: str, new_at: str) -> int:
    """Return the number of days between two occurrences.

    The due date itself may have been moved, but the sub-tasks were not moved with it.
    """
    before, after = (date.fromisoformat(at[:10]) for at in (old_at, new_at))
    return (after - before).days


def _find_restarted(
    rows: Iterable[TaggedTaskRow], task_ids: Iterable[str]
) -> list[tuple[TaggedTaskRow, str]]:
    """Return the sub-tasks that start again, each with the id of the task that advanced."""
    children: defaultdict[str | None, list[TaggedTaskRow]] = defaultdict(list)
    for row in rows:
        if row["deleted_at"] is None and row["repeat_rule"] is None:
            children[row["parent_id"]].append(row)
    found = []
    pending = [(task_id, task_id) for task_id in task_ids]
    while pending:
        parent_id, task_id = pending.pop()
        for row in children[parent_id]:
            found.append((row, task_id))
            pending.append((row["id"], task_id))
    return found


def _make_restart_values(
    row: TaggedTaskRow, days: int, later_fields: Collection[str]
) -> dict[str, Any]:
    if row["status"] == "cancelled":
        return {}
    values: dict[str, Any] = {}
    if row["status"] == "done" and "status" not in later_fields:
        values |= {"status": "todo", "completed_at": None}
    if row["due_date"] is not None and "due_date" not in later_fields:
        # If the shifted date is out of range, the sub-task keeps its date.
        with contextlib.suppress(ValueError, OverflowError):
            shifted = shift_due_date(row["due_date"], days, row["due_time_zone"])
            values["due_date"] = parse_due_date(shifted, row["due_time_zone"]).text
    return values
