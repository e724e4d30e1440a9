"""Backup files: values are read back unchanged, and damaged files are rejected."""

import contextlib
import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.formats.backup import (
    FORMAT,
    BackupError,
    BackupHeader,
    BackupTable,
    BackupWriter,
    check_backup,
    read_header,
    read_rows,
)

Rows = list[dict[str, Any]]
KINDS = {
    "id": st.uuids().map(str),
    "text": st.text(),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "json": st.dictionaries(st.text(), st.none() | st.lists(st.integers(-9, 9) | st.text())),
    "instant": st.datetimes(timezones=st.just(UTC)),
    "bytes": st.binary(),
}
HEADER = BackupHeader(
    taskstead_backup=FORMAT,
    version="1.2.3",
    revision="0001",
    created_at=datetime(2026, 12, 1, tzinfo=UTC),
    tables={
        "users": BackupTable({"id": "id", "name": "text"}, rows=3),
        "values": BackupTable({f"a_{kind}": kind for kind in KINDS}, rows=1),
    },
)
USERS = [{"id": f"{number}", "name": f"User {number}"} for number in range(3)]


def write_backup(*batches: tuple[str, Rows], header: BackupHeader = HEADER) -> bytes:
    file = io.BytesIO()
    writer = BackupWriter(file, header)
    for table, rows in batches:
        writer.write(table, rows)
    writer.finish()
    return file.getvalue()


BACKUP = write_backup(("users", USERS[:2]), ("users", USERS[2:]))


def read_backup(content: bytes) -> list[tuple[str, Rows]]:
    """Check a backup, and return the tables with their rows."""
    file = io.BytesIO(content)
    header = read_header(file)
    check_backup(file)
    return list(read_rows(file, header))


@given(st.tuples(*(st.none() | values for values in KINDS.values())))
def test_values_of_all_kinds_are_read_back_unchanged(values: tuple[Any, ...]) -> None:
    row = dict(zip(HEADER.tables["values"].columns, values, strict=True))
    assert read_backup(write_backup(("values", [row]))) == [("values", [row])]


def test_rows_are_read_in_the_order_of_writing() -> None:
    assert read_backup(BACKUP) == [("users", USERS[:2]), ("users", USERS[2:])]


def test_backup_without_rows_is_complete() -> None:
    assert read_backup(write_backup()) == []


def test_header_is_read_back_unchanged() -> None:
    header = read_header(io.BytesIO(BACKUP))
    assert (header, header.rows) == (HEADER, 4)


def test_every_truncated_file_is_rejected() -> None:
    for length in range(len(BACKUP)):
        with pytest.raises(BackupError):
            read_backup(BACKUP[:length])


def test_no_changed_byte_changes_the_rows() -> None:
    for index in range(len(BACKUP)):
        changed = BACKUP[:index] + bytes([BACKUP[index] ^ 1]) + BACKUP[index + 1 :]
        # Some bytes, such as the time in the header of gzip, have no effect.
        with contextlib.suppress(BackupError):
            assert read_backup(changed) == read_backup(BACKUP)


def drop_line(number: int) -> Callable[[bytes], bytes]:
    def drop(content: bytes) -> bytes:
        lines = gzip.decompress(content).splitlines(keepends=True)
        del lines[number]
        return gzip.compress(b"".join(lines))

    return drop


def replace(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        text = gzip.decompress(content)
        assert old in text
        return gzip.compress(text.replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(lambda _: b"", "damaged or incomplete", id="empty file"),
        pytest.param(lambda _: b'{"title": "x"}\n', "not a backup", id="no gzip"),
        pytest.param(
            lambda _: gzip.compress(b'{"title": "x"}\n'), "not a backup", id="another gzip file"
        ),
        pytest.param(lambda _: gzip.compress(b"[1]\n"), "not a backup", id="no JSON object"),
        pytest.param(lambda _: gzip.compress(b"PK\xff\n"), "damaged or incomplete", id="no JSON"),
        pytest.param(
            replace(b'"taskstead_backup":1', b'"taskstead_backup":2'),
            "created by a newer version of Taskstead, 1.2.3",
            id="newer format",
        ),
        pytest.param(replace(b'"revision"', b'"revisions"'), "damaged", id="missing revision"),
        pytest.param(replace(b'"users":', b'"users; --":'), "damaged", id="name of a table"),
        pytest.param(
            replace(b'"name":"text"', b'"na me":"text"'), "damaged", id="name of a column"
        ),
        pytest.param(
            replace(b'"name":"text"', b'"name":"money"'), "damaged", id="kind of a column"
        ),
    ],
)
def test_invalid_header_is_rejected_with_a_reason(
    damage: Callable[[bytes], bytes], reason: str
) -> None:
    with pytest.raises(BackupError, match=reason):
        read_header(io.BytesIO(damage(BACKUP)))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(drop_line(-1), id="missing trailer"),
        pytest.param(drop_line(1), id="missing rows"),
        pytest.param(replace(b"User 1", b"User 9"), id="changed text"),
        pytest.param(replace(b'"revision":"0001"', b'"revision":"0002"'), id="changed header"),
    ],
)
def test_incomplete_or_changed_file_is_rejected(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BackupError, match="damaged or incomplete"):
        check_backup(io.BytesIO(damage(BACKUP)))


def test_trailer_has_the_number_of_rows() -> None:
    trailer = gzip.decompress(BACKUP).splitlines()[-1]
    assert msgspec.json.decode(trailer)["rows"] == 3
