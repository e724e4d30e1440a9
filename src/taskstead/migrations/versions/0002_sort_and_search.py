"""Add sort keys of titles, an index for the manual order and the full-text index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from taskstead.db.sql import search, types
from taskstead.domain.names import make_name_key
from taskstead.domain.search_query import split_words

revision = "0002"
down_revision = "0001"

_PAGE = 500


def upgrade() -> None:
    """Apply the migration."""
    op.add_column(
        "tasks", sa.Column("title_key", types.SortKey(), nullable=False, server_default="")
    )
    op.create_index("ix_tasks_position", "tasks", ["workspace_id", "position", "id"])
    _create_search_table()
    _fill()


def _create_search_table() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE task_search USING fts5(task_id UNINDEXED, scope, title, tags, "
            "description, tokenize = 'ascii', columnsize = 0)"
        )
        return
    op.create_table(
        "task_search",
        sa.Column("workspace_id", types.Id(), nullable=False),
        sa.Column("task_id", types.Id(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "task_id", name=op.f("pk_task_search")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "task_id"],
            ["tasks.workspace_id", "tasks.id"],
            name=op.f("fk_task_search_task"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_task_search_words", "task_search", ["words"], postgresql_using="gin")


def _fill() -> None:
    """Fill the sort key and the full-text index for existing tasks."""
    bind = op.get_bind()
    tags: dict[tuple[str, str], list[str]] = {}
    for workspace_id, task_id, name in bind.execute(
        sa.text(
            "SELECT task_tags.workspace_id, task_tags.task_id, tags.name FROM task_tags "
            "JOIN tags ON tags.workspace_id = task_tags.workspace_id AND tags.id = task_tags.tag_id"
        )
    ):
        tags.setdefault((str(workspace_id), str(task_id)), []).append(name)
    rows = bind.execute(sa.text("SELECT workspace_id, id, title, description FROM tasks")).all()
    for start in range(0, len(rows), _PAGE):
        page = rows[start : start + _PAGE]
        bind.execute(
            sa.text(
                "UPDATE tasks SET title_key = :title_key "
                "WHERE workspace_id = :workspace_id AND id = :id"
            ).bindparams(
                sa.bindparam("workspace_id", type_=types.Id()),
                sa.bindparam("id", type_=types.Id()),
            ),
            [
                {
                    "title_key": make_name_key(row.title),
                    "workspace_id": str(row.workspace_id),
                    "id": str(row.id),
                }
                for row in page
            ],
        )
        bind.execute(
            search.get_index_statement(bind.dialect.name),
            [
                search.build_document(
                    bind.dialect.name,
                    str(row.workspace_id),
                    str(row.id),
                    title=split_words(row.title),
                    tags=[
                        split_words(n) for n in tags.get((str(row.workspace_id), str(row.id)), [])
                    ],
                    description=split_words(row.description),
                )
                for row in page
            ],
        )
