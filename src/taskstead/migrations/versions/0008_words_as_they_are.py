"""Rebuild the full-text index, in which non-ASCII words were encoded as digits until now."""

import sqlalchemy as sa
from alembic import op

from taskstead.db.sql import search, types
from taskstead.domain.search_query import split_words

revision = "0008"
down_revision = "0007"

_PAGE = 500
_ID = types.Id()
_LIST_TASKS = (
    sa.text(
        "SELECT workspace_id, id, title, description FROM tasks "
        "WHERE (workspace_id, id) > (:workspace_id, :id) ORDER BY workspace_id, id LIMIT :page"
    )
    .bindparams(sa.bindparam("workspace_id", type_=_ID), sa.bindparam("id", type_=_ID))
    .columns(workspace_id=_ID, id=_ID, title=sa.Text, description=sa.Text)
)
_LIST_TAGS = (
    sa.text(
        "SELECT task_tags.task_id, tags.name FROM task_tags "
        "JOIN tags ON tags.workspace_id = task_tags.workspace_id AND tags.id = task_tags.tag_id "
        "WHERE task_tags.workspace_id = :workspace_id AND task_tags.task_id IN :ids "
        "ORDER BY tags.name_key"
    )
    .bindparams(
        sa.bindparam("workspace_id", type_=_ID), sa.bindparam("ids", type_=_ID, expanding=True)
    )
    .columns(task_id=_ID, name=sa.Text)
)


def upgrade() -> None:
    """Apply the migration."""
    bind = op.get_bind()
    bind.execute(sa.text("DELETE FROM task_search"))
    place = dict.fromkeys(("workspace_id", "id"), "00000000-0000-0000-0000-000000000000")
    while rows := bind.execute(_LIST_TASKS, {**place, "page": _PAGE}).all():
        for workspace_id in {row.workspace_id for row in rows}:
            _index(bind, workspace_id, [row for row in rows if row.workspace_id == workspace_id])
        place = {"workspace_id": rows[-1].workspace_id, "id": rows[-1].id}


def _index(bind: sa.Connection, workspace_id: str, rows: list[sa.Row[tuple[str, ...]]]) -> None:
    """Index tasks of one workspace."""
    tags: dict[str, list[list[str]]] = {row.id: [] for row in rows}
    asked = {"workspace_id": workspace_id, "ids": list(tags)}
    for task_id, name in bind.execute(_LIST_TAGS, asked):
        tags[task_id].append(split_words(name))
    dialect = bind.dialect.name
    bind.execute(
        search.get_index_statement(dialect),
        [
            search.build_document(
                dialect,
                workspace_id,
                row.id,
                title=split_words(row.title),
                tags=tags[row.id],
                description=split_words(row.description),
            )
            for row in rows
        ],
    )
