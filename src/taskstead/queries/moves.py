"""Where tasks stand in the manual order: by position, and by id among equal ones.

Trashed tasks keep their place and count: a task that comes back must find it free.
"""

from sqlalchemy import bindparam, select, tuple_

from taskstead.db.database import Reader
from taskstead.db.statements import Row
from taskstead.db.types import Id, SortKey
from taskstead.tables.tasks import tasks

_PLACE = tuple_(tasks.c.position, tasks.c.id)
_GIVEN = tuple_(bindparam("position", type_=SortKey), bindparam("id", type_=Id))
_LIST = select(tasks.c.id, tasks.c.position).where(
    tasks.c.workspace_id == bindparam("workspace_id"),
    tasks.c.id != bindparam("moved_id"),
)
_ASCENDING = _LIST.order_by(tasks.c.position, tasks.c.id)
_DESCENDING = _LIST.order_by(tasks.c.position.desc(), tasks.c.id.desc())
_FIRST = _ASCENDING.limit(1)
_LAST = _DESCENDING.limit(1)
_NEXT = _FIRST.where(_PLACE > _GIVEN)
_PREVIOUS = _LAST.where(_PLACE < _GIVEN)


async def list_places(reader: Reader, workspace_id: str, *, moved_id: str) -> list[Row]:
    """Return id and position of all tasks but the one that is moved, in order."""
    return await reader.fetch_all(_ASCENDING, {"workspace_id": workspace_id, "moved_id": moved_id})


async def find_end_position(
    reader: Reader, workspace_id: str, *, moved_id: str, is_last: bool
) -> str | None:
    """Return the first or the last position but for the moved task's; None without others."""
    row = await reader.fetch_one(
        _LAST if is_last else _FIRST, {"workspace_id": workspace_id, "moved_id": moved_id}
    )
    return None if row is None else str(row["position"])


async def find_neighbour_position(
    reader: Reader, workspace_id: str, task: Row, *, moved_id: str, is_next: bool
) -> str | None:
    """Return the position right before or after a task, the moved one left out; None at an end."""
    row = await reader.fetch_one(
        _NEXT if is_next else _PREVIOUS,
        {
            "workspace_id": workspace_id,
            "moved_id": moved_id,
            "position": task["position"],
            "id": task["id"],
        },
    )
    return None if row is None else str(row["position"])
