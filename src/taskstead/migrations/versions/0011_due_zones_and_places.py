"""Evaluate due dates in their time zone, allow longer ones, and store the position of new tasks."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from taskstead.clock import render_instant
from taskstead.db.sql import types
from taskstead.domain.due_dates import parse_due_date
from taskstead.domain.fractional_index import MAX_ORDER_NUMBER, find_order_number

revision = "0011"
down_revision = "0010"

_PAGE = 500
_ID = types.Id()
_NO_ID = "00000000-0000-0000-0000-000000000000"
_LIST_LOCAL_TIMES = (
    sa.text(
        "SELECT workspace_id, id, due_date, due_time_zone FROM tasks "
        "WHERE (workspace_id, id) > (:workspace_id, :id) "
        "AND due_kind = 'floating' AND due_time_zone IS NOT NULL "
        "ORDER BY workspace_id, id LIMIT :page"
    )
    .bindparams(sa.bindparam("workspace_id", type_=_ID), sa.bindparam("id", type_=_ID))
    .columns(workspace_id=_ID, id=_ID)
)
_SET_DUE = sa.text(
    "UPDATE tasks SET due_kind = :kind, due_at = :at "
    "WHERE workspace_id = :workspace_id AND id = :id"
).bindparams(sa.bindparam("workspace_id", type_=_ID), sa.bindparam("id", type_=_ID))
_LIST_WORKSPACES = (
    sa.text(
        "SELECT id, last_number, "
        "(SELECT max(position) FROM tasks WHERE workspace_id = workspaces.id) AS position "
        "FROM workspaces WHERE id > :id ORDER BY id LIMIT :page"
    )
    .bindparams(sa.bindparam("id", type_=_ID))
    .columns(id=_ID)
)
_SET_PLACE = sa.text("UPDATE workspaces SET last_place = :place WHERE id = :id").bindparams(
    sa.bindparam("id", type_=_ID)
)


def upgrade() -> None:
    """Apply the migration."""
    op.add_column(
        "workspaces", sa.Column("last_place", sa.BigInteger(), nullable=False, server_default="0")
    )
    _lengthen_due_date()
    bind = op.get_bind()
    _correct_due_columns(bind)
    _fill_last_place(bind)


def _lengthen_due_date() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("tasks", "due_date", type_=sa.String(100))
        return
    # SQLite does not enforce the length of text, so only the stored table definition changes. This
    # is the procedure of sqlite.org/lang_altertable, section 7, for changes that do not affect
    # rows.
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, 'due_date VARCHAR(40)', "
        "'due_date VARCHAR(100)') WHERE type = 'table' AND name = 'tasks'"
    )
    op.execute("PRAGMA writable_schema = RESET")


def _correct_due_columns(bind: sa.Connection) -> None:
    """Correct local times with a time zone, which were stored as floating times."""
    place: dict[str, Any] = {"workspace_id": _NO_ID, "id": _NO_ID}
    while rows := bind.execute(_LIST_LOCAL_TIMES, {**place, "page": _PAGE}).all():
        place = {"workspace_id": rows[-1].workspace_id, "id": rows[-1].id}
        bind.execute(
            _SET_DUE,
            [
                {
                    "kind": due.kind,
                    "at": _store(bind, due.at),
                    "workspace_id": row.workspace_id,
                    "id": row.id,
                }
                for row in rows
                for due in (parse_due_date(row.due_date, row.due_time_zone),)
            ],
        )


def _store(bind: sa.Connection, at: datetime) -> Any:
    return at if bind.dialect.name == "postgresql" else render_instant(at)


def _fill_last_place(bind: sa.Connection) -> None:
    last_id = _NO_ID
    while rows := bind.execute(_LIST_WORKSPACES, {"id": last_id, "page": _PAGE}).all():
        last_id = rows[-1].id
        bind.execute(
            _SET_PLACE,
            [
                {"id": row.id, "place": max(row.last_number, _find_place(row.position))}
                for row in rows
            ],
        )


def _find_place(position: str | None) -> int:
    try:
        return 0 if position is None else min(find_order_number(position), MAX_ORDER_NUMBER)
    except ValueError:
        return 0
