"""Access rules without HTTP: the checks of a principal, and the authentication of tokens."""

from dataclasses import replace
from typing import Any

import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.domain.principal import SCOPES, Principal
from taskstead.errors import (
    ForbiddenError,
    InsufficientRoleError,
    InsufficientScopeError,
    NotFoundError,
    TasksteadError,
    TokenExpiredError,
    UnauthenticatedError,
)
from taskstead.ids import make_id
from taskstead.services.accounts.access import authenticate, check_access
from taskstead.services.accounts.accounts import set_disabled
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.integration.http.requests.world import make_token

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


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


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


def get_token(client: Client) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


async def test_token_authenticates_in_the_personal_workspace(
    owner: Client, database: Database, clock: ManualClock
) -> None:
    credential = await authenticate(database, get_token(owner), workspace_id=None, now=clock.now)
    principal = credential.principal
    assert (principal.email, principal.role) == ("owner@example.com", "owner")
    assert principal.workspace_id == principal.personal_workspace_id


async def test_principal_has_no_role_in_an_unknown_workspace(
    owner: Client, database: Database, clock: ManualClock
) -> None:
    credential = await authenticate(database, get_token(owner), workspace_id=OTHER, now=clock.now)
    assert (credential.principal.workspace_id, credential.principal.role) == (OTHER, None)


async def test_unknown_token_does_not_authenticate(
    owner: Client, database: Database, clock: ManualClock
) -> None:
    for unknown in ("", "tsa_unknown", "tsk_unknown", get_token(owner) + "x"):
        with pytest.raises(UnauthenticatedError):
            await authenticate(database, unknown, workspace_id=None, now=clock.now)


async def test_api_token_authenticates_until_its_user_is_disabled(
    client: Client, database: Database, clock: ManualClock
) -> None:
    await client.register("owner@example.com")
    ann = await client.register("ann@example.com")
    program = get_token(await make_token(ann, scopes=["tasks:read"]))
    credential = await authenticate(database, program, workspace_id=None, now=clock.now)
    assert credential.principal.scopes == {"tasks:read"}
    await set_disabled(database, email="ann@example.com", disabled=True, now=clock.now)
    with pytest.raises(UnauthenticatedError, match="disabled"):
        await authenticate(database, program, workspace_id=None, now=clock.now)


async def test_access_token_authenticates_until_it_expires(
    owner: Client, database: Database, settings: Settings, clock: ManualClock
) -> None:
    token = get_token(owner)
    clock.advance(60 * settings.access_token_minutes - 1)
    await authenticate(database, token, workspace_id=None, now=clock.now)
    clock.advance(1)
    with pytest.raises(TokenExpiredError):
        await authenticate(database, token, workspace_id=None, now=clock.now)
