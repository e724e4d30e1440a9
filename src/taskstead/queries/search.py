"""Searching tasks: the condition, the order by relevance, and their parameters.

How relevant a task is does not depend on the others, so that an order by it can be paged: 0 when
all that is wanted stands in the title, 1 when in title and tags, 2 otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case

from taskstead.db.database import Reader
from taskstead.db.search import HAS_SIMILARITY, LIST_SIMILAR_WORDS, matches, render_search
from taskstead.schemas.search import list_typed_words, parse_search, replace_words
from taskstead.tables.tasks import tasks

_MOST_NEAR_WORDS = 5

MATCHES = matches(tasks.c.id, "search")
RELEVANCE = case(
    (matches(tasks.c.id, "search_title"), 0), (matches(tasks.c.id, "search_near"), 1), else_=2
)


async def find_near_words(
    reader: Reader, dialect: str, workspace_id: str, text: str
) -> dict[str, list[str]]:
    """Return for the words of a search that no task has those that are most like them.

    Nothing where the database cannot compare words: on SQLite, or without pg_trgm.
    """
    words = list_typed_words(parse_search(text))
    if dialect != "postgresql" or not words:
        return {}
    if await reader.fetch_one(HAS_SIMILARITY, {}) is None:
        return {}
    parameters = {"words": words, "workspace_id": workspace_id}
    found: dict[str, list[str]] = {}
    for row in await reader.fetch_all(LIST_SIMILAR_WORDS, parameters):
        near = found.setdefault(row["typed"], [])
        if len(near) < _MOST_NEAR_WORDS:
            near.append(row["found"])
    return found


def build_search_values(
    dialect: str, workspace_id: str, text: str, near: Mapping[str, Sequence[str]]
) -> dict[str, Any] | None:
    """Return the parameters of the two expressions above; None for a text without any word.

    Args:
        dialect: of the database.
        workspace_id: where to search.
        text: the search.
        near: words to take for others, see :func:`find_near_words`.
    """
    terms = replace_words(parse_search(text), near)
    if not terms.wanted and not terms.unwanted:
        return None
    fields_near = {"search_title": ("title",), "search_near": ("title", "tags")}
    values = {
        name: render_search(
            dialect, workspace_id, wanted=terms.wanted, unwanted=terms.unwanted, fields=fields
        )
        for name, fields in fields_near.items()
    }
    values["search"] = render_search(
        dialect, workspace_id, wanted=terms.wanted, unwanted=terms.unwanted
    )
    return values
