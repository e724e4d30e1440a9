"""The manual order of tasks: computes the position of a task placed before or after another task.

A place is what a request states, such as "before task 3". A position is the stored sort key.

Positions are fractional indexes (``domain/fractional_index.py``): text keys, between which other
keys can be inserted. The batch locks the workspace's row, so two requests that place tasks between
the same two tasks are serialised.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from taskstead.domain.fractional_index import MAX_KEY_LENGTH, make_key_between, make_order_key
from taskstead.entities.tasks import TASK
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.tasks.manual_order import (
    NeighbouredTaskRow,
    PlacedTaskRow,
    find_end_position,
    list_all_positions,
    list_neighbours,
    list_positions,
)
from taskstead.schemas.tasks.places import TaskPlace
from taskstead.services.changelog import Batch
from taskstead.services.entity_writer import update_rows
from taskstead.tables.tasks import TaskRow


class NoRoomError(Exception):
    """There is no position between two tasks that is at most ``MAX_KEY_LENGTH`` long."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A task to be placed in the manual order.

    Attributes:
        place: the requested place in the order; None for a new task at the end.
    """

    task_id: str
    place: TaskPlace | None


class _KnownTask(NamedTuple):
    """A task that a place may refer to."""

    id: str
    is_trashed: bool


class ManualOrder:
    """The part of a workspace's manual order that is needed to place some tasks.

    A reference task is one that another task is placed before or after. The order contains the
    tasks to place, the reference tasks, and the neighbours of both. So it contains both sides of
    every gap into which a task is placed.

    Args:
        batch: the open batch.
        rows: rows of the tasks to place and of the reference tasks.
        neighbours: rows of their neighbours, and of the first or last task if a task is placed at
            the start or the end.
    """

    def __init__(
        self,
        batch: Batch,
        rows: Iterable[NeighbouredTaskRow],
        neighbours: Iterable[PlacedTaskRow],
    ) -> None:
        self._batch = batch
        self._tasks: dict[str | int, _KnownTask] = {}
        self._positions: dict[str, str] = {}
        for row in rows:
            task = _KnownTask(row["id"], is_trashed=row["deleted_at"] is not None)
            self._tasks[row["id"]] = self._tasks[row["number"]] = task
            self._positions[row["id"]] = row["position"]
        self._positions |= {row["id"]: row["position"] for row in neighbours}
        # Tasks with the same position are ordered by id.
        self._order = sorted((position, id_) for id_, position in self._positions.items())

    def check(self, task_id: str, place: TaskPlace) -> None:
        """Validate the reference task of a place.

        Raises:
            ValidationFailedError: the reference task does not exist, is in the trash, or is the
                task itself.
        """
        reference = place.reference
        if reference is None:
            return
        other = self._tasks.get(reference)
        if other is None:
            message, code = f"There is no task {reference} in this workspace.", "task"
        elif other.is_trashed:
            message, code = f"Task {reference} is in the trash.", "task_trashed"
        elif other.id == task_id:
            message, code = "A task cannot be placed before or after itself.", "same_task"
        else:
            return
        pointer = "/place/before" if place.is_before else "/place/after"
        raise ValidationFailedError(message, errors=[FieldError(pointer, message, code)])

    def add_new_task(self, task_id: str) -> None:
        """Add a new task, so that it can be the reference task of later tasks."""
        self._tasks[task_id] = _KnownTask(task_id, is_trashed=False)

    def place_task(self, placement: Placement) -> str:
        """Place a task; return its position. A task already in the place keeps its position.

        Raises:
            NoRoomError: there is no usable position; see :func:`choose_positions`.
        """
        old = self._positions.pop(placement.task_id, None)
        if old is not None:
            del self._order[bisect_left(self._order, (old, placement.task_id))]
        if placement.place is None:
            position = self._batch.allocate_position()
        else:
            low, high = self._find_gap(placement.place)
            if old is not None and (low is None or low < old) and (high is None or old < high):
                position = old
            else:
                position = _make_key(low, high)
                self._batch.reserve_position(position)
        self._positions[placement.task_id] = position
        insort(self._order, (position, placement.task_id))
        return position

    def _find_gap(self, place: TaskPlace) -> tuple[str | None, str | None]:
        """Return the positions on both sides of a place; None at the start or end of the order."""
        order = self._order
        if place.reference is None:
            index = 0 if place.is_before else len(order)
        else:
            other_id = self._tasks[place.reference].id
            index = bisect_left(order, (self._positions[other_id], other_id))
            if not place.is_before:
                index += 1
        low = order[index - 1][0] if index > 0 else None
        if index < len(order):
            return low, order[index][0]
        # A new task must come after this task, so stay below the position that it will get. An
        # imported position can be higher than that. The gap then has no upper end.
        limit = self._batch.get_next_position()
        return low, limit if low is None or low < limit else None


def _make_key(low: str | None, high: str | None) -> str:
    """Return a position between two others. Raise NoRoomError if there is none."""
    if low is not None and low == high:
        raise NoRoomError
    key = make_key_between(low, high)
    if len(key) > MAX_KEY_LENGTH:
        raise NoRoomError
    return key


async def load_order(
    batch: Batch, places: Iterable[TaskPlace | None], moved_ids: Sequence[str] = ()
) -> ManualOrder:
    """Load the part of the manual order that the places refer to, in at most four SQL statements.

    Args:
        batch: the open batch.
        places: the requested places. If all are None, nothing is read.
        moved_ids: ids of the existing tasks to place.
    """
    requested = [place for place in places if place is not None]
    if not requested:
        return ManualOrder(batch, (), ())
    reader, workspace_id = batch.transaction, batch.workspace_id
    references = {place.reference for place in requested}
    ids = {reference for reference in references if isinstance(reference, str)}
    rows = await list_neighbours(
        reader,
        workspace_id,
        ids=sorted(ids.union(moved_ids)),
        numbers=sorted(reference for reference in references if isinstance(reference, int)),
    )
    loaded_ids = {row["id"] for row in rows}
    neighbour_ids = {
        id_
        for row in rows
        for id_ in (row["previous_id"], row["next_id"])
        if id_ is not None and id_ not in loaded_ids
    }
    neighbours = []
    if neighbour_ids:
        neighbours = await list_positions(reader, workspace_id, sorted(neighbour_ids))
    for is_first in (True, False):
        if any(place.reference is None and place.is_before is is_first for place in requested):
            end = await find_end_position(reader, workspace_id, is_first=is_first)
            neighbours += [] if end is None else [end]
    return ManualOrder(batch, rows, neighbours)


async def choose_positions(
    batch: Batch,
    order: ManualOrder,
    placements: Sequence[Placement],
    current: Mapping[str, TaskRow],
) -> dict[str, str]:
    """Place tasks one after another; return their positions by task id.

    If there is no position left for one of them, all tasks of the workspace get new positions
    first. If no task has a requested place, the result is empty.

    Args:
        batch: the open batch.
        order: the order that :func:`load_order` returned for these places.
        placements: the tasks to place.
        current: by id, the rows of all existing tasks that the caller is about to write. Their
            positions are updated if all tasks get new positions.
    """
    if all(placement.place is None for placement in placements):
        return {}
    try:
        return {placement.task_id: order.place_task(placement) for placement in placements}
    except NoRoomError:
        await _renumber(batch, current)
        ids = [placement.task_id for placement in placements]
        order = await load_order(
            batch,
            [placement.place for placement in placements],
            [id_ for id_ in ids if id_ in current],
        )
        for id_ in ids:
            if id_ not in current:
                order.add_new_task(id_)
        return {placement.task_id: order.place_task(placement) for placement in placements}


async def _renumber(batch: Batch, current: Mapping[str, TaskRow]) -> None:
    """Set short positions for all tasks of the workspace, in the same order."""
    rows = await list_all_positions(batch.transaction, batch.workspace_id)
    updates = [
        (row, {"position": make_order_key(number)}) for number, row in enumerate(rows, start=1)
    ]
    for row in await update_rows(batch, TASK, updates):
        if row["id"] in current:
            current[row["id"]]["position"] = row["position"]
    if rows:
        batch.reserve_position(make_order_key(len(rows)))
