"""Full-text search of tasks: the condition, the sort order by relevance, and their parameters.

Relevance is 0 if all terms are in the title, 1 if they are in the title and tags, and 2 otherwise.
It does not depend on other tasks, so a listing can be paginated by it.
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

# Maximum number of words of a search that are corrected.
_MAX_CORRECTED_WORDS = 5

MATCHES = matches(tasks.c.id, "search")
RELEVANCE = case(
    (matches(tasks.c.id, "search_title"), 0), (matches(tasks.c.id, "search_near"), 1), else_=2
)


async def find_near_words(
    reader: Reader, dialect: str, workspace_id: str, text: str
) -> dict[str, list[str]]:
    """Return spelling corrections, from the workspace's vocabulary, for words of a search.

    A word is considered misspelt if no word of the vocabulary begins with it.
    """
    typed = list_typed_words(parse_search(text))[:_MAX_CORRECTED_WORDS]
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
    """Return the parameters of ``MATCHES`` and ``RELEVANCE``; None if the text has no words.

    Args:
        dialect: the database's dialect.
        workspace_id: the workspace's id.
        text: the search text.
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
