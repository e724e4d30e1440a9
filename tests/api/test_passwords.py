"""How passwords are hashed: beside the event loop, a bounded number at once."""

import asyncio

from taskstead.services.passwords import Passwords
from taskstead.settings import Settings
from tests.api.hashing import HASH, VERIFY, watching_argon2

MANY = 6


async def test_so_many_are_hashed_at_once_and_never_in_the_loop() -> None:
    settings = Settings(
        password_hash_memory_kib=16384, password_hash_time_cost=2, password_hash_concurrency=2
    )
    passwords = Passwords(settings)
    # What ran in the event loop itself would not be seen.
    with watching_argon2() as hashing:
        hashed = await passwords.hash_password("some password")
        hashing.begin(together=2)
        await asyncio.gather(*(passwords.hash_password("another") for _ in range(MANY)))
        assert (len(hashing.runs), hashing.most) == (MANY, 2)
        hashing.begin(together=2)
        await asyncio.gather(*(passwords.is_correct("some password", hashed) for _ in range(MANY)))
        assert (len(hashing.runs), hashing.most) == (MANY, 2)


async def test_the_first_account_that_is_not_there_takes_no_longer_than_others() -> None:
    passwords = Passwords(Settings(password_hash_memory_kib=64, password_hash_time_cost=2))
    with watching_argon2() as hashing:
        for wanted in (HASH, VERIFY, VERIFY):
            hashing.begin()
            assert not await passwords.is_correct("some password", None)
            assert hashing.runs == [(wanted, "m=64,t=2,p=1")]
