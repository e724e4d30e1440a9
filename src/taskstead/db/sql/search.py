"""Full-text index of tasks: FTS5 on SQLite, tsvector on PostgreSQL.

``domain.search_query`` splits text into words. The only ASCII characters in words are letters and
digits, so words need no escaping in queries. Both databases compare the other characters byte by
byte (FTS5 uses the tokenizer ``ascii``). Migrations create the index table ``task_search``. It is
not part of SQLAlchemy's metadata, because its columns differ between the dialects. A document is
the entry of one task in the index.
"""

import bisect
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from sqlalchemy import BigInteger, ColumnElement, Executable, bindparam, column, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean, Text

from taskstead.db.sql.types import Id

# Number of positions between two fields or two tags, so that a phrase cannot match across them.
_GAP = 100
# Word between two tags on SQLite. No search matches it, because no search word contains this
# character.
_SEPARATOR = "\N{PILCROW SIGN}"
# The highest position that a tsvector can store.
_LAST_POSITION = 16383
# PostgreSQL limits a tsvector to 2**20 bytes of words and positions. A position takes at most six
# bytes.
_MAX_VECTOR_BYTES = 1_000_000
_POSITION_BYTES = 6
# A description with fewer words than this always fits, even with a hundred tags, because a word has
# at most 60 characters.
_SAFE_WORD_COUNT = 2_000

FIELDS = ("title", "tags", "description")
_WEIGHTS = {"title": "A", "tags": "B", "description": "D"}


class Phrase(Protocol):
    """One or more consecutive words to search for. The last word may be a prefix."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words in order."""

    @property
    def is_prefix(self) -> bool:
        """Whether the last word is a prefix."""

    @property
    def corrections(self) -> tuple[str, ...]:
        """Alternatives to the phrase: corrections of a misspelt word."""


