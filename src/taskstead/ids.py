"""Row ids (UUIDv7), task numbers and secret tokens: generation, parsing, hashing and comparison.

In Python and in the API, an id is text in the canonical lower-case form of RFC 9562, section 4.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
import time
import uuid

# UUIDs that sort before and after every id. PostgreSQL compares an id only with a valid UUID.
BEFORE_ALL_IDS = "00000000-0000-0000-0000-000000000000"
AFTER_ALL_IDS = "ffffffff-ffff-ffff-ffff-ffffffffffff"

_COUNTER_BITS = 12
_RANDOM_BITS = 62
_UUID = re.compile("[0-9a-fA-F]{8}(-?)(?:[0-9a-fA-F]{4}\\1){3}[0-9a-fA-F]{12}")
_TASK_NUMBER = re.compile(r"[1-9][0-9]{0,17}\Z")


class _Uuid7Source:
    """Generator of UUIDv7 ids whose 12 bits after the milliseconds are a counter.

    This is method 1 of RFC 9562, section 6.2. The ids of one process are strictly increasing, even
    within a millisecond or when the clock steps back. Rows that are created together are therefore
    adjacent in an index.
    """

    def __init__(self) -> None:
        self._last = 0

    def make(self) -> str:
        tick = (time.time_ns() // 1_000_000) << _COUNTER_BITS
        # A counter overflow increments the milliseconds, which RFC 9562 allows.
        self._last = tick = max(tick, self._last + 1)
        milliseconds = tick >> _COUNTER_BITS
        counter = tick & ((1 << _COUNTER_BITS) - 1)
        tail = int.from_bytes(os.urandom(8), "big") >> 2
        value = f"{milliseconds:012x}7{counter:03x}{(0b10 << _RANDOM_BITS) | tail:016x}"
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


make_id = _Uuid7Source().make


def make_named_id(name: str) -> str:
    """Return an id that depends only on a name: a UUIDv8 from its SHA-256 (RFC 9562, 5.8)."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def parse_id(text: str) -> str:
    """Return the canonical form of a UUID of any version.

    Raises:
        ValueError: the text is not a UUID in the hyphenated or plain hexadecimal form.
    """
    # Check the form first, because uuid.UUID also accepts braces, "urn:uuid:", underscores and
    # non-ASCII digits.
    if not _UUID.fullmatch(text):
        raise ValueError("not a UUID")
    return str(uuid.UUID(text))


def find_id(text: str) -> str | None:
    """Return the canonical form of a UUID; None if the text is none. See :func:`parse_id`."""
    try:
        return parse_id(text)
    except ValueError:
        return None


def is_id(text: str) -> bool:
    """Return whether the text is a UUID in the hyphenated form, which ids have."""
    return "-" in text and _UUID.fullmatch(text) is not None


def parse_number(text: str) -> int | None:
    """Parse a task number; return None if the text is not one."""
    return int(text) if _TASK_NUMBER.match(text) else None


def make_secret(prefix: str) -> str:
    """Create a token: the prefix and 256 random bits in unpadded base64url (RFC 4648)."""
    return prefix + secrets.token_urlsafe(32)


def make_key() -> bytes:
    """Return 256 random bits for use as an HMAC key."""
    return secrets.token_bytes(32)


def derive_secret(prefix: str, key: bytes, token: str) -> str:
    """Derive a token from another token by HMAC-SHA256, in the format of :func:`make_secret`.

    The same arguments always return the same token. The prefix is part of the message, so tokens
    of different kinds derived from one token are unrelated.
    """
    message = f"{prefix}\0{token}".encode("utf-8", "surrogatepass")
    digest = hmac.digest(key, message, "sha256")
    return prefix + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def hash_secret(token: str) -> bytes:
    """Return the SHA-256 of a token, 32 bytes. The database stores only this hash.

    A fast unsalted hash is sufficient because a token with 256 random bits cannot be guessed.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def is_same_secret(one: str, other: str) -> bool:
    """Return whether two secrets are equal, in constant time."""
    return hmac.compare_digest(hash_secret(one), hash_secret(other))
