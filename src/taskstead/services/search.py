"""Keeping the full-text index in step with the tasks, in the same transaction."""

from collections.abc import Sequence

from taskstead.db.database import Transaction
from taskstead.db.search import build_document, get_forget_statement, get_index_statement
from taskstead.db.statements import Row
from taskstead.queries.tasks import list_tasks_by_ids
from taskstead.schemas.search import split_words
from taskstead.services.changes import Batch
from taskstead.turns import take_turns

# What of a task is searched.
SEARCHED = frozenset({"title", "description", "tag_ids"})


async def index_tasks(batch: Batch, task_ids: Sequence[str]) -> None:
    """Bring the index in step with tasks whose title, description or tags have changed."""
    if not task_ids:
        return
    rows = await list_tasks_by_ids(batch.transaction, batch.workspace_id, task_ids)
    await index_rows(batch.transaction, rows)


async def index_rows(transaction: Transaction, rows: Sequence[Row]) -> None:
    """Bring the index in step with tasks of any workspaces, given as rows of ``queries.tasks``."""
    dialect = transaction.dialect
    documents = [
        build_document(
            dialect,
            row["workspace_id"],
            row["id"],
            title=split_words(row["title"]),
            tags=[split_words(tag) for tag in row["tags"]],
            description=split_words(row["description"]),
        )
        async for row in take_turns(rows)
    ]
    await transaction.execute_many(get_index_statement(dialect), documents)


async def forget_tasks(batch: Batch, task_ids: Sequence[str]) -> None:
    """Take purged tasks out of the index."""
    await forget_tasks_of(batch.transaction, batch.workspace_id, task_ids)


async def forget_tasks_of(
    transaction: Transaction, workspace_id: str, task_ids: Sequence[str]
) -> None:
    """Take tasks of a workspace out of the index."""
    dialect = transaction.dialect
    documents = [
        build_document(dialect, workspace_id, id_, title=(), tags=(), description=())
        for id_ in task_ids
    ]
    await transaction.execute_many(get_forget_statement(dialect), documents)
