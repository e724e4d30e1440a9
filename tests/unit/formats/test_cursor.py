"""The codec of cursors: each cursor continues its listing, and each value in it is checked."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from taskstead.errors import ValidationFailedError
from taskstead.formats.cursor import (
    AFTER_ALL_TIMES,
    CursorCodec,
    Decoder,
    decode_id,
    decode_integer,
    decode_optional,
    decode_text,
    decode_time,
)
from taskstead.ids import AFTER_ALL_IDS, BEFORE_ALL_IDS

TIME = datetime(2026, 11, 27, 12, 0, 0, 123456, tzinfo=UTC)


def pass_on(value: Any) -> Any:
    return value


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (decode_integer, 0),
        (decode_integer, -(2**63) + 1),
        (decode_integer, 2**63 - 1),
        (decode_text, ""),
        (decode_text, 'ü"%🥛'),
        (decode_id, "01a1fbe6-20bc-7000-8e52-ea79cce82543"),
        (decode_id, BEFORE_ALL_IDS),
        (decode_id, AFTER_ALL_IDS),
        (decode_time, TIME),
        (decode_time, AFTER_ALL_TIMES),
        (decode_optional(decode_time), TIME),
        (decode_optional(decode_time), None),
    ],
)
def test_cursor_returns_its_key(part: Decoder, value: Any) -> None:
    cursors = CursorCodec("listing", part, decode_text)
    assert cursors.decode(cursors.encode((value, "x"))) == (value, "x")


def test_time_is_returned_in_utc() -> None:
    cursors = CursorCodec("listing", decode_time)
    local = TIME.astimezone(timezone(timedelta(hours=-9)))
    (found,) = cursors.decode(cursors.encode((local,)))
    assert (found, found.tzinfo) == (TIME, UTC)


def test_first_page_has_the_given_key() -> None:
    assert CursorCodec("listing", decode_integer).decode(None, -1) == (-1,)


def test_last_page_has_no_cursor() -> None:
    cursors = CursorCodec("listing", decode_integer)
    for rows, shown, following in (([], [], None), ([1, 2], [1, 2], None), ([1, 2, 3], [1, 2], 2)):
        page = cursors.make_page(rows, 2, lambda row: (row,))
        assert page.rows == shown
        found = None if page.next_cursor is None else cursors.decode(page.next_cursor)
        assert found == (None if following is None else (following,))


@pytest.mark.parametrize(
    ("part", "values"),
    [
        (decode_integer, [None, True, 1.5, "1", 2**63, -(2**63), [], {}]),
        (decode_text, [None, 1, "a\x00b", [], {}]),
        (decode_id, [None, 1, "", "x", "{01a1fbe6-20bc-7000-8e52-ea79cce82543}"]),
        (
            decode_time,
            [
                *(None, 1, "", "x", "2026-01-01T00:00:00", "2026-01-01"),
                *("0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59.999999-10:00"),
            ],
        ),
        (decode_optional(decode_id), [1, "x"]),
    ],
)
def test_forged_value_is_rejected(part: Decoder, values: list[Any]) -> None:
    for value in values:
        # The checksum is correct, because it contains no secret.
        cursor = CursorCodec("listing", pass_on).encode((value,))
        with pytest.raises(ValidationFailedError):
            CursorCodec("listing", part).decode(cursor)


def test_cursor_of_another_listing_or_length_is_rejected() -> None:
    cursor = CursorCodec("listing", decode_integer).encode((1,))
    for other in (
        CursorCodec("another", decode_integer),
        CursorCodec("listing", decode_integer, decode_integer),
        CursorCodec("listing"),
    ):
        with pytest.raises(ValidationFailedError):
            other.decode(cursor)


def test_modified_cursor_is_rejected() -> None:
    cursors = CursorCodec("listing", decode_integer, parameter="since")
    checksum, _ = json.loads(base64.urlsafe_b64decode(cursors.encode((1,)) + "=="))
    modified = base64.urlsafe_b64encode(json.dumps([checksum, 2]).encode()).rstrip(b"=").decode()
    deep = base64.urlsafe_b64encode(b"[" * 1500).decode()
    for text in (
        modified,
        deep,
        "",
        "x",
        "ü",
        "bnVsbA",
        "W10",
        "e30",
        "WzFd",
        "WyJ4IiwiXHVkODAwIl0",
    ):
        with pytest.raises(ValidationFailedError) as caught:
            cursors.decode(text)
        assert caught.value.errors[0].pointer == "query/since"
