"""Full-text search of tasks: the condition, the sort order by relevance, and their parameters.

Relevance is 0 if all terms are in the title, 1 if all are in the title or the tags, and 2
otherwise. It does not depend on other tasks, so keyset pagination works with it. The vocabulary of
a workspace (``db/sql/vocabulary.py``) has the words of its tasks, for spelling corrections.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case

from taskstead.db.database import Reader
from taskstead.db.sql.search import matches, render_search
from taskstead.db.sql.vocabulary import LIST_CANDIDATES, LIST_KNOWN_WORDS
from taskstead.domain.search_query import add_corrections, list_correctable_words, parse_search
from taskstead.domain.spelling import choose_corrections, list_keys
from taskstead.tables.tasks import tasks

# Maximum number of words in a search text that are corrected. Each needs one query.
_MAX_CORRECTED_WORDS = 5

MATCHES = matches(tasks.c.id, "search")
RELEVANCE = case(
    (matches(tasks.c.id, "search_title"), 0), (matches(tasks.c.id, "search_title_tags"), 1), else_=2
)


async def find_corrections(
    reader: Reader, dialect: str, workspace_id: str, text: str
) -> dict[str, list[str]]:
    """Return spelling corrections for the misspelt words of a search text.

    A word counts as misspelt if no word of the workspace's vocabulary begins with it.
    """
    typed = list_correctable_words(parse_search(text))[:_MAX_CORRECTED_WORDS]
    if not typed:
        return {}
    values = {"workspace_id": workspace_id, "typed": typed}
    known_words = {row["word"] for row in await reader.fetch_all(LIST_KNOWN_WORDS[dialect], values)}
    corrected: dict[str, list[str]] = {}
    for word in typed:
        if word not in known_words:
            values = {"workspace_id": workspace_id, "keys": sorted(list_keys(word))}
            rows = await reader.fetch_all(LIST_CANDIDATES[dialect], values)
            corrections = choose_corrections(word, [row["word"] for row in rows])
            if corrections:
                corrected[word] = corrections
    return corrected


def build_search_values(
    dialect: str, workspace_id: str, text: str, corrections: Mapping[str, Sequence[str]]
) -> dict[str, Any] | None:
    """Return the parameters of ``MATCHES`` and ``RELEVANCE``; None if the text has no words.

    Args:
        dialect: the database's dialect.
        workspace_id: the workspace's id.
        text: the search text.
        corrections: spelling corrections by word; see :func:`find_corrections`.
    """
    terms = add_corrections(parse_search(text), corrections)
    if not terms.required and not terms.excluded:
        return None
    searched_fields = {"search_title": ("title",), "search_title_tags": ("title", "tags")}
    values = {
        name: render_search(
            dialect, workspace_id, required=terms.required, excluded=terms.excluded, fields=fields
        )
        for name, fields in searched_fields.items()
    }
    values["search"] = render_search(
        dialect, workspace_id, required=terms.required, excluded=terms.excluded
    )
    return values
