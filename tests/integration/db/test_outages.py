"""Log of database outages: one line at the start and one at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from taskstead.db.database import Database
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError
from tests.harness.settings import WAIT_SECONDS
from tests.integration.db.locks import locking
from tests.integration.db.things import (
    add_thing,
    connected_outside,
    list_names,
    opened,
    run_outside,
)

pytestmark = pytest.mark.engines("sqlite", "postgresql")

BEGINNINGS = ("The database is not available.", "The database is too busy.")
END = "The database is available again."
FAILURES = 5


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "taskstead.database")
    return caplog


def list_lines(log: pytest.LogCaptureFixture) -> list[str]:
    """Return the log messages about outages."""
    messages = (record.getMessage() for record in log.records)
    return [message for message in messages if message in (*BEGINNINGS, END)]


async def wait_for_end(log: pytest.LogCaptureFixture) -> dict[str, Any]:
    """Wait for the line at the end. Return its fields."""
    async with asyncio.timeout(WAIT_SECONDS):
        while END not in list_lines(log):  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)
    return vars(log.records[-1])


@asynccontextmanager
async def things_locked(url: str) -> AsyncIterator[None]:
    """Let another program hold a lock that writers need."""
    if url.startswith("sqlite:"):
        with locking(Path(url.removeprefix("sqlite:///"))):
            yield
        return
    async with connected_outside(url) as outside, outside.transaction():
        await outside.execute("LOCK TABLE things IN EXCLUSIVE MODE")
        yield


async def fail_to_add(database: Database) -> None:
    with pytest.raises(DatabaseBusyError):
        await add_thing(database, "refused")


async def test_outage_of_writes_only(url: str, log: pytest.LogCaptureFixture) -> None:
    async with opened(url, wait=0.2) as database:
        database.outages.quiet_seconds = 0.01
        async with things_locked(url):
            for _ in range(FAILURES):
                await fail_to_add(database)
                assert await list_names(database) == []
            # Successful reads do not end the outage, nor does the absence of requests.
            await asyncio.sleep(0.1)
            assert list_lines(log) == ["The database is too busy."]
            assert "lock" in vars(log.records[-1])["reason"]
        await add_thing(database, "done")
        end = await wait_for_end(log)
        assert end["failures"] == FAILURES
        assert end["duration_seconds"] > 0
        async with things_locked(url):
            await fail_to_add(database)
        assert list_lines(log) == ["The database is too busy.", END, "The database is too busy."]


@pytest.mark.engines("postgresql")
class TestConnections:
    """PostgreSQL rejects connections for a while."""

    async def test_end_is_detected_without_requests(
        self, url: str, log: pytest.LogCaptureFixture
    ) -> None:
        name = urlsplit(url).path[1:]
        elsewhere = urlunsplit(urlsplit(url)._replace(path="/postgres"))
        allowed = f"ALTER DATABASE {name} ALLOW_CONNECTIONS"
        async with opened(url) as database:
            database.outages.quiet_seconds = 0.01
            await run_outside(elsewhere, f"{allowed} false")
            try:
                for _ in range(FAILURES):
                    with pytest.raises(DatabaseUnavailableError):
                        await database.check()
                await asyncio.sleep(0.1)
            finally:
                await run_outside(elsewhere, f"{allowed} true")
            end = await wait_for_end(log)
        assert end["failures"] >= FAILURES
        assert list_lines(log) == ["The database is not available.", END]
        assert "not currently accepting connections" in vars(log.records[0])["reason"]

    async def test_blocked_queue_of_writers_is_an_outage(
        self, url: str, log: pytest.LogCaptureFixture
    ) -> None:
        async with opened(url, wait=0.2) as database:
            async with AsyncExitStack() as stack:
                # As many as a workspace may have at the same time, and one more that waits.
                for _ in range(2):
                    await stack.enter_async_context(database.transaction("one"))
                with pytest.raises(DatabaseBusyError):
                    await stack.enter_async_context(database.transaction("one"))
            assert list_lines(log) == ["The database is too busy."]
