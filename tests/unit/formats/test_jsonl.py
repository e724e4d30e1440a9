"""JSON Lines: the round trip of tasks, and errors of lines."""

import json

import pytest
from hypothesis import given

from taskstead.formats.jsonl import encode_json_lines, parse_json_line
from taskstead.formats.task_record import (
    TRANSFER_FIELDS,
    BadRecordError,
    render_transferred_task,
)
from taskstead.tables.tasks import LabelledTaskRow
from tests.unit.formats.rows import TASK
from tests.unit.formats.strategies import draw_row


@given(draw_row())
def test_written_line_is_read_back_unchanged(row: LabelledTaskRow) -> None:
    task = parse_json_line(encode_json_lines([row]))
    assert task.model_dump(include=set(TRANSFER_FIELDS)) == render_transferred_task(row)


def test_each_task_is_one_line() -> None:
    rows: list[LabelledTaskRow] = [
        {**TASK, "title": "Milk 🥛"},
        {**TASK, "description": "1\r\n2\u20283"},
    ]
    content = encode_json_lines(rows)
    first, second = (json.loads(line) for line in content.split(b"\n")[:-1])
    assert (first["title"], second["description"]) == ("Milk 🥛", "1\r\n2\u20283")
    assert first["created_at"] == "2014-06-19T00:00:00Z"


@pytest.mark.parametrize(
    ("line", "message", "pointer"),
    [
        (b"", "not JSON: Expecting value at column 1", None),
        (b'{"title": "a",}', "not JSON", None),
        (b'{"title": "a"} x', "not JSON: Extra data at column 16", None),
        (b"null", "not a JSON object", None),
        (b'["title"]', "not a JSON object", None),
        (b'{"title": "\xff"}', "not UTF-8: invalid byte 0xff at column 12", None),
        (b"[" * 100_000, "invalid JSON", None),
        (b'{"number": ' + b"1" * 5000 + b"}", "invalid JSON", None),
        (b'{"title": "a", "title": "a"}', "repeated key", "/title"),
        (b"{}", "Field required", "/title"),
        (b'{"title": NaN}', "valid string", "/title"),
        (b'{"title": "a\\ud800"}', "unicode", "/title"),
        (b'{"title": "a", "tags": ["b", "\\u0000"]}', "NUL", "/tags/1"),
        (b'{"title": "a", "color/~": 1}', "unknown field", "/color~1~0"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else None,
)
def test_invalid_line_is_rejected(line: bytes, message: str, pointer: str | None) -> None:
    with pytest.raises(BadRecordError, match=message) as caught:
        parse_json_line(line)
    assert caught.value.pointer == pointer
