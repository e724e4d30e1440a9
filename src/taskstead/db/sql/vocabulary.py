"""The vocabulary of a workspace, for both dialects: the words that correct misspelt search words.

``search_words`` contains each word once, with a task that contains or contained it. Triggers store
the deletion keys of each word (``domain.spelling``) in ``search_word_keys``. The migrations create
both tables. They are not in the metadata and not in backups, because they are derived from the
tasks, like the full-text index. Misspelt words of a search are corrected to words of the
vocabulary.
"""

from collections.abc import Mapping
from typing import Any, TypedDict

from sqlalchemy import Executable, bindparam, column, text
from sqlalchemy.types import Text

from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Json, ListOf

VOCABULARY_TABLES = ("search_words", "search_word_keys")

# Maximum number of candidates for a correction. Ranking this many takes about a millisecond. A word
# of a natural language has fewer candidates.
_MAX_CANDIDATES = 200

_WORKSPACE = bindparam("workspace_id", type_=Id)


class WordRow(TypedDict):
    """A word of the vocabulary."""

    word: str


# No SELECT on PostgreSQL, so that it can be sent together with other INSERTs
# (db/postgresql/insert_batching.py). Words and ids contain no spaces, and asyncpg encodes a text
# faster than an array.
_ADD_WORDS: dict[str, Executable] = {
    "sqlite": text(
        "INSERT INTO search_words (workspace_id, word, task_id) "
        "SELECT :workspace_id, key, value FROM json_each(:words) WHERE true "
        "ON CONFLICT (workspace_id, word) DO NOTHING"
    ).bindparams(_WORKSPACE, bindparam("words", type_=Json)),
    "postgresql": text(
        "INSERT INTO search_words (workspace_id, word, task_id) "
        "VALUES (:workspace_id, unnest(string_to_array(:words, ' ')), "
        "unnest(CAST(string_to_array(:task_ids, ' ') AS uuid[]))) "
        "ON CONFLICT (workspace_id, word) DO NOTHING"
    ).bindparams(_WORKSPACE, bindparam("words", type_=Text), bindparam("task_ids", type_=Text)),
}

# Before tasks are purged, their words are assigned to other tasks that contain them. A foreign key
# deletes the remaining words with the tasks.
_LIST_OWNED_WORDS = {
    dialect: Query(
        WordRow,
        text(
            f"SELECT word FROM search_words WHERE workspace_id = :workspace_id AND task_id {is_one}"  # noqa: S608 - from below
        )
        .bindparams(_WORKSPACE, bindparam("ids", type_=ListOf(Id())))
        .columns(column("word", Text)),
    )
    for dialect, is_one in {
        "sqlite": "IN (SELECT value FROM json_each(:ids))",
        "postgresql": "= ANY(:ids)",
    }.items()
}
# Words per statement. On SQLite, each word takes 0.2 ms in the event loop.
HANDED_OVER_AT_ONCE = {"sqlite": 5, "postgresql": 500}
# PostgreSQL's index returns all tasks with a word, which are many for a frequent word. So frequent
# words are searched in the newest tasks first, which are read once for all words.
_HAND_OVER_WORDS: dict[str, Executable] = {
    "sqlite": text("""
        UPDATE search_words SET task_id = coalesce(
            (SELECT task_search.task_id FROM task_search WHERE task_search MATCH
                '(scope : ' || :scope || ') AND ({title tags description} : ' || word || ')'
                LIMIT 1),
            task_id)
        WHERE workspace_id = :workspace_id AND word IN (SELECT value FROM json_each(:words))
    """).bindparams(
        _WORKSPACE, bindparam("scope", type_=Text), bindparam("words", type_=ListOf(Text()))
    ),
    "postgresql": text("""
        WITH owned AS MATERIALIZED (SELECT unnest(CAST(:words AS text[])) AS word),
        newest AS MATERIALIZED (
            SELECT task_id, words FROM task_search
            WHERE workspace_id = :workspace_id ORDER BY task_id DESC LIMIT 200),
        frequent AS MATERIALIZED (
            SELECT DISTINCT ON (owned.word) owned.word, newest.task_id
            FROM newest CROSS JOIN unnest(newest.words) AS entry
            JOIN owned ON owned.word = entry.lexeme),
        heirs AS MATERIALIZED (
            SELECT word, task_id FROM frequent
            UNION ALL
            SELECT word, (
                SELECT CAST(max(CAST(task_id AS text)) AS uuid) FROM task_search
                WHERE workspace_id = :workspace_id
                    AND words @@ CAST(quote_literal(owned.word) AS tsquery))
            FROM owned WHERE word NOT IN (SELECT word FROM frequent))
        UPDATE search_words SET task_id = heirs.task_id FROM heirs
        WHERE search_words.workspace_id = :workspace_id AND search_words.word = ANY(:words)
            AND search_words.word = heirs.word AND heirs.task_id IS NOT NULL
    """).bindparams(_WORKSPACE, bindparam("words", type_=ListOf(Text()))),
}

