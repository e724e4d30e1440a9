"""Searching tasks: the condition, the order by relevance, and their parameters.

How relevant a task is does not depend on the others, so that an order by it can be paged: 0 when
all that is wanted stands in the title, 1 when in title and tags, 2 otherwise.
"""

from typing import Any

from sqlalchemy import case

from taskstead.db.search import matches, render_search
from taskstead.schemas.search import parse_search
from taskstead.tables.tasks import tasks

MATCHES = matches(tasks.c.id, "search")
RELEVANCE = case(
    (matches(tasks.c.id, "search_title"), 0), (matches(tasks.c.id, "search_near"), 1), else_=2
)


def build_search_values(dialect: str, workspace_id: str, text: str) -> dict[str, Any] | None:
    """Return the parameters of the two expressions above; None for a text without any word."""
    terms = parse_search(text)
    if not terms.wanted and not terms.unwanted:
        return None
    near = {"search_title": ("title",), "search_near": ("title", "tags")}
    values = {
        name: render_search(
            dialect, workspace_id, wanted=terms.wanted, unwanted=terms.unwanted, fields=fields
        )
        for name, fields in near.items()
    }
    values["search"] = render_search(
        dialect, workspace_id, wanted=terms.wanted, unwanted=terms.unwanted
    )
    return values
