"""Task statistics: the read and its cache key. ``queries/tasks/statistics.py`` describes them."""

from datetime import datetime
from functools import partial
from typing import Any

from taskstead.domain.principal import Principal
from taskstead.queries.tasks.statistics import get_statistics
from taskstead.schemas.tasks.statistics import StatisticsQuery
from taskstead.services.content_reader import ContentReader, PreparedRead


def prepare_statistics(
    content: ContentReader, principal: Principal, query: StatisticsQuery, *, now: datetime
) -> PreparedRead[dict[str, Any]]:
    """Prepare the read of statistics; see :func:`read_statistics`.

    The statistics use the start of the current minute. With the exact time, each request would have
    another cache key.
    """
    minute = now.replace(second=0, microsecond=0)
    filters = query.model_dump(exclude_none=True)
    key = ("stats", filters, principal.user_id, principal.time_zone, minute)
    return PreparedRead(key, partial(read_statistics, content, principal, query, now=minute))


async def read_statistics(
    content: ContentReader, principal: Principal, query: StatisticsQuery, *, now: datetime
) -> dict[str, Any]:
    """Return the statistics as JSON data of ``schemas.tasks.statistics.Statistics``.

    Args:
        content: the reader of workspace content.
        principal: the principal, with the workspace and the default time zone.
        query: the filter and the range of days.
        now: the current time, which defines "today" and "overdue".

    Raises:
        ValidationFailedError: the range of days is invalid.
    """
    read = partial(get_statistics, principal=principal, query=query, now=now)
    return await content.read(principal, read, is_long=True)
