"""Access rules: scopes, roles and the workspace of an API token."""

from dataclasses import replace
from typing import Any

import pytest

from taskstead.domain.principal import SCOPES, Principal
from taskstead.errors import (
    ForbiddenError,
    InsufficientRoleError,
    InsufficientScopeError,
    NotFoundError,
    TasksteadError,
)
from taskstead.ids import make_id
from taskstead.services.accounts.access import check_access

# Fixed, because they are part of the names of tests.
WORKSPACE = "01936a52-0000-7000-8000-00000000000a"
OTHER = "01936a52-0000-7000-8000-00000000000b"
OWNER = Principal(
    user_id=make_id(),
    email="owner@example.com",
    name="Owner",
    time_zone="UTC",
    is_admin=False,
    personal_workspace_id=make_id(),
    scopes=frozenset(SCOPES),
    session_id=make_id(),
    api_token_id=None,
    job_credential_id=None,
    bound_workspace_id=None,
    api_token_expires_at=None,
    workspace_id=WORKSPACE,
    role="owner",
    revision=1,
)
EDITOR = replace(OWNER, role="editor")
VIEWER = replace(OWNER, role="viewer")
STRANGER = replace(OWNER, role=None, revision=None)
READER = replace(OWNER, scopes=frozenset({"tasks:read"}))
BOUND = replace(OWNER, session_id=None, api_token_id=make_id(), bound_workspace_id=WORKSPACE)
ELSEWHERE = replace(BOUND, workspace_id=OTHER)


@pytest.mark.parametrize(
    ("principal", "scope", "expected"),
    [
        (OWNER, "tasks:purge", None),
        (EDITOR, "tasks:write", None),
        (EDITOR, "tasks:purge", None),
        (VIEWER, "tasks:read", None),
        (VIEWER, "tasks:write", InsufficientRoleError),
        (VIEWER, "tasks:purge", InsufficientRoleError),
        (STRANGER, "tasks:read", NotFoundError),
        (STRANGER, "tasks:write", NotFoundError),
        (READER, "tasks:read", None),
        (READER, "tasks:write", InsufficientScopeError),
        (replace(READER, role=None), "tasks:write", InsufficientScopeError),
        (BOUND, "tasks:write", None),
        (ELSEWHERE, "tasks:read", ForbiddenError),
        (replace(ELSEWHERE, role=None), "tasks:read", NotFoundError),
    ],
)
def test_access_in_a_workspace(
    principal: Principal, scope: str, expected: type[TasksteadError] | None
) -> None:
    assert find_error(principal, scope, in_workspace=True) is expected


@pytest.mark.parametrize(
    ("principal", "target", "expected"),
    [
        (OWNER, None, None),
        (OWNER, OTHER, None),
        # The role counts only in a workspace. Account operations read the role that they need.
        (VIEWER, WORKSPACE, None),
        (STRANGER, WORKSPACE, None),
        (READER, None, InsufficientScopeError),
        (BOUND, None, None),
        (BOUND, WORKSPACE, None),
        (BOUND, WORKSPACE.upper(), None),
        (BOUND, OTHER, ForbiddenError),
        (BOUND, WORKSPACE.replace("-", ""), ForbiddenError),
        (ELSEWHERE, None, None),
    ],
)
def test_access_to_an_account(
    principal: Principal, target: str | None, expected: type[TasksteadError] | None
) -> None:
    found = find_error(principal, "account:write", in_workspace=False, target_workspace_id=target)
    assert found is expected


def find_error(principal: Principal, scope: str, **options: Any) -> type[TasksteadError] | None:
    """Return the class of the error of ``check_access``, or None."""
    try:
        check_access(principal, scope, **options)
    except TasksteadError as error:
        return type(error)
    return None
