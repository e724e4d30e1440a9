"""PostgreSQL URLs with several hosts: which hosts are tried, and in which order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest

from taskstead.db.migrate import ensure_migrated, find_revision_at, get_head
from taskstead.db.postgresql.connection import Connector
from taskstead.db.postgresql.hosts import split_hosts
from taskstead.errors import DatabaseUnavailableError

pytestmark = pytest.mark.engines("postgresql")

# Long, because the real server may be slow as well.
HOST_SECONDS = 60.0


class FakeHost:
    """A server that is not PostgreSQL and counts its connections.

    Attributes:
        port: the port on which it listens.
        count: the number of accepted connections.
    """

    def __init__(self, *, is_silent: bool) -> None:
        self.port = 0
        self.count = 0
        self._is_silent = is_silent

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send nothing. Close at once, or when the client does."""
        self.count += 1
        if self._is_silent:
            await reader.read()
        writer.close()


@asynccontextmanager
async def running_host(*, is_silent: bool = False) -> AsyncIterator[FakeHost]:
    host = FakeHost(is_silent=is_silent)
    server = await asyncio.start_server(host.accept, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()


def add_host(url: str, port: int, *, query: str = "") -> str:
    """Put a host before the one of the URL."""
    parts = urlsplit(url)
    account, _, place = parts.netloc.rpartition("@")
    netloc = f"{account}@127.0.0.1:{port},{place}"
    return urlunsplit(parts._replace(netloc=netloc, query=query))


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://me:pw@a:1,b/x", ["postgresql://me:pw@a:1/x", "postgresql://me:pw@b/x"]),
        ("postgresql://a,[::1]:2/x?y=z", ["postgresql://a/x?y=z", "postgresql://[::1]:2/x?y=z"]),
        (
            "postgresql:///x?host=a,b&port=1,2",
            ["postgresql:///x?host=a&port=1", "postgresql:///x?host=b&port=2"],
        ),
        (
            "postgresql:///x?host=a,b&port=1",
            ["postgresql:///x?host=a&port=1", "postgresql:///x?host=b&port=1"],
        ),
        ("postgresql:///x?host=/run/postgresql", ["postgresql:///x?host=/run/postgresql"]),
        ("postgresql:///x", ["postgresql:///x"]),
    ],
)
def test_each_host_gets_its_own_url(url: str, hosts: list[str]) -> None:
    assert [host.url for host in split_hosts(url)] == hosts
    assert not any("pw" in host.name for host in split_hosts(url))


async def test_last_reachable_host_is_tried_first(database_url: str) -> None:
    async with running_host() as other:
        connector = Connector(
            add_host(database_url, other.port), lock_seconds=5, host_seconds=HOST_SECONDS
        )
        for _ in range(3):
            await (await connector.connect()).close()
        assert other.count == 1


async def test_no_host_answers(database_url: str) -> None:
    async with running_host() as one, running_host() as other:
        url = add_host(add_host(database_url, one.port), other.port).rpartition(",")[0]
        with pytest.raises(DatabaseUnavailableError) as raised:
            await Connector(f"{url}/x", lock_seconds=5, host_seconds=HOST_SECONDS).connect()
    reason = str(raised.value.__cause__)
    assert f"127.0.0.1:{one.port}: " in reason
    assert f"127.0.0.1:{other.port}: " in reason


async def test_no_host_is_writable(database_url: str) -> None:
    query = "target_session_attrs=standby"
    async with running_host() as other:
        url = add_host(database_url, other.port, query=query)
        with pytest.raises(DatabaseUnavailableError) as raised:
            await Connector(url, lock_seconds=5, host_seconds=HOST_SECONDS).connect()
    assert "None of the hosts match" in str(raised.value.__cause__)


async def test_standby_is_preferred_and_not_required(database_url: str) -> None:
    query = "target_session_attrs=prefer-standby"
    async with running_host() as other:
        url = add_host(database_url, other.port, query=query)
        connector = Connector(url, lock_seconds=5, host_seconds=HOST_SECONDS)
        await (await connector.connect()).close()


async def test_migrations_try_each_host(database_url: str) -> None:
    async with running_host() as other:
        url = add_host(database_url, other.port)
        assert await ensure_migrated(url) is False
        assert await find_revision_at(url) == get_head()


@pytest.mark.system
async def test_silent_host_is_abandoned(database_url: str) -> None:
    # The default, with which the second host must answer, too. It is a real server.
    async with running_host(is_silent=True) as other:
        connector = Connector(add_host(database_url, other.port), lock_seconds=5)
        for _ in range(3):
            await (await connector.connect()).close()
        assert other.count == 1
