"""Reading tasks. Every statement also returns the category's name and the tags' names and ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.types import String

from taskstead.db.database import Reader
from taskstead.db.sql.functions import array_of, is_any_of
from taskstead.db.sql.query import Query
from taskstead.entities.tasks import TAG_IDS_LINK, TASK
from taskstead.errors import NotFoundError
from taskstead.ids import parse_number
from taskstead.queries.entities import select_link
from taskstead.tables.labels.categories import categories
from taskstead.tables.labels.tags import tags, task_tags
from taskstead.tables.tasks import LabelledTaskRow, TaskDetailRow, tasks

IS_OPEN = or_(tasks.c.status == "todo", tasks.c.status == "in_progress")

# Columns that listings do not show.
_UNLISTED = {
    "title_key",
    "description",
    "due_kind",
    "due_at",
    "created_by",
    "deleted_batch",
}
LISTED_COLUMNS = [column for column in tasks.c if column.name not in _UNLISTED]


def _select_of_tags(selected: Any) -> Select[Any]:
    """Build a sub-select of the tags of the enclosing statement's task."""
    return (
        select(selected)
        .select_from(task_tags)
        .join(
            tags,
            and_(
                tags.c.workspace_id == task_tags.c.workspace_id,
                tags.c.id == task_tags.c.tag_id,
            ),
        )
        .where(
            task_tags.c.workspace_id == tasks.c.workspace_id,
            task_tags.c.task_id == tasks.c.id,
        )
        .correlate(tasks)
    )


TAG_NAMES = array_of(_select_of_tags(tags.c.name).order_by(tags.c.sort_key), String()).label("tags")
TAG_IDS = select_link(TASK, TAG_IDS_LINK)
_TAGS_REVISION = _select_of_tags(func.max(tags.c.revision)).scalar_subquery().label("tags_revision")

_children = tasks.alias("children")
_COUNT_CHILDREN = (
    select(func.count())
    .select_from(_children)
    .where(
        _children.c.workspace_id == tasks.c.workspace_id,
        _children.c.parent_id == tasks.c.id,
        _children.c.deleted_at.is_(None),
    )
    .correlate(tasks)
)
SUBTASK_COUNTS = (
    _COUNT_CHILDREN.scalar_subquery().label("subtask_count"),
    _COUNT_CHILDREN.where(or_(_children.c.status == "todo", _children.c.status == "in_progress"))
    .scalar_subquery()
    .label("open_subtask_count"),
)

_WITH_CATEGORY = tasks.outerjoin(
    categories,
    and_(
        categories.c.workspace_id == tasks.c.workspace_id,
        categories.c.id == tasks.c.category_id,
    ),
)


def select_tasks(*columns: Any) -> Select[Any]:
    """Select these columns of a workspace's tasks, with category_name, tags and tag_ids."""
    return (
        select(*columns, categories.c.name.label("category_name"), TAG_NAMES, TAG_IDS)
        .select_from(_WITH_CATEGORY)
        .where(tasks.c.workspace_id == bindparam("workspace_id"))
    )


class ReferredTaskRow(TypedDict):
    """A task that a request refers to by its id or number."""

    id: str
    number: int
    deleted_at: datetime | None
    revision: int


class TitleRow(TypedDict):
    """The title of a task."""

    title: str


# The ETag of a task depends on the revisions of its category and tags too.
_SELECT_ONE = select_tasks(
    *tasks.c, *SUBTASK_COUNTS, categories.c.revision.label("category_revision"), _TAGS_REVISION
)
_GET_BY_ID = Query(TaskDetailRow, _SELECT_ONE.where(tasks.c.id == bindparam("id")))
_GET_BY_NUMBER = Query(TaskDetailRow, _SELECT_ONE.where(tasks.c.number == bindparam("number")))
_LIST_BY_IDS = Query(LabelledTaskRow, select_tasks(*tasks.c).where(is_any_of(tasks.c.id, "ids")))
# Both branches have the workspace, because SQLite chooses an index for each branch of an OR by its
# own conditions.
HAS_REFERENCE = or_(
    and_(tasks.c.workspace_id == bindparam("workspace_id"), is_any_of(tasks.c.id, "ids")),
    and_(tasks.c.workspace_id == bindparam("workspace_id"), is_any_of(tasks.c.number, "numbers")),
)
_LIST_REFERENCES = Query(
    ReferredTaskRow,
    select(tasks.c.id, tasks.c.number, tasks.c.deleted_at, tasks.c.revision).where(HAS_REFERENCE),
)
_LIST_TITLES = Query(
    TitleRow,
    select(tasks.c.title).where(
        tasks.c.workspace_id == bindparam("workspace_id"), tasks.c.deleted_at.is_(None)
    ),
)


async def find_task(reader: Reader, workspace_id: str, reference: str) -> TaskDetailRow | None:
    """Return a task, trashed or not, by its id (canonical text) or number, or None."""
    number = parse_number(reference)
    if number is not None:
        return await reader.fetch_one(
            _GET_BY_NUMBER, {"workspace_id": workspace_id, "number": number}
        )
    return await reader.fetch_one(_GET_BY_ID, {"workspace_id": workspace_id, "id": reference})


async def get_task(reader: Reader, workspace_id: str, reference: str) -> TaskDetailRow:
    """Return a task, trashed or not, by its id (canonical text) or number.

    Raises:
        NotFoundError: the workspace has no such task.
    """
    row = await find_task(reader, workspace_id, reference)
    if row is None:
        raise NotFoundError(f"There is no task {reference} in this workspace.")
    return row


async def list_tasks_by_ids(
    reader: Reader, workspace_id: str, ids: Sequence[str]
) -> list[LabelledTaskRow]:
    """Return the tasks with these ids, trashed or not, in the order of the ids."""
    rows = await reader.fetch_all(_LIST_BY_IDS, {"workspace_id": workspace_id, "ids": list(ids)})
    by_id = {row["id"]: row for row in rows}
    return [by_id[id_] for id_ in ids if id_ in by_id]


async def list_references(
    reader: Reader, workspace_id: str, *, ids: Sequence[str], numbers: Sequence[int]
) -> list[ReferredTaskRow]:
    """Return the tasks with these ids or numbers."""
    return await reader.fetch_all(
        _LIST_REFERENCES,
        {"workspace_id": workspace_id, "ids": list(ids), "numbers": list(numbers)},
    )


async def list_titles(reader: Reader, workspace_id: str) -> set[str]:
    """Return the titles of all tasks that are not in the trash."""
    rows = await reader.fetch_all(_LIST_TITLES, {"workspace_id": workspace_id})
    return {row["title"] for row in rows}
