"""Cursors: the opaque text with which a client continues a listing.

A cursor encodes the sort key of the last row of a page. The next page begins after that key. The
text is JSON in unpadded base64url (RFC 4648, section 5).
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from taskstead.errors import FieldError, ValidationFailedError
from taskstead.ids import parse_id

Row = TypeVar("Row")

Key = tuple[Any, ...]
Decoder = Callable[[Any], Any]
"""Returns a part of a key from its JSON value; raises ValueError for an invalid value."""

_MAX_INT64 = 2**63 - 1
_INVALID_CURSOR = (
    "This cursor is invalid, or belongs to another listing, for example with another filter or "
    "sort order. Repeat the request without it."
)
# The start of a listing in descending order of time.
AFTER_ALL_TIMES = datetime.max.replace(tzinfo=UTC)


class Page(NamedTuple, Generic[Row]):
    """One page of a listing.

    Attributes:
        rows: the rows of the page.
        next_cursor: the cursor of the next page; None on the last page.
    """

    rows: Sequence[Row]
    next_cursor: str | None


class CursorCodec:
    """Encodes and decodes the cursors of one listing.

    A cursor contains a checksum, which detects cursors of other listings and accidental
    modifications. It contains no secret, so clients can forge cursors with any values. The decoders
    therefore reject values that the database would reject.

    Args:
        listing: the unique name of the listing, including its filter and sort order. The cursors of
            another listing are invalid.
        *decoders: the decoder of each part of the sort key, for example ``decode_id``.
        parameter: the name of the query parameter with the cursor.
        message: the message of the error for an invalid cursor.
    """

    def __init__(
        self,
        listing: str,
        *decoders: Decoder,
        parameter: str = "cursor",
        message: str = _INVALID_CURSOR,
    ) -> None:
        self._listing = listing
        self._decoders = decoders
        self._parameter = parameter
        self._message = message

    def encode(self, key: Key) -> str:
        """Return the cursor that continues the listing after a key."""
        values = msgspec.to_builtins(key)
        encoded = msgspec.json.encode((self._make_checksum(values), *values))
        return base64.urlsafe_b64encode(encoded).rstrip(b"=").decode()

    def decode(self, cursor: str | None, *first_key: Any) -> Key:
        """Return the key in a cursor.

        Args:
            cursor: the cursor that the client sent; None for the first page.
            *first_key: the key of the first page.

        Raises:
            ValidationFailedError: the cursor is invalid or belongs to another listing.
        """
        if cursor is None:
            return first_key
        try:
            return self._parse(cursor)
        except ValueError:
            raise self.build_error() from None

    def make_page(
        self, rows: Sequence[Row], limit: int, get_key: Callable[[Row], Key]
    ) -> Page[Row]:
        """Return a page.

        Args:
            rows: the rows of the page, and one more if there is a next page.
            limit: the page size.
            get_key: returns the key of a row.
        """
        if len(rows) <= limit:
            return Page(rows, None)
        return Page(rows[:limit], self.encode(get_key(rows[limit - 1])))

    def build_error(self) -> ValidationFailedError:
        """Return the error for an invalid cursor."""
        field_error = FieldError(f"query/{self._parameter}", self._message, "cursor")
        return ValidationFailedError(self._message, errors=[field_error])

    def _parse(self, cursor: str) -> Key:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        try:
            checksum, *values = msgspec.json.decode(
                base64.b64decode(padded, b"-_", validate=True), type=tuple
            )
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(str(error)) from error
        if checksum != self._make_checksum(values):
            raise ValueError("the cursor belongs to another listing or was modified")
        return tuple(decode(value) for decode, value in zip(self._decoders, values, strict=True))

    def _make_checksum(self, values: Sequence[Any]) -> str:
        data = msgspec.json.encode((self._listing, *values))
        return hashlib.blake2b(data, digest_size=6).hexdigest()


def decode_integer(value: Any) -> int:
    """Return a 64-bit integer."""
    if type(value) is not int or not -_MAX_INT64 <= value <= _MAX_INT64:
        raise ValueError("not a 64-bit integer")
    return value


def decode_text(value: Any) -> str:
    """Return a text that PostgreSQL accepts."""
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text without NUL")
    return value


def decode_id(value: Any) -> str:
    """Return an id."""
    return parse_id(decode_text(value))


def decode_time(value: Any) -> datetime:
    """Return a time in UTC."""
    instant = datetime.fromisoformat(decode_text(value))
    if instant.tzinfo is None:
        raise ValueError("a time without offset")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def decode_optional(decode: Decoder) -> Decoder:
    """Return a decoder that also accepts None."""
    return lambda value: None if value is None else decode(value)
