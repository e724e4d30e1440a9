"""Queries for saved filters. Users see their own filters and the shared ones."""

from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import BigInteger, and_, bindparam, func, or_, select

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id
from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.errors import NotFoundError
from taskstead.queries.visibility import list_privacy_conditions
from taskstead.tables.rows import IdRow
from taskstead.tables.saved_filters import SavedFilterRow, saved_filters


class NamedFilterRow(TypedDict):
    """The name of a filter, and the columns that say who sees it."""

    id: str
    name_key: str
    owner_id: str
    is_shared: bool


class FilterPositionRow(TypedDict):
    """A position in the manual order; None if there is none."""

    position: str | None


_IN_WORKSPACE = saved_filters.c.workspace_id == bindparam("workspace_id")
_IS_VISIBLE = list_privacy_conditions(SAVED_FILTER)
_SELECT_LIVE = select(saved_filters).where(
    _IN_WORKSPACE, *_IS_VISIBLE, saved_filters.c.deleted_at.is_(None)
)
_GET_LIVE = Query(SavedFilterRow, _SELECT_LIVE.where(saved_filters.c.id == bindparam("id")))
_LIST_LIVE = Query(
    SavedFilterRow,
    _SELECT_LIVE.where(
        or_(
            saved_filters.c.position > bindparam("after_position"),
            and_(
                saved_filters.c.position == bindparam("after_position"),
                saved_filters.c.id > bindparam("after_id"),
            ),
        )
    )
    .order_by(saved_filters.c.position, saved_filters.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_FIND_ID = Query(
    IdRow, select(saved_filters.c.id).where(_IN_WORKSPACE, saved_filters.c.id == bindparam("id"))
)
_LIST_NAMES_IN_USE = Query(
    NamedFilterRow,
    select(
        saved_filters.c.id,
        saved_filters.c.name_key,
        saved_filters.c.owner_id,
        saved_filters.c.is_shared,
    ).where(
        _IN_WORKSPACE,
        saved_filters.c.deleted_at.is_(None),
        is_any_of(saved_filters.c.name_key, "name_keys"),
    ),
)
_OTHERS = (_IN_WORKSPACE, saved_filters.c.id != bindparam("moved_id", type_=Id))
_FIND_POSITION_BEFORE = Query(
    FilterPositionRow,
    select(func.max(saved_filters.c.position).label("position")).where(
        *_OTHERS, saved_filters.c.position < bindparam("position")
    ),
)
_FIND_POSITION_AFTER = Query(
    FilterPositionRow,
    select(func.min(saved_filters.c.position).label("position")).where(
        *_OTHERS, saved_filters.c.position > bindparam("position")
    ),
)
_FIND_FIRST_POSITION = Query(
    FilterPositionRow,
    select(func.min(saved_filters.c.position).label("position")).where(*_OTHERS),
)
_FIND_LAST_POSITION = Query(
    FilterPositionRow,
    select(func.max(saved_filters.c.position).label("position")).where(*_OTHERS),
)
_LIST_ALL = Query(
    SavedFilterRow,
    select(saved_filters)
    .where(_IN_WORKSPACE)
    .order_by(saved_filters.c.position, saved_filters.c.id),
)
_LIST_WITH_LABEL = Query(
    SavedFilterRow,
    select(saved_filters)
    .where(_IN_WORKSPACE, saved_filters.c.label_keys.like(bindparam("pattern"), escape="\\"))
    .order_by(saved_filters.c.id),
)
_HAS_OWNER = (_IN_WORKSPACE, saved_filters.c.owner_id == bindparam("owner_id", type_=Id))
_LIST_OWN = Query(
    SavedFilterRow,
    select(saved_filters)
    .where(*_HAS_OWNER, saved_filters.c.is_shared.is_(False))
    .order_by(saved_filters.c.id),
)
_LIST_SHARED_IDS = Query(
    IdRow,
    select(saved_filters.c.id)
    .where(*_HAS_OWNER, saved_filters.c.is_shared.is_(True))
    .order_by(saved_filters.c.id),
)


async def get_saved_filter(
    reader: Reader, workspace_id: str, filter_id: str, *, user_id: str
) -> SavedFilterRow:
    """Return a filter that the user sees and that is not in the trash.

    Raises:
        NotFoundError: there is no such filter.
    """
    values = {"workspace_id": workspace_id, "id": filter_id, "viewer_id": user_id}
    row = await reader.fetch_one(_GET_LIVE, values)
    if row is None:
        raise NotFoundError(f"There is no saved filter {filter_id} in this workspace.")
    return row


async def list_saved_filters(
    reader: Reader, workspace_id: str, *, user_id: str, after: tuple[str, str], limit: int
) -> list[SavedFilterRow]:
    """Return the filters that the user sees after a (position, id) pair, in that order."""
    position, id_ = after
    return await reader.fetch_all(
        _LIST_LIVE,
        {
            "workspace_id": workspace_id,
            "viewer_id": user_id,
            "after_position": position,
            "after_id": id_,
            "limit": limit,
        },
    )


async def has_saved_filter(reader: Reader, workspace_id: str, filter_id: str) -> bool:
    """Return whether a filter of any user has the id, also if it is in the trash."""
    row = await reader.fetch_one(_FIND_ID, {"workspace_id": workspace_id, "id": filter_id})
    return row is not None


async def list_names_in_use(
    reader: Reader, workspace_id: str, *, name_keys: Sequence[str]
) -> list[NamedFilterRow]:
    """Return the filters of all users that have one of these names and are not in the trash."""
    values = {"workspace_id": workspace_id, "name_keys": list(name_keys)}
    return await reader.fetch_all(_LIST_NAMES_IN_USE, values)


async def find_gap(
    reader: Reader, workspace_id: str, *, at: str | None, is_before: bool, moved_id: str
) -> tuple[str | None, str | None]:
    """Return the positions on both sides of a place in the manual order of all users' filters.

    Filters in the trash keep their positions and are included.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        at: the position of the filter beside the place; None for the start or the end.
        is_before: whether the place is before that filter, or at the start.
        moved_id: the id of the filter to place. Its own position is ignored.

    Returns:
        The position before the place and the position after it; None where there is none.
    """
    values = {"workspace_id": workspace_id, "moved_id": moved_id}
    if at is None:
        query = _FIND_FIRST_POSITION if is_before else _FIND_LAST_POSITION
    else:
        query = _FIND_POSITION_BEFORE if is_before else _FIND_POSITION_AFTER
        values["position"] = at
    row = await reader.fetch_one(query, values)
    found = None if row is None else row["position"]
    if at is None:
        return (None, found) if is_before else (found, None)
    return (found, at) if is_before else (at, found)


async def list_all_filters(reader: Reader, workspace_id: str) -> list[SavedFilterRow]:
    """Return the filters of all users in the manual order, including those in the trash."""
    return await reader.fetch_all(_LIST_ALL, {"workspace_id": workspace_id})


async def list_filters_with_label(
    reader: Reader, workspace_id: str, label_key: str
) -> list[SavedFilterRow]:
    """Return the filters of all users that may name a label, including those in the trash.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        label_key: the result of ``domain.filters.renaming.make_label_key``.
    """
    escaped = label_key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {"workspace_id": workspace_id, "pattern": f"%{escaped}%"}
    return await reader.fetch_all(_LIST_WITH_LABEL, values)


async def list_own_filters(
    reader: Reader, workspace_id: str, *, owner_id: str
) -> list[SavedFilterRow]:
    """Return the filters that only this user sees, including those in the trash."""
    return await reader.fetch_all(_LIST_OWN, {"workspace_id": workspace_id, "owner_id": owner_id})


async def list_shared_filter_ids(reader: Reader, workspace_id: str, *, owner_id: str) -> list[str]:
    """Return the ids of the shared filters of an owner, including those in the trash."""
    values = {"workspace_id": workspace_id, "owner_id": owner_id}
    return [row["id"] for row in await reader.fetch_all(_LIST_SHARED_IDS, values)]
