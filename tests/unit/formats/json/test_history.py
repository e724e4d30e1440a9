"""JSON of changes: names of changed rows, of references, of the user and of the credential."""

from typing import Any

import pytest

from taskstead.formats.json.history import render_change
from taskstead.schemas.history.activity import Change
from taskstead.tables.changes import ChangeRow, EntityNameRow
from tests.unit.formats.rows import (
    CATEGORY_ID,
    CREATED,
    TAG_ID,
    TASK_ID,
    USER_ID,
    WORKSPACE_ID,
)

TOKEN_ID = "00000000-0000-7000-8000-000000000006"
PURGED_ID = "00000000-0000-7000-8000-000000000007"
CHANGE: ChangeRow = {
    "workspace_id": WORKSPACE_ID,
    "revision": 7,
    "kind": "task",
    "entity_id": TASK_ID,
    "action": "updated",
    "batch_id": WORKSPACE_ID,
    "user_id": USER_ID,
    "credential_id": TOKEN_ID,
    "at": CREATED,
    "visible_to": None,
    "fields": {"title": ("Old", "New")},
}
ENTITIES: dict[str, EntityNameRow] = {
    TASK_ID: {"kind": "task", "id": TASK_ID, "name": "New", "number": 5},
    USER_ID: {"kind": "user", "id": USER_ID, "name": "Ada", "number": None},
    TOKEN_ID: {"kind": "api_token", "id": TOKEN_ID, "name": "Agent", "number": None},
    CATEGORY_ID: {"kind": "category", "id": CATEGORY_ID, "name": "Home", "number": None},
    TAG_ID: {"kind": "tag", "id": TAG_ID, "name": "Errand", "number": None},
}


def test_change_has_the_fields_of_its_schema() -> None:
    change = Change.model_validate(render_change(CHANGE, ENTITIES))
    assert (change.id, change.name, change.number) == (TASK_ID, "New", 5)


def test_user_and_credential_are_named() -> None:
    data = render_change(CHANGE, ENTITIES)
    assert data["user"] == {"id": USER_ID, "name": "Ada"}
    assert data["credential"] == {"id": TOKEN_ID, "kind": "api_token", "name": "Agent"}


def test_change_by_the_server_has_no_user_and_no_credential() -> None:
    data = render_change({**CHANGE, "user_id": None, "credential_id": None}, ENTITIES)
    assert (data["user"], data["credential"]) == (None, None)


def test_removed_rows_have_no_names() -> None:
    data = render_change(CHANGE, {})
    Change.model_validate(data)
    assert (data["name"], data["number"]) == (None, None)
    assert data["user"] == {"id": USER_ID, "name": None}
    assert data["credential"] == {"id": TOKEN_ID, "kind": "ended", "name": None}


@pytest.mark.parametrize(
    ("field", "old", "new", "old_name", "new_name"),
    [
        ("title", "Old", CATEGORY_ID, None, None),
        ("category_id", None, CATEGORY_ID, None, "Home"),
        ("parent_id", TASK_ID, PURGED_ID, "New", None),
        ("assignee_id", USER_ID, None, "Ada", None),
        ("tag_ids", [], [PURGED_ID, TAG_ID], [], [None, "Errand"]),
        ("tag_ids", None, [], None, []),
    ],
)
def test_references_are_named(field: str, old: Any, new: Any, old_name: Any, new_name: Any) -> None:
    data = render_change({**CHANGE, "fields": {field: (old, new)}}, ENTITIES)
    Change.model_validate(data)
    assert data["fields"] == [
        {"field": field, "old": old, "new": new, "old_name": old_name, "new_name": new_name}
    ]
