"""Rows of the database, to be encoded by the formats."""

from datetime import UTC, datetime

from taskstead.tables.labels.categories import CountedCategoryRow
from taskstead.tables.labels.tags import CountedTagRow
from taskstead.tables.saved_filters import SavedFilterRow
from taskstead.tables.tasks import LabelledTaskRow
from taskstead.tables.users import UserRow
from taskstead.tables.workspaces import NamedMemberRow, UserWorkspaceRow

WORKSPACE_ID = "00000000-0000-7000-8000-000000000001"
TASK_ID = "00000000-0000-7000-8000-000000000002"
USER_ID = "00000000-0000-7000-8000-000000000003"
CATEGORY_ID = "00000000-0000-7000-8000-000000000004"
TAG_ID = "00000000-0000-7000-8000-000000000005"
FILTER_ID = "00000000-0000-7000-8000-000000000008"
CREATED = datetime(2014, 6, 19, tzinfo=UTC)
UPDATED = datetime(2014, 7, 4, tzinfo=UTC)

# A task without optional values.
TASK: LabelledTaskRow = {
    "workspace_id": WORKSPACE_ID,
    "id": TASK_ID,
    "number": 1,
    "title": "Title",
    "title_key": "title",
    "description": "",
    "status": "todo",
    "priority": 3,
    "due_date": None,
    "due_time_zone": None,
    "due_kind": None,
    "due_at": None,
    "repeat_rule": None,
    "repeat_mode": None,
    "repeat_except": None,
    "repeat_start": None,
    "repeat_at": None,
    "repeat_gone": None,
    "category_id": None,
    "category_name": None,
    "tags": [],
    "tag_ids": [],
    "parent_id": None,
    "assignee_id": None,
    "position": "a0",
    "revision": 1,
    "created_by": USER_ID,
    "created_at": CREATED,
    "updated_at": CREATED,
    "completed_at": None,
    "deleted_at": None,
    "deleted_batch": None,
}
SAVED_FILTER: SavedFilterRow = {
    "workspace_id": WORKSPACE_ID,
    "id": FILTER_ID,
    "name": "Next",
    "name_key": "next",
    "filter": "#Work today",
    "label_keys": "\n#work\n",
    "sort": None,
    "group_by": "none",
    "color": None,
    "position": "a0",
    "owner_id": USER_ID,
    "is_shared": True,
    "revision": 4,
    "created_at": CREATED,
    "updated_at": CREATED,
    "deleted_at": None,
}
CATEGORY: CountedCategoryRow = {
    "workspace_id": WORKSPACE_ID,
    "id": CATEGORY_ID,
    "name": "Home",
    "name_key": "home",
    "sort_key": "home",
    "color": "#123456",
    "position": 0,
    "is_archived": True,
    "revision": 2,
    "created_at": CREATED,
    "updated_at": UPDATED,
    "deleted_at": None,
    "deleted_batch": None,
    "task_count": 3,
    "open_task_count": 1,
}
TAG: CountedTagRow = {
    "workspace_id": WORKSPACE_ID,
    "id": TAG_ID,
    "name": "Errand",
    "name_key": "errand",
    "sort_key": "errand",
    "color": None,
    "revision": 3,
    "created_at": CREATED,
    "updated_at": UPDATED,
    "deleted_at": None,
    "task_count": 2,
    "open_task_count": 2,
}
USER: UserRow = {
    "id": USER_ID,
    "email": "ada@example.com",
    "name": "Ada",
    "time_zone": "Europe/Berlin",
    "language": "de",
    "date_order": "dmy",
    "is_admin": True,
    "personal_workspace_id": WORKSPACE_ID,
    "created_at": CREATED,
    "updated_at": UPDATED,
    "disabled_at": None,
}
WORKSPACE: UserWorkspaceRow = {
    "id": WORKSPACE_ID,
    "name": "Ada",
    "is_personal": True,
    "revision": 7,
    "oldest_revision": 0,
    "last_number": 1,
    "last_place": 1,
    "created_at": CREATED,
    "updated_at": UPDATED,
    "deleted_at": None,
    "role": "owner",
}
MEMBER: NamedMemberRow = {
    "workspace_id": WORKSPACE_ID,
    "user_id": USER_ID,
    "role": "editor",
    "revision": 4,
    "created_at": CREATED,
    "updated_at": UPDATED,
    "email": "ada@example.com",
    "name": "Ada",
}
