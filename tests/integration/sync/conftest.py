"""Fixtures for tests with two applications on one database, as two processes would run."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.config.settings import Settings
from tests.harness.client import Client


@pytest.fixture
async def second_app_client(owner: Client, settings: Settings) -> AsyncIterator[Client]:
    """The owner, as a client of a second application on the same database."""
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http,
    ):
        yield Client(http, owner.headers)
