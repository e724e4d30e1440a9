"""Updates the full-text index and its vocabulary, in the transaction that changes the tasks.

The vocabulary of a workspace contains the words of its tasks. It is used for spelling corrections.
Each word belongs to the task that added it.
"""

from collections.abc import Sequence

from taskstead.concurrency.cooperative import yield_chunks, yield_every
from taskstead.db.database import Transaction
from taskstead.db.sql.search import (
    build_document,
    get_forget_statement,
    get_index_statement,
    make_scope,
)
from taskstead.db.sql.statements import Parameters
from taskstead.db.sql.vocabulary import (
    HANDED_OVER_AT_ONCE,
    build_words,
    get_add_statement,
    get_hand_over_statement,
    get_owned_words_query,
)
from taskstead.domain.search_query import split_words
from taskstead.domain.spelling import list_spelt_words
from taskstead.queries.labels.tags import list_tagged_task_ids
from taskstead.queries.tasks.tasks import list_tasks_by_ids
from taskstead.services.changelog import Batch
from taskstead.services.entity_changes import EntityChange
from taskstead.tables.tasks import IndexedTaskRow

# Logged fields of a task whose content is indexed.
_SEARCHED = frozenset({"title", "description", "tag_ids"})


async def index_changed_tasks(batch: Batch, changes: Sequence[EntityChange]) -> None:
    """Update the index after tasks were created or changed."""
    changed = [change for change in changes if not _SEARCHED.isdisjoint(change.fields)]
    rows: list[IndexedTaskRow] = [
        {
            "workspace_id": batch.workspace_id,
            "id": change.row["id"],
            "title": change.row["title"],
            "description": change.row["description"],
            "tags": change.row["tags"],
        }
        for change in changed
        if _has_all_texts(change)
    ]
    await index_rows(batch.transaction, rows)
    await index_tasks(batch, [change.row["id"] for change in changed if not _has_all_texts(change)])


def _has_all_texts(change: EntityChange) -> bool:
    """Return whether the new row of a task has all texts to index.

    A writer that changes the ids of the tags need not have their names. The names in the row are
    then those of the old tags.
    """
    row = change.row
    has_tags = "tags" in change.values or ("tags" in row and "tag_ids" not in change.fields)
    return has_tags and "title" in row and "description" in row


async def index_tasks_of_renamed_tags(batch: Batch, changes: Sequence[EntityChange]) -> None:
    """Update the index after tags were renamed."""
    renamed_ids = [change.row["id"] for change in changes if change.old and "name" in change.fields]
    if renamed_ids:
        task_ids = await list_tagged_task_ids(batch.transaction, batch.workspace_id, renamed_ids)
        await index_tasks(batch, task_ids)


async def index_tasks(batch: Batch, task_ids: Sequence[str]) -> None:
    """Read the texts of tasks and index them again."""
    if task_ids:
        rows = await list_tasks_by_ids(batch.transaction, batch.workspace_id, task_ids)
        await index_rows(batch.transaction, rows)


async def index_rows(transaction: Transaction, rows: Sequence[IndexedTaskRow]) -> None:
    """Index tasks of one or several workspaces, and add their words to the vocabulary.

    A word remains in the vocabulary until the task that added it is purged, even if the task no
    longer contains it.

    Args:
        transaction: the open transaction.
        rows: the tasks, with the names of their tags.
    """
    dialect = transaction.dialect
    documents: list[Parameters] = []
    vocabulary: dict[str, dict[str, str]] = {}
    async for row in yield_every(rows):
        title, description = split_words(row["title"]), split_words(row["description"])
        tags = [split_words(tag) for tag in row["tags"]]
        documents.append(
            build_document(
                dialect,
                row["workspace_id"],
                row["id"],
                title=title,
                tags=tags,
                description=description,
            )
        )
        words = vocabulary.setdefault(row["workspace_id"], {})
        for word in list_spelt_words(title, *tags, description):
            words.setdefault(word, row["id"])
    await transaction.execute_many(get_index_statement(dialect), documents)
    for workspace_id, words in vocabulary.items():
        if words:
            added = build_words(dialect, workspace_id, words)
            await transaction.execute_many(get_add_statement(dialect), [added])


async def remove_from_search(batch: Batch, task_ids: Sequence[str]) -> None:
    """Remove tasks from the index and the vocabulary, before they are purged.

    A word that other tasks contain is handed over to one of them.
    """
    transaction, workspace_id = batch.transaction, batch.workspace_id
    dialect = transaction.dialect
    await remove_from_index(transaction, workspace_id, task_ids)
    owned = await transaction.fetch_all(
        get_owned_words_query(dialect),
        {"workspace_id": workspace_id, "ids": list(task_ids)},
    )
    words = [row["word"] for row in owned]
    hand_over, scope = get_hand_over_statement(dialect), make_scope(workspace_id)
    async for chunk in yield_chunks(words, HANDED_OVER_AT_ONCE[dialect]):
        parameters = {"workspace_id": workspace_id, "scope": scope, "words": chunk}
        await transaction.execute(hand_over, parameters)


async def remove_from_index(
    transaction: Transaction, workspace_id: str, task_ids: Sequence[str]
) -> None:
    """Remove tasks of a workspace from the index, but not from the vocabulary."""
    dialect = transaction.dialect
    documents = [
        build_document(dialect, workspace_id, id_, title=(), tags=(), description=())
        for id_ in task_ids
    ]
    await transaction.execute_many(get_forget_statement(dialect), documents)
