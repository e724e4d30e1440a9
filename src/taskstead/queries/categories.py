"""Queries for categories. Lists include the number of tasks in each category."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, and_, bindparam, case, func, or_, select

from taskstead.db.database import Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.query import untyped
from taskstead.db.statements import Row
from taskstead.errors import NotFoundError
from taskstead.queries.tasks import IS_OPEN
from taskstead.tables.categories import categories
from taskstead.tables.tasks import tasks

_SELECT_WITH_COUNTS = (
    select(
        *categories.c,
        func.count(tasks.c.id).label("task_count"),
        func.count(case((IS_OPEN, 1))).label("open_task_count"),
    )
    .select_from(
        categories.outerjoin(
            tasks,
            and_(
                tasks.c.workspace_id == categories.c.workspace_id,
                tasks.c.category_id == categories.c.id,
                tasks.c.deleted_at.is_(None),
            ),
        )
    )
    .where(
        categories.c.workspace_id == bindparam("workspace_id"), categories.c.deleted_at.is_(None)
    )
    .group_by(*categories.c)
)
_GET_LIVE = select(categories).where(
    categories.c.workspace_id == bindparam("workspace_id"),
    categories.c.id == bindparam("id"),
    categories.c.deleted_at.is_(None),
)
_LIST_LIVE = (
    _SELECT_WITH_COUNTS.where(
        or_(
            categories.c.position > bindparam("after_position"),
            and_(
                categories.c.position == bindparam("after_position"),
                categories.c.id > bindparam("after_id"),
            ),
        )
    )
    .order_by(categories.c.position, categories.c.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_LIST_BY_KEYS = select(categories.c.id, categories.c.name, categories.c.name_key).where(
    categories.c.workspace_id == bindparam("workspace_id"),
    categories.c.deleted_at.is_(None),
    is_any_of(categories.c.name_key, "name_keys"),
)
_FIND = select(categories).where(
    categories.c.workspace_id == bindparam("workspace_id"), categories.c.id == bindparam("id")
)
_LIST_BY_IDS = (
    select(categories)
    .where(
        categories.c.workspace_id == bindparam("workspace_id"), is_any_of(categories.c.id, "ids")
    )
    .order_by(categories.c.id)
)
_GET_LAST_POSITION = select(
    func.coalesce(func.max(categories.c.position), 0).label("position")
).where(categories.c.workspace_id == bindparam("workspace_id"), categories.c.deleted_at.is_(None))
_LIST_TASK_IDS = (
    select(tasks.c.id, tasks.c.deleted_at)
    .where(
        tasks.c.workspace_id == bindparam("workspace_id"),
        tasks.c.category_id == bindparam("category_id"),
    )
    .order_by(tasks.c.number)
)


async def get_category(reader: Reader, workspace_id: str, category_id: str) -> Row:
    """Return a category that is not in the trash.

    Raises:
        NotFoundError: the workspace has no such category.
    """
    row = await reader.fetch_one(
        untyped(_GET_LIVE), {"workspace_id": workspace_id, "id": category_id}
    )
    if row is None:
        raise NotFoundError(f"There is no category {category_id} in this workspace.")
    return row


async def find_category(reader: Reader, workspace_id: str, category_id: str) -> Row | None:
    """Return a category, live or trashed, or None."""
    return await reader.fetch_one(untyped(_FIND), {"workspace_id": workspace_id, "id": category_id})


async def list_categories(
    reader: Reader,
    workspace_id: str,
    *,
    after: tuple[int, str],
    limit: int,
) -> list[Row]:
    """Return the categories after a (position, id) pair, in that order, with counts of tasks."""
    return await reader.fetch_all(
        untyped(_LIST_LIVE),
        {
            "workspace_id": workspace_id,
            "after_position": after[0],
            "after_id": after[1],
            "limit": limit,
        },
    )


async def list_categories_by_keys(
    reader: Reader, workspace_id: str, name_keys: Sequence[str]
) -> list[Row]:
    """Return id, name and name_key of the live categories with these case-folded names."""
    return await reader.fetch_all(
        untyped(_LIST_BY_KEYS), {"workspace_id": workspace_id, "name_keys": list(name_keys)}
    )


async def list_categories_by_ids(
    reader: Reader, workspace_id: str, ids: Sequence[str]
) -> list[Row]:
    """Return the categories with these ids, live or trashed, oldest first."""
    return await reader.fetch_all(
        untyped(_LIST_BY_IDS), {"workspace_id": workspace_id, "ids": list(ids)}
    )


async def get_last_position(reader: Reader, workspace_id: str) -> int:
    """Return the highest position of a live category, or 0 if there is none."""
    row = await reader.fetch_one(untyped(_GET_LAST_POSITION), {"workspace_id": workspace_id})
    return 0 if row is None else int(row["position"])


async def list_task_ids_of_category(
    reader: Reader, workspace_id: str, category_id: str
) -> list[Row]:
    """Return id and deleted_at of all tasks in a category, including trashed ones."""
    return await reader.fetch_all(
        untyped(_LIST_TASK_IDS), {"workspace_id": workspace_id, "category_id": category_id}
    )
