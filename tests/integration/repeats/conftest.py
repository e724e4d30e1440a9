"""Fixtures for tests of repeating tasks."""

import pytest

from taskstead.domain.principal import PERSONAL_SCOPES
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.integration.repeats.repeating import NOW


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock(NOW)


@pytest.fixture
async def owner(client: Client) -> Client:
    """A user with an API token, which does not expire when the clock is moved."""
    session = await client.register("owner@example.com", time_zone="Europe/Berlin")
    body = {"name": "a test", "scopes": sorted(PERSONAL_SCOPES)}
    answer = await session.post("/api/v1/tokens", body)
    return client.with_token(answer.json()["token"])
