"""Searching tasks: the condition, the order by relevance, and their parameters.

How relevant a task is does not depend on the others, so that an order by it can be paged: 0 when
all that is wanted stands in the title, 1 when in title and tags, 2 otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case

from taskstead.db.database import Reader
from taskstead.db.search import matches, render_search
from taskstead.db.vocabulary import LIST_CANDIDATES, LIST_KNOWN_WORDS
from taskstead.schemas.search import add_near_words, list_typed_words, parse_search
from taskstead.schemas.spelling import choose_corrections, list_keys
from taskstead.tables.tasks import tasks

# So many words of a search are corrected at most.
_MOST_TYPED_WORDS = 5

MATCHES = matches(tasks.c.id, "search")
RELEVANCE = case(
    (matches(tasks.c.id, "search_title"), 0), (matches(tasks.c.id, "search_near"), 1), else_=2
)


async def find_near_words(
    reader: Reader, dialect: str, workspace_id: str, text: str
) -> dict[str, list[str]]:
    """Return for the misspelt words of a search the words of the workspace that they may mean.

    A word is taken for misspelt when no word in the vocabulary begins with it.
    """
    typed = list_typed_words(parse_search(text))[:_MOST_TYPED_WORDS]
    if not typed:
        return {}
    values = {"workspace_id": workspace_id, "typed": typed}
    known = {row["word"] for row in await reader.fetch_all(LIST_KNOWN_WORDS[dialect], values)}
    found: dict[str, list[str]] = {}
    for word in typed:
        if word not in known:
            values = {"workspace_id": workspace_id, "keys": sorted(list_keys(word))}
            rows = await reader.fetch_all(LIST_CANDIDATES[dialect], values)
            corrections = choose_corrections(word, [row["word"] for row in rows])
            if corrections:
                found[word] = corrections
    return found


def build_search_values(
    dialect: str, workspace_id: str, text: str, near: Mapping[str, Sequence[str]]
) -> dict[str, Any] | None:
    """Return the parameters of the two expressions above; None for a text without any word.

    Args:
        dialect: of the database.
        workspace_id: where to search.
        text: the search.
        near: corrections of misspelt words, see :func:`find_near_words`.
    """
    terms = add_near_words(parse_search(text), near)
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
