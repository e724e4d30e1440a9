"""How passwords are hashed: beside the event loop, a bounded number at once."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from argon2.low_level import hash_secret, verify_secret

from taskstead.services.passwords import Passwords
from taskstead.settings import Settings

MANY = 6
HASH, VERIFY = hash_secret.__name__, verify_secret.__name__


def list_hashing_threads() -> dict[int, str]:
    """Return the threads that are in Argon2 now, and whether each is there to hash or to verify."""
    frames = sys._current_frames()  # noqa: SLF001 - documented, despite its name
    names = {thread: frame.f_code.co_name for thread, frame in frames.items()}
    return {thread: name for thread, name in names.items() if name in (HASH, VERIFY)}


async def watch(*work: Coroutine[Any, Any, Any]) -> list[dict[int, str]]:
    """Do all of it at once; return what was hashing each time the event loop came round."""
    tasks = [asyncio.create_task(each) for each in work]
    seen = []
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0.001)
        seen.append(list_hashing_threads())
    await asyncio.gather(*tasks)
    return [hashing for hashing in seen if hashing]


async def test_so_many_are_hashed_at_once_and_never_in_the_loop() -> None:
    settings = Settings(
        password_hash_memory_kib=16384, password_hash_time_cost=2, password_hash_concurrency=2
    )
    passwords = Passwords(settings)
    hashed = await passwords.hash_password("some password")
    # What ran in the event loop itself would never be seen from it.
    hashing = await watch(*(passwords.hash_password("another password") for _ in range(MANY)))
    assert max(len(threads) for threads in hashing) == 2
    checking = await watch(*(passwords.is_correct("some password", hashed) for _ in range(MANY)))
    assert max(len(threads) for threads in checking) == 2


async def test_the_first_account_that_is_not_there_takes_no_longer_than_others() -> None:
    passwords = Passwords(Settings(password_hash_memory_kib=16384, password_hash_time_cost=2))
    for wanted in (HASH, VERIFY, VERIFY):
        seen = await watch(passwords.is_correct("some password", None))
        assert {name for hashing in seen for name in hashing.values()} == {wanted}
