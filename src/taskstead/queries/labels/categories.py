"""Queries for categories. Lists include the number of tasks in each category."""

from typing import TypedDict

from sqlalchemy import BigInteger, and_, bindparam, case, func, or_, select

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query
from taskstead.errors import NotFoundError
from taskstead.queries.tasks.tasks import IS_OPEN
from taskstead.tables.labels.categories import CategoryRow, CountedCategoryRow, categories
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


class PositionRow(TypedDict):
    """A position in the order of the categories."""

    position: int


class FiledTaskRow(TypedDict):
    """A task in a category, live or trashed."""

    id: str
    category_id: str | None


_GET_LIVE = Query(
    CategoryRow,
    select(categories).where(
        categories.c.workspace_id == bindparam("workspace_id"),
        categories.c.id == bindparam("id"),
        categories.c.deleted_at.is_(None),
    ),
)
_LIST_LIVE = Query(
    CountedCategoryRow,
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
    .limit(bindparam("limit", type_=BigInteger)),
)
_GET_LAST_POSITION = Query(
    PositionRow,
    select(func.coalesce(func.max(categories.c.position), 0).label("position")).where(
        categories.c.workspace_id == bindparam("workspace_id"), categories.c.deleted_at.is_(None)
    ),
)
_LIST_TASKS = Query(
    FiledTaskRow,
    select(tasks.c.id, tasks.c.category_id)
    .where(
        tasks.c.workspace_id == bindparam("workspace_id"),
        tasks.c.category_id == bindparam("category_id"),
    )
    .order_by(tasks.c.number),
)


async def find_category(reader: Reader, workspace_id: str, category_id: str) -> CategoryRow | None:
    """Return a category that is not in the trash, or None."""
    return await reader.fetch_one(_GET_LIVE, {"workspace_id": workspace_id, "id": category_id})


async def get_category(reader: Reader, workspace_id: str, category_id: str) -> CategoryRow:
    """Return a category that is not in the trash.

    Raises:
        NotFoundError: the workspace has no such category.
    """
    row = await find_category(reader, workspace_id, category_id)
    if row is None:
        raise NotFoundError(f"There is no category {category_id} in this workspace.")
    return row


async def list_categories(
    reader: Reader,
    workspace_id: str,
    *,
    after: tuple[int, str],
    limit: int,
) -> list[CountedCategoryRow]:
    """Return the categories after a (position, id) pair, in that order, with counts of tasks."""
    position, id_ = after
    return await reader.fetch_all(
        _LIST_LIVE,
        {
            "workspace_id": workspace_id,
            "after_position": position,
            "after_id": id_,
            "limit": limit,
        },
    )


async def get_last_position(reader: Reader, workspace_id: str) -> int:
    """Return the highest position of a live category, or 0 if there is none."""
    row = await reader.fetch_one(_GET_LAST_POSITION, {"workspace_id": workspace_id})
    return 0 if row is None else row["position"]


async def list_tasks_of_category(
    reader: Reader, workspace_id: str, category_id: str
) -> list[FiledTaskRow]:
    """Return all tasks in a category, including trashed ones, by number."""
    return await reader.fetch_all(
        _LIST_TASKS, {"workspace_id": workspace_id, "category_id": category_id}
    )
