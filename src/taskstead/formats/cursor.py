"""Cursors: the opaque text with which a client continues a listing.

A cursor encodes the sort key of the last row of a page. The next page begins after that key.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from taskstead.errors import FieldError, ValidationFailedError
from taskstead.ids import AFTER_ALL_IDS, BEFORE_ALL_IDS, parse_id

Row = TypeVar("Row")
Value = TypeVar("Value")

MAX_INT64 = 2**63 - 1
# The start of a listing in descending order of time.
AFTER_ALL_TIMES = "9999-12-31T23:59:59.999999Z"


class Page(NamedTuple, Generic[Row]):
    """One page of a listing.

    Attributes:
        rows: the rows of the page.
        next_cursor: the cursor of the next page; None on the last page.
    """

    rows: Sequence[Row]
    next_cursor: str | None


def make_page(
    listing: str,
    rows: Sequence[Row],
    limit: int,
    get_key: Callable[[Row], tuple[str | int, ...]],
) -> Page[Row]:
    """Return a page.

    Args:
        listing: the name of the listing, as for :func:`decode_cursor`.
        rows: the rows of the page, and one more if there is a next page.
        limit: the page size.
        get_key: returns the cursor key of a row.
    """
    if len(rows) <= limit:
        return Page(rows, None)
    return Page(rows[:limit], encode_cursor(listing, *get_key(rows[limit - 1])))


def encode_text(value: Any) -> str:
    """Return a value as text for URLs: JSON in unpadded base64url (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


def decode_text(text: str, type_: type[Value]) -> Value:
    """Return the value in a text made by :func:`encode_text`.

    Raises:
        ValueError: the text is not such a text, or its value has another type.
    """
    data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    try:
        return msgspec.json.decode(data, type=type_)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error


def _make_checksum(listing: str, key: Sequence[Any]) -> str:
    """Return a checksum of a key and the name of its listing.

    It detects cursors of other listings and accidental modifications. It contains no secret, so a
    client can forge it.
    """
    return hashlib.blake2b(msgspec.json.encode((listing, *key)), digest_size=6).hexdigest()


def encode_cursor(listing: str, *key: str | int) -> str:
    """Return the cursor that continues a listing after a key."""
    return encode_text((_make_checksum(listing, key), *key))


def _decode_checked_key(listing: str, cursor: str) -> list[Any]:
    """Return the key in a cursor; raise ValueError for an invalid cursor."""
    checksum, *key = decode_text(cursor, tuple)
    if checksum != _make_checksum(listing, key):
        raise ValueError("the cursor belongs to another listing or was modified")
    return key


def decode_cursor(
    listing: str, cursor: str | None, *first_key: str | int, parameter: str = "cursor"
) -> tuple[Any, ...]:
    """Return the key in a cursor after checking the types of its parts.

    Args:
        listing: the unique name of the listing.
        cursor: the client's cursor; None for the first page.
        first_key: the key to start from if there is no cursor. The parts of the cursor must have
            the same types.
        parameter: the name of the query parameter.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    if cursor is None:
        return first_key
    try:
        key = _decode_checked_key(listing, cursor)
        for part, first_part in zip(key, first_key, strict=True):
            _check_part(part, first_part)
    except ValueError:
        raise build_cursor_error(parameter) from None
    else:
        return tuple(key)


def build_cursor_error(parameter: str = "cursor") -> ValidationFailedError:
    """Return the error for an invalid cursor."""
    message = f"The {parameter} is invalid for this listing. Repeat the request without it."
    return ValidationFailedError(
        message, errors=[FieldError(f"query/{parameter}", message, "cursor")]
    )


def parse_time(text: str) -> datetime:
    """Return the time in a cursor, in UTC.

    Raises:
        ValueError: the text is not a time with an offset, or it is out of range.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a time without offset in a cursor")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _check_part(part: object, first_part: str | int) -> None:
    """Raise ValueError for a part that the database would reject.

    The checksum is not secret, so clients can forge cursors with any values.
    """
    if type(part) is not type(first_part):
        raise ValueError("a value of another type in a cursor")
    if first_part in (BEFORE_ALL_IDS, AFTER_ALL_IDS):
        parse_id(str(part))
    elif first_part == AFTER_ALL_TIMES:
        parse_time(str(part))
    elif isinstance(part, str) and "\x00" in part:
        raise ValueError("NUL in a cursor")
    elif isinstance(part, int) and not -MAX_INT64 <= part <= MAX_INT64:
        raise ValueError("number out of range in a cursor")
