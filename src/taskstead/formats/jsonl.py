"""Tasks as JSON Lines (jsonlines.org): one object per line, terminated by LF, in UTF-8."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from taskstead.formats.task_record import (
    BadRecordError,
    check_record,
    decode_record,
    point_at,
    render_transferred_task,
)
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.tables.tasks import LabelledTaskRow

_encoder = msgspec.json.Encoder()


def encode_json_lines(rows: Iterable[LabelledTaskRow]) -> bytes:
    """Encode tasks, rows of ``queries.tasks.tasks``, as lines."""
    return _encoder.encode_lines([render_transferred_task(row) for row in rows])


def parse_json_line(raw: bytes) -> ImportTask:
    """Parse a line.

    Raises:
        BadRecordError: the line is not a JSON object in UTF-8, or one of its values is invalid.
    """
    try:
        values = json.loads(decode_record(raw), object_pairs_hook=_reject_repeated_keys)
    except json.JSONDecodeError as error:
        raise BadRecordError(f"not JSON: {error.msg} at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise BadRecordError(f"invalid JSON: {error}") from None
    if not isinstance(values, dict):
        raise BadRecordError("not a JSON object")
    return check_record(values)


def _reject_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = max(names, key=names.count)
        raise BadRecordError("repeated key", "repeated", point_at([repeated]))
    return values
