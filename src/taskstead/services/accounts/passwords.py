"""Password hashing with Argon2id (RFC 9106), and the check for weak passwords.

Hashes are computed in threads. The number of concurrent computations is limited.
"""

import asyncio
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from taskstead.config.settings import Settings
from taskstead.errors import FieldError, ValidationFailedError


class Passwords:
    """Hashes and verifies passwords. The settings define the cost of a hash.

    Hashes are expensive on purpose. A semaphore limits the number of concurrent computations, so
    that many simultaneous logins do not exhaust memory and CPU.
    """

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHash(
            (
                Argon2Hasher(
                    time_cost=settings.password_hash_time_cost,
                    memory_cost=settings.password_hash_memory_kib,
                    parallelism=1,
                ),
            )
        )
        self._semaphore = asyncio.Semaphore(settings.password_hash_concurrency)
        self._dummy_hash: str | None = None

    async def hash_password(self, password: str) -> str:
        """Return the hash in PHC string format."""
        async with self._semaphore:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_correct(self, password: str, hashed: str | None) -> bool:
        """Return whether the password matches the hash.

        Without a hash, return False after the same time, because the duration of a login must not
        reveal whether an account exists.
        """
        if hashed is None:
            if self._dummy_hash is None:
                # Computing a hash takes as long as verifying one.
                self._dummy_hash = await self.hash_password("password of no account")
            else:
                await self._verify(password, self._dummy_hash)
            return False
        return await self._verify(password, hashed)

    async def _verify(self, password: str, hashed: str) -> bool:
        async with self._semaphore:
            return await asyncio.to_thread(self._hasher.verify, password, hashed)


@cache
def _get_common_passwords() -> frozenset[str]:
    # Imported at the first use, because the list is large and most processes never need it.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(FREQUENCY_LISTS["passwords"])


async def check_new_password(password: str, email: str, *, pointer: str = "/password") -> None:
    """Reject a password that is easy to guess (NIST SP 800-63B, 5.1.1.2).

    Raises:
        ValidationFailedError: the password is common, has fewer than four different characters, or
            is the e-mail address or the part before its ``@``.
    """
    common = await asyncio.to_thread(_get_common_passwords)
    plain = password.lower()
    if plain in common or plain.strip("0123456789!?.") in common:
        message = "This password is among the most common ones; choose another."
    elif len(set(plain)) < 4:
        message = "This password has too few different characters; choose another."
    elif plain in (email, email.partition("@")[0]):
        message = "The password must not be the e-mail address; choose another."
    else:
        return
    raise ValidationFailedError(message, errors=[FieldError(pointer, message, "weak_password")])