# The typed words that are prefixes of a word of the workspace. For a prefix, the next word in order
# is less than the prefix followed by the last code point, which is in no word.
_LAST = "\U0010ffff"
_LIST_KNOWN = {
    "sqlite": (
        "SELECT typed.value AS word FROM json_each(:typed) AS typed "
        "WHERE ({next_word}) < typed.value || '{last}'"
    ),
    "postgresql": (
        "SELECT typed.value AS word FROM unnest(CAST(:typed AS text[])) AS typed (value) "
        "WHERE ({next_word}) < typed.value || '{last}'"
    ),
}
_NEXT_WORD = (
    "SELECT word FROM search_words WHERE workspace_id = :workspace_id "
    "AND word >= typed.value ORDER BY word LIMIT 1"
)
LIST_KNOWN_WORDS = {
    dialect: Query(
        WordRow,
        text(sql.format(next_word=_NEXT_WORD, last=_LAST))
        .bindparams(_WORKSPACE, bindparam("typed", type_=ListOf(Text())))
        .columns(column("word", Text)),
    )
    for dialect, sql in _LIST_KNOWN.items()
}

# The words that have one of these deletion keys.
_HAS_KEY = {
    "sqlite": "key IN (SELECT value FROM json_each(:keys))",
    "postgresql": "key = ANY(:keys)",
}
LIST_CANDIDATES = {
    dialect: Query(
        WordRow,
        text(
            "SELECT DISTINCT word FROM search_word_keys "  # noqa: S608 - from above
            f"WHERE workspace_id = :workspace_id AND {sql} LIMIT {_MAX_CANDIDATES}"
        )
        .bindparams(_WORKSPACE, bindparam("keys", type_=ListOf(Text())))
        .columns(column("word", Text)),
    )
    for dialect, sql in _HAS_KEY.items()
}


def get_add_statement(dialect: str) -> Executable:
    """Return the statement that adds words to the vocabulary of a workspace.

    Words that the vocabulary already contains are unchanged.
    """
    return _ADD_WORDS[dialect]


def build_words(dialect: str, workspace_id: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Build the parameters of :func:`get_add_statement`.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        workspace_id: the workspace.
        words: the words, each with the id of a task that contains it.
    """
    if dialect == "sqlite":
        return {"workspace_id": workspace_id, "words": words}
    return {
        "workspace_id": workspace_id,
        "words": " ".join(words),
        "task_ids": " ".join(words.values()),
    }


def get_owned_words_query(dialect: str) -> Query[WordRow]:
    """Return the query for the words of tasks that are about to be deleted.

    Its parameters are ``workspace_id`` and ``ids``.
    """
    return _LIST_OWNED_WORDS[dialect]


def get_hand_over_statement(dialect: str) -> Executable:
    """Return the statement that assigns words to other tasks that contain them.

    Its parameters are ``workspace_id``, ``scope`` (see ``search.make_scope``) and ``words``.
    """
    return _HAND_OVER_WORDS[dialect]
