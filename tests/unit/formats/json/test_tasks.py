"""JSON of tasks: the fields of each response, and the selection of fields."""

import pytest

from taskstead.domain.task_fields import FIELDS
from taskstead.formats.json.tasks import (
    render_fields,
    render_listed_task,
    render_preview,
    render_task,
    render_written_task,
)
from taskstead.schemas.tasks.bulk_process import BulkPreview
from taskstead.schemas.tasks.tasks import Task, TaskBase, TaskListed
from taskstead.tables.tasks import CountedTaskRow
from tests.unit.formats.rows import CATEGORY_ID, TAG_ID, TASK, TASK_ID

COUNTED: CountedTaskRow = {**TASK, "subtask_count": 2, "open_subtask_count": 1}
LABELLED: CountedTaskRow = {
    **COUNTED,
    "description": "Oat, 2 l",
    "category_id": CATEGORY_ID,
    "category_name": "Home",
    "tags": ["Errand"],
    "tag_ids": [TAG_ID],
}


def test_task_has_a_description_and_counts() -> None:
    task = Task.model_validate(render_task(LABELLED))
    assert (task.description, task.subtask_count, task.open_subtask_count) == ("Oat, 2 l", 2, 1)


def test_listed_task_has_no_description() -> None:
    assert TaskListed.model_validate(render_listed_task(LABELLED)).subtask_count == 2


def test_written_task_has_no_description_and_no_counts() -> None:
    TaskBase.model_validate(render_written_task(LABELLED))


def test_labels_have_ids_and_names() -> None:
    task = render_task(LABELLED)
    assert task["category"] == {"id": CATEGORY_ID, "name": "Home"}
    assert (task["category_id"], task["tags"], task["tag_ids"]) == (
        CATEGORY_ID,
        ["Errand"],
        [TAG_ID],
    )


def test_task_without_category() -> None:
    task = render_task(COUNTED)
    assert (task["category"], task["category_id"]) == (None, None)


@pytest.mark.parametrize(
    ("status", "completed"),
    [("todo", False), ("in_progress", False), ("done", True), ("cancelled", False)],
)
def test_only_a_done_task_is_completed(status: str, *, completed: bool) -> None:
    assert render_task({**COUNTED, "status": status})["completed"] is completed


def test_all_fields_can_be_selected() -> None:
    assert render_fields(LABELLED, FIELDS) == render_task(LABELLED)


def test_selected_fields_have_the_order_of_the_request() -> None:
    fields = ("description", "title", "id")
    assert list(render_fields(LABELLED, fields).items()) == [
        ("description", "Oat, 2 l"),
        ("title", "Title"),
        ("id", TASK_ID),
    ]


def test_preview_has_a_sample_and_the_number_of_matches() -> None:
    preview = BulkPreview.model_validate(render_preview(200, [TASK]))
    assert preview.matched == 200
    assert [task.model_dump() for task in preview.sample] == [
        {"id": TASK_ID, "number": 1, "title": "Title"}
    ]
