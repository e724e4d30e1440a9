"""The full-text index of tasks in both dialects: FTS5 on SQLite, a tsvector on PostgreSQL.

The words come ready-made from ``schemas.search``: of ASCII they have letters and digits only, so
nothing here needs escaping, and both databases take the rest byte by byte (the tokenizer of FTS5 is
``ascii``). The index table is ``task_search``, made by the migrations; it is not in the metadata,
since its columns differ.
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

from taskstead.db.types import Id

# Between two fields and two tags, so that no phrase reaches from one into the next.
_GAP = 100
# Of a character that no word has, so that no search finds it as one, or as the beginning of one.
_SEPARATOR = "\N{PILCROW SIGN}"
_LAST_POSITION = 16383
# PostgreSQL takes 2**20 bytes of words and their positions, six bytes a word at most.
_MOST_BYTES = 1_000_000
_POSITION_BYTES = 6
# So few words, of sixty characters at most, cannot be too much even beside a hundred tags.
_FEW_WORDS = 2_000

FIELDS = ("title", "tags", "description")
_WEIGHTS = {"title": "A", "tags": "B", "description": "D"}


class Phrase(Protocol):
    """Words that follow one another; with ``is_prefix`` the last is the beginning of one."""

    @property
    def words(self) -> tuple[str, ...]:
        """One or more words."""

    @property
    def is_prefix(self) -> bool:
        """Whether the last word may go on."""

    @property
    def near(self) -> tuple[str, ...]:
        """Words, any of which will do as well: corrections of a misspelt word."""


class matches(ColumnElement[bool]):  # noqa: N801 - reads like the SQL operator it stands for
    """True where the task is found by the search in the parameter ``name``.

    Args:
        task_id: the column with the task's id.
        name: the parameter; its value is made by :func:`render_search`.
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
    wanted: Sequence[Phrase],
    unwanted: Sequence[Phrase],
    fields: Sequence[str] = FIELDS,
) -> str:
    """Render a search in the notation of the dialect.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        workspace_id: where to search; part of the search on SQLite.
        wanted: all of these, each in any of the fields.
        unwanted: none of these, in any field at all.
        fields: where the wanted may stand.
    """
    if dialect == "postgresql":
        weights = "".join(_WEIGHTS[field] for field in fields)
        parts = [_render_tsquery(phrase, weights) for phrase in wanted]
        parts += [f"!{_render_tsquery(phrase, '')}" for phrase in unwanted]
        return " & ".join(parts)
    search = f"scope : {make_scope(workspace_id)}"
    if wanted:
        phrases = " AND ".join(_render_fts5(phrase) for phrase in wanted)
        search = f"({search}) AND ({{{' '.join(fields)}}} : ({phrases}))"
    if unwanted:
        phrases = " OR ".join(_render_fts5(phrase) for phrase in unwanted)
        search = f"({search}) NOT ({{{' '.join(FIELDS)}}} : ({phrases}))"
    return search


def _render_tsquery(phrase: Phrase, weights: str) -> str:
    *first, last = phrase.words
    mark = f":{'*' if phrase.is_prefix else ''}{weights}"
    words = [*(f"'{word}':{weights}" for word in first), f"'{last}'{mark}"]
    found = " <-> ".join(word.removesuffix(":") for word in words)
    near = (f"'{word}':{weights}" for word in phrase.near)
    return "(" + " | ".join([found, *near]) + ")"


def _render_fts5(phrase: Phrase) -> str:
    found = f'"{" ".join(phrase.words)}"' + (" *" if phrase.is_prefix else "")
    if not phrase.near:
        return found
    return "(" + " OR ".join([found, *(f'"{word}"' for word in phrase.near)]) + ")"


def make_scope(workspace_id: str) -> str:
    """Return the word by which FTS5 finds the documents of a workspace."""
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
_FORGET_DOCUMENT: dict[str, Executable] = {
    "sqlite": text("DELETE FROM task_search WHERE rowid = :row"),
    "postgresql": text(
        "DELETE FROM task_search WHERE workspace_id = :workspace_id AND task_id = :task_id"
    ).bindparams(bindparam("workspace_id", type_=Id), bindparam("task_id", type_=Id)),
}


def get_index_statement(dialect: str) -> Executable:
    """Return the statement that puts a document of :func:`build_document` into the index."""
    return _INDEX_DOCUMENT[dialect]


def get_forget_statement(dialect: str) -> Executable:
    """Return the statement that takes a document of :func:`build_document` out of the index."""
    return _FORGET_DOCUMENT[dialect]


def build_document(
    dialect: str,
    workspace_id: str,
    task_id: str,
    *,
    title: Sequence[str],
    tags: Sequence[Sequence[str]],
    description: Sequence[str],
) -> dict[str, Any]:
    """Build the parameters of the two statements above from a task's words.

    Args:
        dialect: ``sqlite`` or ``postgresql``.
        workspace_id: the workspace.
        task_id: the task.
        title: the words of the title, in order.
        tags: the words of each tag.
        description: the words of the description, in order. Those at the end of a very long one,
            in letters of many bytes, are left out in both dialects where PostgreSQL has no room.
    """
    if len(description) > _FEW_WORDS:
        room = _MOST_BYTES - sum(_list_sizes(itertools.chain(title, *tags)))
        sizes = itertools.accumulate(_list_sizes(description))
        description = description[: bisect.bisect(list(sizes), room)]
    if dialect == "postgresql":
        words: list[str] = []
        position = 1
        fields = [("title", title), *(("tags", tag) for tag in tags), ("description", description)]
        for field, found in fields:
            weight = _WEIGHTS[field]
            for offset, word in enumerate(found):
                words.append(f"'{word}':{min(position + offset, _LAST_POSITION)}{weight}")
            position += len(found) + _GAP
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
    """Return how many bytes each word takes in the index of PostgreSQL."""
    return (len(word.encode()) + _POSITION_BYTES for word in words)


def _make_row_number(workspace_id: str, task_id: str) -> int:
    """Return the number that FTS5 knows a task's document by: 63 bits of a hash of its key.

    FTS5 finds a document by its row number only, and the rows of ``tasks`` have none that lasts.
    """
    digest = hashlib.blake2b(f"{workspace_id}{task_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


# Tasks that are not in the index, and documents that are of no task.
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
# On PostgreSQL there are none: a foreign key sees to that.
DELETE_ORPHANS = {
    "sqlite": text(
        "DELETE FROM task_search WHERE rowid IN "  # noqa: S608 - from above
        f"(SELECT rowid {_ORPHANS['sqlite']} LIMIT 1000)"
    ),
    "postgresql": text(f"DELETE {_ORPHANS['postgresql']}"),
}
