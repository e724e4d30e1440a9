"""Add the vocabulary of each workspace, for corrections of misspelt search words."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from taskstead.db.sql import types, vocabulary
from taskstead.domain.search_query import split_words
from taskstead.domain.spelling import list_spelt_words

revision = "0012"
down_revision = "0011"

_PAGE = 500
_ID = types.Id()

# The i-th deletion key of a word: its first seven letters without the i-th, and for i = 8 all of
# them (schemas.spelling.list_keys).
_KEY = "substr({word}, 1, i - 1) || substr(substr({word}, 1, 7), i + 1)"
_KEY_OF_NEW, _KEY_OF_OLD = _KEY.format(word="new.word"), _KEY.format(word="old.word")
_ONE_TO_EIGHT = "SELECT 1 AS i" + "".join(f" UNION ALL SELECT {i}" for i in range(2, 9))
_ADD_KEYS_ON_SQLITE = f"""
CREATE TRIGGER add_search_word_keys AFTER INSERT ON search_words BEGIN
    INSERT INTO search_word_keys (workspace_id, key, word)
    SELECT DISTINCT new.workspace_id, {_KEY_OF_NEW}, new.word FROM ({_ONE_TO_EIGHT});
END
"""  # noqa: S608 - from above
_DELETE_KEYS_ON_SQLITE = f"""
CREATE TRIGGER delete_search_word_keys AFTER DELETE ON search_words BEGIN
    DELETE FROM search_word_keys
    WHERE workspace_id = old.workspace_id AND word = old.word
        AND key IN (SELECT {_KEY_OF_OLD} FROM ({_ONE_TO_EIGHT}));
END
"""  # noqa: S608
_ADD_KEYS_ON_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION add_search_word_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_word_keys (workspace_id, key, word)
    SELECT DISTINCT new.workspace_id, {_KEY_OF_NEW}, new.word FROM generate_series(1, 8) AS i;
    RETURN NULL;
END $$
"""  # noqa: S608
_DELETE_KEYS_ON_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION delete_search_word_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_word_keys
    WHERE workspace_id = old.workspace_id AND word = old.word
        AND key = ANY(ARRAY(SELECT {_KEY_OF_OLD} FROM generate_series(1, 8) AS i));
    RETURN NULL;
END $$
"""  # noqa: S608
_CALL_ON_POSTGRESQL = """
CREATE TRIGGER {name}_search_word_keys AFTER {event} ON search_words
FOR EACH ROW EXECUTE FUNCTION {name}_search_word_keys()
"""
_TRIGGERS = {
    "sqlite": [_ADD_KEYS_ON_SQLITE, _DELETE_KEYS_ON_SQLITE],
    "postgresql": [
        _ADD_KEYS_ON_POSTGRESQL,
        _DELETE_KEYS_ON_POSTGRESQL,
        _CALL_ON_POSTGRESQL.format(name="add", event="INSERT"),
        _CALL_ON_POSTGRESQL.format(name="delete", event="DELETE"),
    ],
}
_LIST_TASKS = (
    sa.text(
        "SELECT workspace_id, id, title, description FROM tasks "
        "WHERE (workspace_id, id) > (:workspace_id, :id) ORDER BY workspace_id, id LIMIT :page"
    )
    .bindparams(sa.bindparam("workspace_id", type_=_ID), sa.bindparam("id", type_=_ID))
    .columns(workspace_id=_ID, id=_ID, title=sa.Text, description=sa.Text)
)
_LIST_TAGS = sa.text(
    "SELECT CAST(tags.workspace_id AS text) AS workspace_id, tags.name, "
    "min(CAST(task_tags.task_id AS text)) AS id FROM tags JOIN task_tags "
    "ON task_tags.workspace_id = tags.workspace_id AND task_tags.tag_id = tags.id "
    "GROUP BY tags.workspace_id, tags.id, tags.name"
)


def upgrade() -> None:
    """Apply the migration."""
    _create_tables()
    bind = op.get_bind()
    for workspace_id, words in _list_words(bind):
        parameters = vocabulary.build_words(bind.dialect.name, workspace_id, words)
        if bind.dialect.name == "sqlite":
            parameters["words"] = types.encode_json(words)
        bind.execute(vocabulary.get_add_statement(bind.dialect.name), parameters)


def _create_tables() -> None:
    op.create_table(
        "search_words",
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("word", types.SortKey(), nullable=False),
        sa.Column("task_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "word", name=op.f("pk_search_words")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "task_id"],
            ["tasks.workspace_id", "tasks.id"],
            name=op.f("fk_search_words_task"),
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_words_task", "search_words", ["workspace_id", "task_id"])
    op.create_table(
        "search_word_keys",
        sa.Column("workspace_id", _ID, nullable=False),
        sa.Column("key", types.SortKey(), nullable=False),
        sa.Column("word", types.SortKey(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "key", "word", name=op.f("pk_search_word_keys")),
        sqlite_with_rowid=False,
    )
    bind = op.get_bind()
    for statement in _TRIGGERS[bind.dialect.name]:
        bind.exec_driver_sql(statement)


def _list_words(bind: sa.Connection) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each workspace with its words. Each word has one task or tag that contains it."""
    for tag in bind.execute(_LIST_TAGS).all():
        yield tag.workspace_id, dict.fromkeys(list_spelt_words(split_words(tag.name)), tag.id)
    place = dict.fromkeys(("workspace_id", "id"), "00000000-0000-0000-0000-000000000000")
    known: set[str] = set()
    while rows := bind.execute(_LIST_TASKS, {**place, "page": _PAGE}).all():
        found: dict[str, dict[str, str]] = {}
        for row in rows:
            if row.workspace_id != place["workspace_id"]:
                place["workspace_id"] = row.workspace_id
                known = set()
            words = list_spelt_words(split_words(row.title), split_words(row.description))
            new = found.setdefault(row.workspace_id, {})
            new |= {word: row.id for word in words if word not in known}
            known.update(words)
        yield from found.items()
        place["id"] = rows[-1].id
