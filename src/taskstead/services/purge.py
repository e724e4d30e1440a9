"""Permanent deletion of tasks, categories and tags.

A purge also removes titles, descriptions and names from the change log. The changes themselves
remain, so that the revisions have no gaps. The last change of a purged entity is a tombstone. See
docs/decisions/0007-purge-erases-text-from-the-change-log.md.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, update

from taskstead.db.database import Database
from taskstead.db.expressions import is_any_of, json_without
from taskstead.db.statements import Row
from taskstead.errors import InsufficientScopeError
from taskstead.queries.principals import Principal
from taskstead.queries.task_trees import list_descendants
from taskstead.queries.tasks import get_task
from taskstead.schemas.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.changes import Batch, Kind, open_batch
from taskstead.services.search import remove_from_search
from taskstead.tables.categories import categories
from taskstead.tables.changes import changes
from taskstead.tables.tags import tags
from taskstead.tables.tasks import tasks

_SCOPE = "tasks:purge"
# Fields with text that users entered. A purge removes them from the change log.
_TEXT_FIELDS = {"task": ("title", "description"), "category": ("name",), "tag": ("name",)}
_TABLES = {"task": tasks, "category": categories, "tag": tags}
_DELETE = {
    kind: delete(table).where(
        table.c.workspace_id == bindparam("workspace"), is_any_of(table.c.id, "ids")
    )
    for kind, table in _TABLES.items()
}
_REMOVE_TEXT = {
    kind: update(changes)
    .where(
        changes.c.workspace_id == bindparam("workspace"),
        changes.c.kind == kind,
        is_any_of(changes.c.entity_id, "ids"),
    )
    .values(fields=json_without(changes.c.fields, *names))
    for kind, names in _TEXT_FIELDS.items()
}


def check_purge_scope(principal: Principal) -> None:
    """Check that the credential allows permanent deletion.

    Raises:
        InsufficientScopeError: it is an API token without the scope ``tasks:purge``.
    """
    if _SCOPE not in principal.scopes:
        raise InsufficientScopeError(_SCOPE)


async def purge_task(
    database: Database,
    principal: Principal,
    reference: str,
    precondition: Precondition = NO_PRECONDITION,
) -> None:
    """Permanently delete a live or trashed task and its sub-tasks.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
        InsufficientScopeError: the API token lacks the scope ``tasks:purge``.
    """
    check_purge_scope(principal)
    async with open_batch(database, principal) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, task)
        await purge_tasks_in_batch(batch, [task["id"]])


async def purge_tasks_in_batch(batch: Batch, task_ids: Sequence[str]) -> list[Row]:
    """Permanently delete tasks and their sub-tasks; return the deleted rows, by number."""
    rows = await list_descendants(batch.transaction, batch.workspace_id, task_ids)
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    await remove_from_search(batch, ids)
    await _delete_rows(batch, "task", ids)
    for row in rows:
        batch.record_change("task", row["id"], "purged", {"number": (row["number"], None)})
    return rows


async def purge_labels_in_batch(batch: Batch, rows: Sequence[Row]) -> None:
    """Permanently delete categories and tags that no task refers to."""
    kinds: tuple[Kind, ...] = ("category", "tag")
    for kind in kinds:
        rows_of_kind = [row for row in rows if row["kind"] == kind]
        if rows_of_kind:
            await _delete_rows(batch, kind, [row["id"] for row in rows_of_kind])
        for row in rows_of_kind:
            fields = {"deleted_at": (row["deleted_at"], None)}
            batch.record_change(kind, row["id"], "purged", fields)


async def _delete_rows(batch: Batch, kind: Kind, ids: Sequence[str]) -> None:
    parameters = {"workspace": batch.workspace_id, "ids": list(ids)}
    await batch.transaction.execute(_DELETE[kind], parameters)
    await batch.transaction.execute(_REMOVE_TEXT[kind], parameters)
    batch.drop_fields(kind, set(ids), _TEXT_FIELDS[kind])
