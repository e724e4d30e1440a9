"""Test helper for cached responses that depend on the current minute."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from taskstead.clock import get_now

Result = TypeVar("Result")


async def do_in_one_minute(work: Callable[[], Awaitable[Result]]) -> Result:
    """Do some work within one minute. Repeat it if the minute ended during the work."""
    while True:
        minute = get_now().replace(second=0, microsecond=0)
        result = await work()
        if get_now().replace(second=0, microsecond=0) == minute:
            return result
