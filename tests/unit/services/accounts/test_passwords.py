"""Password hashing: in threads, with a limited number at once."""

import asyncio

from taskstead.config.settings import Settings
from taskstead.services.accounts.passwords import Passwords
from tests.harness.hashing import HASH, VERIFY, watching_argon2

MANY = 6


async def test_hashing_is_limited_and_never_in_the_event_loop() -> None:
    settings = Settings(
        password_hash_memory_kib=16384, password_hash_time_cost=2, password_hash_concurrency=2
    )
    passwords = Passwords(settings)
    # A call in the event loop's thread would not be observed.
    with watching_argon2() as hashing:
        hashed = await passwords.hash_password("some password")
        hashing.begin(together=2)
        await asyncio.gather(*(passwords.hash_password("another") for _ in range(MANY)))
        assert (len(hashing.runs), hashing.most) == (MANY, 2)
        hashing.begin(together=2)
        await asyncio.gather(*(passwords.is_correct("some password", hashed) for _ in range(MANY)))
        assert (len(hashing.runs), hashing.most) == (MANY, 2)


async def test_first_login_of_unknown_account_hashes_like_others() -> None:
    passwords = Passwords(Settings(password_hash_memory_kib=64, password_hash_time_cost=2))
    with watching_argon2() as hashing:
        for wanted in (HASH, VERIFY, VERIFY):
            hashing.begin()
            assert not await passwords.is_correct("some password", None)
            assert hashing.runs == [(wanted, "m=64,t=2,p=1")]