class matches(ColumnElement[bool]):  # noqa: N801 - reads like the SQL operator it stands for
    """Condition that the search in the parameter ``name`` matches a task.

    Args:
        task_id: the column with the task's id.
        name: the name of the parameter. Its value is the result of :func:`render_search`.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(self, task_id: ColumnElement[Any], name: str) -> None:
        self.task_id = task_id
        self.workspace_id = bindparam("workspace_id", type_=Id)
        self.search = bindparam(name, type_=Text)


@compiles(matches, "sqlite")
def _matches_on_sqlite(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    task_id = compiler.process(element.task_id, **kw)
    search = compiler.process(element.search, **kw)
    return f"{task_id} IN (SELECT task_id FROM task_search WHERE task_search MATCH {search})"  # noqa: S608


@compiles(matches, "postgresql")
def _matches_on_postgresql(element: matches, compiler: SQLCompiler, **kw: Any) -> str:
    task_id = compiler.process(element.task_id, **kw)
    workspace_id = compiler.process(element.workspace_id, **kw)
    search = compiler.process(element.search, **kw)
    return (
        f"{task_id} IN (SELECT task_id FROM task_search "  # noqa: S608 - compiled, not given
        f"WHERE workspace_id = {workspace_id} AND words @@ CAST({search} AS tsquery))"
    )


def render_search(
    dialect: str,
    workspace_id: str,
    *,
    required: Sequence[Phrase],
    excluded: Sequence[Phrase],
    fields: Sequence[str] = FIELDS,
) -> str:
    """Return a search in the query syntax of the dialect.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        workspace_id: the workspace to search. On SQLite it is part of the query.
        required: phrases that must all occur, each in any of ``fields``.
        excluded: phrases that must not occur in any field.
        fields: the fields in which to search for ``required``.
    """
    if dialect == "postgresql":
        weights = "".join(_WEIGHTS[field] for field in fields)
        parts = [_render_tsquery(phrase, weights) for phrase in required]
        parts += [f"!{_render_tsquery(phrase, '')}" for phrase in excluded]
        return " & ".join(parts)
    search = f"scope : {make_scope(workspace_id)}"
    if required:
        phrases = " AND ".join(_render_fts5(phrase) for phrase in required)
        search = f"({search}) AND ({{{' '.join(fields)}}} : ({phrases}))"
    if excluded:
        phrases = " OR ".join(_render_fts5(phrase) for phrase in excluded)
        search = f"({search}) NOT ({{{' '.join(FIELDS)}}} : ({phrases}))"
    return search


def _render_tsquery(phrase: Phrase, weights: str) -> str:
    *first, last = phrase.words
    mark = f":{'*' if phrase.is_prefix else ''}{weights}"
    words = [*(f"'{word}':{weights}" for word in first), f"'{last}'{mark}"]
    found = " <-> ".join(word.removesuffix(":") for word in words)
    corrections = (f"'{word}':{weights}" for word in phrase.corrections)
    return "(" + " | ".join([found, *corrections]) + ")"


def _render_fts5(phrase: Phrase) -> str:
    found = f'"{" ".join(phrase.words)}"' + (" *" if phrase.is_prefix else "")
    if not phrase.corrections:
        return found
    return "(" + " OR ".join([found, *(f'"{word}"' for word in phrase.corrections)]) + ")"


def make_scope(workspace_id: str) -> str:
    """Return the word that marks the documents of a workspace in the FTS5 index."""
    return "w" + workspace_id.replace("-", "")


_INDEX_DOCUMENT: dict[str, Executable] = {
    "sqlite": text(
        "INSERT OR REPLACE INTO task_search (rowid, task_id, scope, title, tags, description) "
        "VALUES (:row, :task_id, :scope, :title, :tags, :description)"
    ),
    "postgresql": text(
        "INSERT INTO task_search (workspace_id, task_id, words) "
        "VALUES (:workspace_id, :task_id, CAST(:words AS tsvector)) "
        "ON CONFLICT (workspace_id, task_id) DO UPDATE SET words = EXCLUDED.words"
    ).bindparams(
        bindparam("workspace_id", type_=Id),
        bindparam("task_id", type_=Id),
        bindparam("words", type_=Text),
    ),
}
_DELETE_DOCUMENT: dict[str, Executable] = {
    "sqlite": text("DELETE FROM task_search WHERE rowid = :row"),
    "postgresql": text(
        "DELETE FROM task_search WHERE workspace_id = :workspace_id AND task_id = :task_id"
    ).bindparams(bindparam("workspace_id", type_=Id), bindparam("task_id", type_=Id)),
}


def get_index_statement(dialect: str) -> Executable:
    """Return the statement that writes a document of :func:`build_document` to the index."""
    return _INDEX_DOCUMENT[dialect]


def get_forget_statement(dialect: str) -> Executable:
    """Return the statement that deletes a document of :func:`build_document` from the index."""
    return _DELETE_DOCUMENT[dialect]


def build_document(
    dialect: str,
    workspace_id: str,
    task_id: str,
    *,
    title: Sequence[str],
    tags: Sequence[Sequence[str]],
    description: Sequence[str],
) -> dict[str, Any]:
    """Build the parameters of the statements that write and delete a document.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        workspace_id: the workspace.
        task_id: the task.
        title: the words of the title, in order.
        tags: the words of each tag.
        description: the words of the description, in order. If the document would exceed
            PostgreSQL's size limit, the last words are omitted in both dialects.
    """
    if len(description) > _SAFE_WORD_COUNT:
        max_bytes = _MAX_VECTOR_BYTES - sum(_list_sizes(itertools.chain(title, *tags)))
        sizes = itertools.accumulate(_list_sizes(description))
        description = description[: bisect.bisect(list(sizes), max_bytes)]
    if dialect == "postgresql":
        words: list[str] = []
        position = 1
        fields = [("title", title), *(("tags", tag) for tag in tags), ("description", description)]
        for field, field_words in fields:
            weight = _WEIGHTS[field]
            for offset, word in enumerate(field_words):
                words.append(f"'{word}':{min(position + offset, _LAST_POSITION)}{weight}")
            position += len(field_words) + _GAP
        return {"workspace_id": workspace_id, "task_id": task_id, "words": " ".join(words)}
    return {
        "row": _make_row_number(workspace_id, task_id),
        "task_id": task_id,
        "scope": make_scope(workspace_id),
        "title": " ".join(title),
        "tags": f" {_SEPARATOR} ".join(" ".join(tag) for tag in tags),
        "description": " ".join(description),
    }


def _list_sizes(words: Iterable[str]) -> Iterator[int]:
    """Return the size of each word in a tsvector, in bytes."""
    return (len(word.encode()) + _POSITION_BYTES for word in words)


def _make_row_number(workspace_id: str, task_id: str) -> int:
    """Return the FTS5 row number of a task's document: 63 bits of a hash of the task's key.

    FTS5 can find a document only by its row number. The row numbers of the table ``tasks`` cannot
    be used, because they may change.
    """
    digest = hashlib.blake2b(f"{workspace_id}{task_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


# Integrity checks: tasks without a document in the index, and documents without a task.
_COUNT_MISSING = {
    "sqlite": (
        "SELECT count(*) AS count FROM tasks WHERE "
        "'w' || replace(workspace_id, '-', '') || id NOT IN "
        "(SELECT scope || task_id FROM task_search)"
    ),
    "postgresql": (
        "SELECT count(*) AS count FROM tasks WHERE NOT EXISTS (SELECT FROM task_search "
        "WHERE task_search.workspace_id = tasks.workspace_id AND task_search.task_id = tasks.id)"
    ),
}
_ORPHANS = {
    "sqlite": (
        "FROM task_search WHERE scope || task_id NOT IN "
        "(SELECT 'w' || replace(workspace_id, '-', '') || id FROM tasks)"
    ),
    "postgresql": (
        "FROM task_search WHERE NOT EXISTS (SELECT FROM tasks "
        "WHERE tasks.workspace_id = task_search.workspace_id AND tasks.id = task_search.task_id)"
    ),
}
COUNT_MISSING = {
    dialect: text(sql).columns(column("count", BigInteger))
    for dialect, sql in _COUNT_MISSING.items()
}
COUNT_ORPHANS = {
    dialect: text(f"SELECT count(*) AS count {sql}").columns(column("count", BigInteger))
    for dialect, sql in _ORPHANS.items()
}
# On PostgreSQL a foreign key prevents orphans.
DELETE_ORPHANS = {
    "sqlite": text(
        "DELETE FROM task_search WHERE rowid IN "  # noqa: S608 - from above
        f"(SELECT rowid {_ORPHANS['sqlite']} LIMIT 1000)"
    ),
    "postgresql": text(f"DELETE {_ORPHANS['postgresql']}"),
}
