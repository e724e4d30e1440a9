"""The manual order of tasks: which position a task gets that is to stand somewhere.

The workspace's row is locked by the batch, so two requests that put tasks into the same gap run one
after the other, and the second one sees the first.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, update

from taskstead.cooperative import yield_every
from taskstead.db.statements import Row
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.manual_order import (
    find_end_place,
    list_all_places,
    list_neighbours,
    list_places,
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
    """There is no position left between two tasks, or only a very long one."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A task that is to get a position.

    Attributes:
        place: where it is to stand; None for a new task that is to stand after all others.
        old: the task as it is; None for a new one.
    """

    task_id: str
    place: TaskPlace | None
    old: Row | None = None


class ManualOrder:
    """The part of a workspace's manual order that matters to some tasks.

    Holds the tasks that others are placed beside, the tasks that move, and the neighbours of both;
    so the tasks on both sides of every gap that is used are known.

    Args:
        batch: the open batch.
        named: the tasks that are placed or that others are placed beside.
        others: their neighbours, and the first and the last task if one goes to an end.
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
        """Check that the task beside which another one is to stand can be used for that.

        Raises:
            ValidationFailedError: it does not exist, is in the trash, or is the same task.
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
            message, code = "A task cannot be placed beside itself.", "same_task"
        else:
            return
        pointer = "/place/before" if place.is_before else "/place/after"
        raise ValidationFailedError(message, errors=[FieldError(pointer, message, code)])

    def admit(self, task_id: str) -> None:
        """Make a new task known, so that later ones can be placed beside it."""
        self._named[task_id] = {"id": task_id, "deleted_at": None}

    def put(self, placing: Placement) -> str:
        """Put a task into its place; return its position, the old one if it is there already.

        Raises:
            NoRoomError: there is no room; see :func:`choose_positions`.
        """
        old = self._positions.pop(placing.task_id, None)
        if old is not None:
            del self._places[bisect_left(self._places, (old, placing.task_id))]
        if placing.place is None:
            position = self._batch.take_position()
        else:
            low, high = self._find_gap(placing.place)
            if old is not None and (low is None or low < old) and (high is None or old < high):
                position = old
            else:
                position = _make_key(low, high)
                self._batch.reserve_position(position)
        self._positions[placing.task_id] = position
        insort(self._places, (position, placing.task_id))
        return position

    def _find_gap(self, place: TaskPlace) -> tuple[str | None, str | None]:
        """Return the positions between which a task is to stand; None for an open end."""
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
        # Below the position that the next new task will get.
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
    """Load what is needed to put tasks into these places, with at most four statements.

    Args:
        batch: the open batch.
        places: the places; without any nothing is read.
        moving: ids of the tasks, not new, that are to be placed.
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
    others = await list_places(reader, workspace_id, sorted(around)) if around else []
    for is_first in (True, False):
        if any(place.reference is None and place.is_before is is_first for place in wanted):
            end = await find_end_place(reader, workspace_id, is_first=is_first)
            others += [] if end is None else [end]
    return ManualOrder(batch, named, others)


async def choose_positions(
    batch: Batch, order: ManualOrder, placings: Sequence[Placement]
) -> dict[str, str]:
    """Return the positions of tasks, which are put into their places one after another, by id.

    Where there is no room, all tasks of the workspace get new positions first. Tasks of which none
    has a place have no positions here either.
    """
    if all(placing.place is None for placing in placings):
        return {}
    try:
        return {placing.task_id: order.put(placing) for placing in placings}
    except NoRoomError:
        places = [placing.place for placing in placings]
        olds = {placing.old["id"]: placing.old for placing in placings if placing.old is not None}
        named = {place.reference for place in places if place is not None}
        # One that only moves has no need of a new position before.
        moving = {id_ for id_, row in olds.items() if not named & {id_, row["number"]}}
        await _spread_out(batch, moving, olds)
        order = await load_order(batch, places, list(olds))
        for placing in placings:
            if placing.old is None:
                order.admit(placing.task_id)
        return {placing.task_id: order.put(placing) for placing in placings}


async def _spread_out(batch: Batch, without: set[str], olds: Mapping[str, Row]) -> None:
    """Give all tasks but these short keys with room between them, in the order they have.

    Args:
        batch: the open batch.
        without: ids of the tasks that keep their positions.
        olds: rows of tasks that are about to be written; they get the new positions too.
    """
    places = [
        row
        for row in await list_all_places(batch.transaction, batch.workspace_id)
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
