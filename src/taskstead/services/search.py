"""Updates the full-text index and its vocabulary, in the transaction that changes the tasks.

The vocabulary of a workspace contains the words of its tasks. It is used for spelling corrections.
Each word belongs to the task that added it.
"""

from collections.abc import Sequence

from taskstead.cooperative import yield_chunks, yield_every
from taskstead.db.database import Transaction
from taskstead.db.query import AnyRow
from taskstead.db.search import (
    build_document,
    get_forget_statement,
    get_index_statement,
    make_scope,
)
from taskstead.db.statements import Parameters
from taskstead.db.vocabulary import (
    HANDED_OVER_AT_ONCE,
    build_words,
    get_add_statement,
    get_hand_over_statement,
    get_owned_words_query,
)
from taskstead.queries.tasks import list_tasks_by_ids
from taskstead.schemas.search import split_words
from taskstead.schemas.spelling import list_spelt_words
from taskstead.services.changes import Batch
from taskstead.tables.tasks import IndexedTaskRow

# Logged fields of a task whose content is indexed.
SEARCHED = frozenset({"title", "description", "tag_ids"})


async def index_tasks(batch: Batch, task_ids: Sequence[str]) -> None:
    """Index tasks again after a change of title, description or tags."""
    if not task_ids:
        return
    rows = await list_tasks_by_ids(batch.transaction, batch.workspace_id, task_ids)
    await index_rows(batch.transaction, rows)


async def index_rows(transaction: Transaction, rows: Sequence[IndexedTaskRow | AnyRow]) -> None:
    """Index tasks of one or several workspaces, and add their words to the vocabulary.

    A word remains in the vocabulary until the task that added it is purged, even if the task no
    longer contains it.

    Args:
        transaction: the open transaction.
        rows: the text of the tasks.
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
