"""Doing something within one minute: answers that are relative to now are so to the minute."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from taskstead.http.caching import get_bucketed_now

Result = TypeVar("Result")


async def do_in_one_minute(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do some work, and once more where a minute has ended meanwhile."""
    while True:
        minute = get_bucketed_now()
        result = await work()
        if get_bucketed_now() == minute:
            return result
