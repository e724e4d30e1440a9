"""JSON of workspaces and members."""

from taskstead.formats.json.workspaces import render_member, render_workspace
from taskstead.schemas.workspaces import Member, Workspace
from tests.unit.formats.rows import MEMBER, UPDATED, USER_ID, WORKSPACE


def test_workspace_has_the_fields_of_its_schema() -> None:
    data = render_workspace({**WORKSPACE, "deleted_at": UPDATED})
    workspace = Workspace.model_validate(data)
    assert (workspace.personal, workspace.role, workspace.deleted_at) == (True, "owner", UPDATED)


def test_member_has_the_fields_of_its_schema() -> None:
    member = Member.model_validate(render_member(MEMBER))
    assert (member.user_id, member.email, member.role) == (USER_ID, "ada@example.com", "editor")
