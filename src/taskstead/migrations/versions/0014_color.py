"""Rename ``colour`` to ``color``, and let the change log accept new kinds of entities."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

# The subquery lets both engines find the rows with ix_changes_entity, without reading the changes
# of tasks.
_OF_LABELS = "workspace_id IN (SELECT id FROM workspaces) AND kind IN ('category', 'tag')"
_RENAME_ON_SQLITE = f"""
UPDATE changes
SET fields = json_set(
    json_remove(fields, '$.colour'), '$.color', json_extract(fields, '$.colour')
)
WHERE {_OF_LABELS} AND json_type(fields, '$.colour') IS NOT NULL
"""  # noqa: S608 - from above
_RENAME_ON_POSTGRESQL = f"""
UPDATE changes
SET fields = (fields - 'colour') || jsonb_build_object('color', fields -> 'colour')
WHERE {_OF_LABELS} AND fields ? 'colour'
"""  # noqa: S608
_RENAME_LOGGED_FIELD = {"sqlite": _RENAME_ON_SQLITE, "postgresql": _RENAME_ON_POSTGRESQL}
_KIND_CHECK = re.compile(r",\s*CONSTRAINT ck_changes_kind CHECK \(kind IN \([^()]*\)\)")


def upgrade() -> None:
    """Apply the migration."""
    bind = op.get_bind()
    # On PostgreSQL, the ALTER TABLE statements block other transactions, so they come last.
    bind.exec_driver_sql(_RENAME_LOGGED_FIELD[bind.dialect.name])
    _drop_kind_check(bind)
    op.execute("ALTER TABLE categories RENAME COLUMN colour TO color")
    op.execute("ALTER TABLE tags RENAME COLUMN colour TO color")


def _drop_kind_check(bind: sa.Connection) -> None:
    if bind.dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_changes_kind"), "changes", type_="check")
        return
    # SQLite cannot drop a constraint. Change the stored table definition, as in revision 0011.
    # The next ALTER TABLE makes other connections read it again.
    (definition,) = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'changes'"
    ).one()
    op.execute("PRAGMA writable_schema = ON")
    bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = 'changes'",
        (_KIND_CHECK.sub("", definition),),
    )
    op.execute("PRAGMA writable_schema = RESET")
