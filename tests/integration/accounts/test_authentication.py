"""Authentication of tokens, without HTTP."""

import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.errors import TokenExpiredError, UnauthenticatedError
from taskstead.services.accounts.access import authenticate
from taskstead.services.accounts.accounts import set_disabled
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.integration.http.requests.world import make_token

OTHER = "01936a52-0000-7000-8000-00000000000b"


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


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
