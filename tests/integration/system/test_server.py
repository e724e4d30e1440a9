"""Public information about the server."""

import pytest

from taskstead import __version__
from taskstead.config.settings import Settings
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings

PATH = "/api/v1/server"


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest) -> Settings:
    return make_settings(database_url, **getattr(request, "param", {}))


async def test_server_without_accounts_says_so(client: Client) -> None:
    info = (await client.get(PATH)).json()
    assert (info["name"], info["version"]) == ("Taskstead", __version__)
    assert (info["registration"], info["has_accounts"]) == ("open", False)
    assert info["needs_setup_token"] is False


async def test_server_with_an_account_says_so(client: Client, owner: Client) -> None:
    del owner
    assert (await client.get(PATH)).json()["has_accounts"] is True


@pytest.mark.parametrize(
    "settings", [{"registration": "invitation"}, {"registration": "closed"}], indirect=True
)
async def test_server_states_who_can_register(client: Client, settings: Settings) -> None:
    assert (await client.get(PATH)).json()["registration"] == settings.registration


@pytest.mark.parametrize("settings", [{"setup_token": "the right setup token"}], indirect=True)
async def test_first_account_needs_the_setup_token_if_stated(client: Client) -> None:
    assert (await client.get(PATH)).json()["needs_setup_token"] is True
    body = {"email": "ann@example.com", "password": "a good long secret"}
    check_problem(await client.post("/auth/register", body), 403, "setup_required")
    await client.register("ann@example.com", setup_token="the right setup token")
    assert (await client.get(PATH)).json()["needs_setup_token"] is False


async def test_server_states_the_password_rules(client: Client) -> None:
    assert (await client.get(PATH)).json()["password"] == {
        "min_length": 10,
        "max_length": 256,
        "rules": ["not_common", "four_different_characters", "not_email"],
    }


@pytest.mark.parametrize("settings", [{"rate_limit_reads": "2/minute"}], indirect=True)
async def test_requests_for_the_server_are_limited(client: Client) -> None:
    statuses = [(await client.get(PATH)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
