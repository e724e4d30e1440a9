"""Records of task files: validation, errors and the exported fields."""

from datetime import datetime
from typing import Any

import pytest

from taskstead.formats.task_record import (
    TRANSFER_FIELDS,
    BadRecordError,
    check_record,
    decode_record,
    point_at,
    render_transferred_task,
)
from taskstead.schemas.tasks.import_task import ImportTask
from tests.unit.formats.rows import CATEGORY_ID, TAG_ID, TASK


def test_exported_fields_can_be_imported() -> None:
    assert tuple(render_transferred_task(TASK)) == TRANSFER_FIELDS
    assert set(TRANSFER_FIELDS) <= set(ImportTask.model_fields)


def test_labels_are_exported_by_name() -> None:
    task = render_transferred_task(
        {
            **TASK,
            "category_id": CATEGORY_ID,
            "category_name": "Home",
            "tag_ids": [TAG_ID],
            "tags": ["Errand"],
        }
    )
    assert (task["category"], task["tags"]) == ("Home", ["Errand"])


def test_valid_record_is_a_task() -> None:
    task = check_record(
        {"title": " Milk ", "priority": 1, "created_at": "2026-01-01T01:00:00+01:00"}
    )
    assert (task.title, task.priority) == ("Milk", 1)
    assert task.created_at is not None
    assert task.created_at.isoformat() == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("fraction", [".1", ".123456789", "." + "123456789" * 5])
def test_times_may_have_many_fractional_digits(fraction: str) -> None:
    text = f"2026-12-01T10:00:00{fraction}Z"
    names = ("created_at", "updated_at", "completed_at", "deleted_at", "due_date")
    task = check_record({"title": "a", "status": "done", **dict.fromkeys(names, text)})
    assert task.due_date == text
    times = {task.created_at, task.updated_at, task.completed_at, task.deleted_at}
    assert times == {datetime.fromisoformat(text)}


@pytest.mark.parametrize(
    ("values", "code", "text"),
    [
        ({}, "missing", "/title: Field required"),
        (
            {"title": "a", "x~/y": 1},
            "extra_forbidden",
            "/x~0~1y: unknown field; the fields are id,",
        ),
        (
            {"title": "a", "tags": ["b", 1]},
            "string_type",
            "/tags/1: Input should be a valid string",
        ),
        ({"title": "", "priority": 9}, "less_than_equal", "(and 1 more)"),
        (
            {"title": "a", "completed_at": "2026-01-01T00:00:00Z"},
            "completed_at",
            "completed_at requires the status done",
        ),
        ({"title": "a", "position": "a10"}, "position", "/position: Input should be a key"),
        ({"title": "a", "number": 10**12}, "less_than", "/number: "),
        ({"title": "a", "created_at": "0001-01-01T00:00:00Z"}, "instant", "/created_at: "),
        ({"title": "a", "created_at": "9999-12-31T00:00:00Z"}, "instant", "/created_at: "),
    ],
)
def test_invalid_value_is_rejected(values: dict[str, Any], code: str, text: str) -> None:
    with pytest.raises(BadRecordError) as caught:
        check_record(values)
    assert caught.value.code == code
    assert text in str(caught.value)


def test_record_is_decoded_as_utf_8() -> None:
    assert decode_record("Müsli 🥛".encode()) == "Müsli 🥛"
    with pytest.raises(BadRecordError, match="not UTF-8: invalid byte 0xfc at column 2"):
        decode_record("Müsli".encode("latin-1"))


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [([], ""), (["tags", 0], "/tags/0"), (["a/b", "~"], "/a~1b/~0"), ([""], "/")],
)
def test_json_pointer(steps: list[str | int], pointer: str) -> None:
    assert point_at(steps) == pointer
