"""Add sort keys of names and titles, and name keys that ignore invisible characters.

If the new name keys of two tags or categories are equal, both remain. The one whose key does not
change gets the name, otherwise the older one. The other retains its old key, so lookups by name do
not return it.
"""

import sqlalchemy as sa
from alembic import op

from taskstead.db.sql import types
from taskstead.domain.names import make_name_key, make_sort_key

revision = "0013"
down_revision = "0012"

_PAGE = 500
_ID = types.Id()
_LIST_TASKS = (
    sa.text(
        "SELECT workspace_id, id, title, title_key FROM tasks "
        "WHERE (workspace_id, id) > (:workspace_id, :id) ORDER BY workspace_id, id LIMIT :page"
    )
    .bindparams(sa.bindparam("workspace_id", type_=_ID), sa.bindparam("id", type_=_ID))
    .columns(workspace_id=_ID, id=_ID, title=sa.Text, title_key=sa.Text)
)
_SET_TITLE_KEY = sa.text(
    "UPDATE tasks SET title_key = :title_key WHERE workspace_id = :workspace_id AND id = :id"
).bindparams(sa.bindparam("workspace_id", type_=_ID), sa.bindparam("id", type_=_ID))


def upgrade() -> None:
    """Apply the migration."""
    for name in ("categories", "tags"):
        op.add_column(
            name, sa.Column("sort_key", types.SortKey(), nullable=False, server_default="")
        )
        _fill_names(op.get_bind(), name)
    _fill_titles(op.get_bind())


def _fill_names(bind: sa.Connection, name: str) -> None:
    table = sa.table(
        name,
        sa.column("workspace_id", _ID),
        sa.column("id", _ID),
        sa.column("name", sa.Text()),
        sa.column("name_key", types.SortKey()),
        sa.column("sort_key", types.SortKey()),
        sa.column("deleted_at", types.Instant()),
    )
    update = (
        sa.update(table)
        .where(table.c.workspace_id == sa.bindparam("workspace"), table.c.id == sa.bindparam("of"))
        .values(name_key=sa.bindparam("key"), sort_key=sa.bindparam("sort"))
    )
    for workspace_id in bind.scalars(sa.select(table.c.workspace_id).distinct()).all():
        rows = bind.execute(
            sa.select(table.c.id, table.c.name, table.c.name_key, table.c.deleted_at)
            .where(table.c.workspace_id == workspace_id)
            .order_by(table.c.id)
        ).all()
        taken = {row.name_key for row in rows if row.deleted_at is None}
        changes = []
        for row in rows:
            key = make_name_key(row.name)
            if row.deleted_at is None and key != row.name_key:
                # Names in the trash need not be unique.
                key = row.name_key if key in taken else key
                taken.add(key)
            sort_key = make_sort_key(row.name)
            changes.append({"workspace": workspace_id, "of": row.id, "key": key, "sort": sort_key})
        for start in range(0, len(changes), _PAGE):
            bind.execute(update, changes[start : start + _PAGE])


def _fill_titles(bind: sa.Connection) -> None:
    place = dict.fromkeys(("workspace_id", "id"), "00000000-0000-0000-0000-000000000000")
    while rows := bind.execute(_LIST_TASKS, {**place, "page": _PAGE}).all():
        place = {"workspace_id": rows[-1].workspace_id, "id": rows[-1].id}
        changes = [
            {"workspace_id": row.workspace_id, "id": row.id, "title_key": key}
            for row in rows
            if (key := make_sort_key(row.title)) != row.title_key
        ]
        if changes:
            bind.execute(_SET_TITLE_KEY, changes)
