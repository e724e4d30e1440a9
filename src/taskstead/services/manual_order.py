"""The manual order of tasks: computes positions for tasks placed before or after others.

Positions are fractional indexes (``schemas/ordering.py``): text keys with room between them. The
batch locks the workspace's row, so two requests that place tasks into the same gap are serialised.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, update

from taskstead.cooperative import yield_every
from taskstead.db.statements import Row
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.manual_order import (
    find_end_position,
    list_all_positions,
    list_neighbours,
    list_positions,
)
from taskstead.schemas.ordering import MAX_KEY_LENGTH, make_key_between, make_order_key
from taskstead.schemas.places import TaskPlace
from taskstead.services.changes import Batch
from taskstead.tables.tasks import tasks

_SET_POSITION = (
    update(tasks)
    .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
    .values({name: bindparam(name) for name in ("position", "revision", "updated_at")})
)


class NoRoomError(Exception):
    """There is no position between two tasks, or only one longer than ``MAX_KEY_LENGTH``."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A task to be placed in the manual order.

    Attributes:
        place: the requested place; None for a new task at the end.
        old: the current row of the task; None for a new task.
    """

    task_id: str
    place: TaskPlace | None
    old: Row | None = None


class ManualOrder:
    """The part of a workspace's manual order that is needed to place some tasks.

    It has the tasks to place, the reference tasks (which they are placed before or after), and the
    neighbours of both. So it knows both sides of every gap into which a task can be placed.

    Args:
        batch: the open batch.
        named: rows of the tasks to place and of the reference tasks.
        others: rows of their neighbours, and of the first or last task if a task is placed there.
    """

    def __init__(self, batch: Batch, named: Iterable[Row], others: Iterable[Row]) -> None:
        self._batch = batch
        self._named: dict[str | int, Row] = {}
        self._positions: dict[str, str] = {}
        for row in named:
            self._named[row["id"]] = self._named[row["number"]] = row
            self._positions[row["id"]] = row["position"]
        for row in others:
            self._positions[row["id"]] = row["position"]
        # Tasks with the same position are ordered by id.
        self._places = sorted((position, id_) for id_, position in self._positions.items())

    def check(self, task_id: str, place: TaskPlace) -> None:
        """Validate the reference task of a place.

        Raises:
            ValidationFailedError: it does not exist, is in the trash, or is the task itself.
        """
        reference = place.reference
        if reference is None:
            return
        other = self._named.get(reference)
        if other is None:
            message, code = f"There is no task {reference} in this workspace.", "task"
        elif other["deleted_at"] is not None:
            message, code = f"Task {reference} is in the trash.", "task_trashed"
        elif other["id"] == task_id:
            message, code = "A task cannot be placed before or after itself.", "same_task"
        else:
            return
        pointer = "/place/before" if place.is_before else "/place/after"
        raise ValidationFailedError(message, errors=[FieldError(pointer, message, code)])

    def add_new_task(self, task_id: str) -> None:
        """Add a new task, so that it can be the reference of later ones."""
        self._named[task_id] = {"id": task_id, "deleted_at": None}

    def put(self, placement: Placement) -> str:
        """Place a task; return its position, which is the old one if it is already in that place.

        Raises:
            NoRoomError: there is no usable position; see :func:`choose_positions`.
        """
        old = self._positions.pop(placement.task_id, None)
        if old is not None:
            del self._places[bisect_left(self._places, (old, placement.task_id))]
        if placement.place is None:
            position = self._batch.take_position()
        else:
            low, high = self._find_gap(placement.place)
            if old is not None and (low is None or low < old) and (high is None or old < high):
                position = old
            else:
                position = _make_key(low, high)
                self._batch.reserve_position(position)
        self._positions[placement.task_id] = position
        insort(self._places, (position, placement.task_id))
        return position

    def _find_gap(self, place: TaskPlace) -> tuple[str | None, str | None]:
        """Return the positions on both sides of a place; None at an end of the order."""
        places = self._places
        if place.reference is None:
            index = 0 if place.is_before else len(places)
        else:
            other_id = self._named[place.reference]["id"]
            index = bisect_left(places, (self._positions[other_id], other_id))
            if not place.is_before:
                index += 1
        low = places[index - 1][0] if index > 0 else None
        if index < len(places):
            return low, places[index][0]
        # Keep below the position of the next new task, which comes after all others.
        limit = self._batch.get_next_position()
        return low, limit if low is None or low < limit else None


def _make_key(low: str | None, high: str | None) -> str:
    if low is not None and low == high:
        raise NoRoomError
    key = make_key_between(low, high)
    if len(key) > MAX_KEY_LENGTH:
        raise NoRoomError
    return key


async def load_order(
    batch: Batch, places: Iterable[TaskPlace | None], moving: Sequence[str] = ()
) -> ManualOrder:
    """Load the part of the manual order that the places refer to, with at most four statements.

    Args:
        batch: the open batch.
        places: the requested places. If all are None, nothing is read.
        moving: ids of the existing tasks to place.
    """
    wanted = [place for place in places if place is not None]
    if not wanted:
        return ManualOrder(batch, (), ())
    reader, workspace_id = batch.transaction, batch.workspace_id
    references = {place.reference for place in wanted}
    ids = {reference for reference in references if isinstance(reference, str)}
    named = await list_neighbours(
        reader,
        workspace_id,
        ids=sorted(ids.union(moving)),
        numbers=sorted(reference for reference in references if isinstance(reference, int)),
    )
    around = {row[name] for row in named for name in ("previous_id", "next_id")}
    around -= {None, *(row["id"] for row in named)}
    others = await list_positions(reader, workspace_id, sorted(around)) if around else []
    for is_first in (True, False):
        if any(place.reference is None and place.is_before is is_first for place in wanted):
            end = await find_end_position(reader, workspace_id, is_first=is_first)
            others += [] if end is None else [end]
    return ManualOrder(batch, named, others)


async def choose_positions(
    batch: Batch, order: ManualOrder, placements: Sequence[Placement]
) -> dict[str, str]:
    """Place tasks one after another; return their positions by task id.

    If there is no room for one of them, all tasks of the workspace are renumbered first. If no task
    has a place, the result is empty.
    """
    if all(placement.place is None for placement in placements):
        return {}
    try:
        return {placement.task_id: order.put(placement) for placement in placements}
    except NoRoomError:
        places = [placement.place for placement in placements]
        olds = {
            placement.old["id"]: placement.old
            for placement in placements
            if placement.old is not None
        }
        named = {place.reference for place in places if place is not None}
        # Tasks that move, and are not a reference, get their new position below.
        moving = {id_ for id_, row in olds.items() if not named & {id_, row["number"]}}
        await _renumber(batch, moving, olds)
        order = await load_order(batch, places, list(olds))
        for placement in placements:
            if placement.old is None:
                order.add_new_task(placement.task_id)
        return {placement.task_id: order.put(placement) for placement in placements}


async def _renumber(batch: Batch, without: set[str], olds: Mapping[str, Row]) -> None:
    """Give all tasks of the workspace short positions with room between them, in the same order.

    Args:
        batch: the open batch.
        without: ids of the tasks that keep their positions.
        olds: rows by task id that are about to be written; their positions are updated too.
    """
    places = [
        row
        for row in await list_all_positions(batch.transaction, batch.workspace_id)
        if row["id"] not in without
    ]
    rows: list[Row] = []
    number = 0
    async for row in yield_every(places):
        number += 1
        key = make_order_key(number)
        if row["position"] == key:
            continue
        change = {"position": (row["position"], key)}
        rows.append(
            {
                "workspace": batch.workspace_id,
                "task": row["id"],
                "position": key,
                "updated_at": batch.at,
                "revision": batch.record_change("task", row["id"], "updated", change),
            }
        )
        if row["id"] in olds:
            olds[row["id"]]["position"] = key
    if number:
        batch.reserve_position(make_order_key(number))
    await batch.transaction.execute_many(_SET_POSITION, rows)
