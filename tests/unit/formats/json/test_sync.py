"""JSON of synced rows: ids instead of names, and the trash state."""

import pytest

from taskstead.formats.json.sync import (
    render_synced_category,
    render_synced_member,
    render_synced_tag,
    render_synced_task,
    render_synced_workspace,
)
from taskstead.schemas.history.sync import (
    SyncedCategory,
    SyncedMember,
    SyncedTag,
    SyncedTask,
    SyncedWorkspace,
)
from taskstead.tables.labels.categories import CountedCategoryRow
from taskstead.tables.labels.tags import CountedTagRow
from taskstead.tables.tasks import LabelledTaskRow
from tests.unit.formats.rows import (
    CATEGORY,
    CATEGORY_ID,
    MEMBER,
    TAG,
    TAG_ID,
    TASK,
    UPDATED,
    USER_ID,
    WORKSPACE,
)


def test_workspace_has_the_fields_of_its_schema() -> None:
    assert SyncedWorkspace.model_validate(render_synced_workspace(WORKSPACE)).personal is True


def test_member_is_identified_by_the_user() -> None:
    member = SyncedMember.model_validate(render_synced_member(MEMBER))
    assert (member.id, member.role) == (USER_ID, "editor")


def test_category_has_its_trash_state() -> None:
    trashed: CountedCategoryRow = {**CATEGORY, "deleted_at": UPDATED}
    category = SyncedCategory.model_validate(render_synced_category(trashed))
    assert category.deleted_at == UPDATED


def test_tag_has_its_trash_state() -> None:
    trashed: CountedTagRow = {**TAG, "deleted_at": UPDATED}
    tag = SyncedTag.model_validate(render_synced_tag(trashed))
    assert tag.deleted_at == UPDATED


def test_task_has_the_ids_of_its_labels() -> None:
    row: LabelledTaskRow = {**TASK, "category_id": CATEGORY_ID, "tag_ids": [TAG_ID]}
    task = SyncedTask.model_validate(render_synced_task(row))
    assert (task.category_id, task.tag_ids) == (CATEGORY_ID, [TAG_ID])


@pytest.mark.parametrize(
    ("status", "completed"),
    [("todo", False), ("in_progress", False), ("done", True), ("cancelled", False)],
)
def test_only_a_done_task_is_completed(status: str, *, completed: bool) -> None:
    row: LabelledTaskRow = {**TASK, "status": status}
    assert render_synced_task(row)["completed"] is completed
