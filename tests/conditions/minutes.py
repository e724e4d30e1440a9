"""Test helper for cached responses that depend on the current minute."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from taskstead.http.responses.response_cache import get_current_minute

Result = TypeVar("Result")


async def do_in_one_minute(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do some work within one minute. Repeat it if the minute ended during the work."""
    while True:
        minute = get_current_minute()
        result = await work()
        if get_current_minute() == minute:
            return result
