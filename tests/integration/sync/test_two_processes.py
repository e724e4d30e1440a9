"""Sync with two server processes on one database: replicas converge and no event is lost.

One of the clients is examples/sync_client.py with failing connections.
"""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from examples.sync_client import RetryLaterError, WorkspaceCopy
from taskstead.db.factory import open_database
from taskstead.ids import make_id
from tests.harness.client import Client
from tests.integration.log.replica import read_log
from tests.integration.sync.random_writes import RANDOM_WRITES
from tests.integration.sync.replica import KINDS, Replica, take_snapshot
from tests.integration.sync.streams import EVENTS, parse_event
from tests.integration.sync.test_changes import share_workspace
from tests.system.durability.servers import ServerProcess

pytestmark = pytest.mark.engines("sqlite", "postgresql")

BROKEN = "The connection is lost."
WRITERS = 3
WRITES = 25
# Generous: reached only if something hangs.
TIMEOUT_SECONDS = 300


@pytest.fixture
def servers(database_url: str, tmp_path: Path) -> Iterator[list[ServerProcess]]:
    running = [ServerProcess(database_url, tmp_path, rate_limits="false") for _ in range(2)]
    try:
        for server in running:
            server.start()
        yield running
    finally:
        for server in running:
            server.kill()


@asynccontextmanager
async def open_clients(servers: list[ServerProcess]) -> AsyncIterator[list[httpx2.AsyncClient]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                httpx2.AsyncClient(base_url=server.url, timeout=TIMEOUT_SECONDS, trust_env=False)
            )
            for server in servers
        ]


class UnreliableUser:
    """A user of the example client with a failing connection and frequent program restarts."""

    def __init__(self, urls: list[str], client: Client, file: Path, chance: random.Random) -> None:
        token = client.headers["Authorization"].removeprefix("Bearer ")
        workspace = client.headers["Taskstead-Workspace"]

        class UnreliableCopy(WorkspaceCopy):
            def send(self, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
                self.server = chance.choice(urls)
                if chance.random() < 0.2:
                    raise RetryLaterError(BROKEN)
                answer = super().send(method, path, body, headers)
                if chance.random() < 0.2:
                    raise RetryLaterError(BROKEN)
                return answer

        self._chance = chance
        self._open: Callable[[], WorkspaceCopy] = lambda: UnreliableCopy(
            "", token, str(file), workspace
        )
        self.copy: WorkspaceCopy = self._open()

    def work(self) -> None:
        """Write, change and sync repeatedly."""
        for number in range(WRITES):
            if self._chance.random() < 0.3:
                self.copy = self._open()
            self.copy.write("POST", "/api/v1/tasks", {"title": f"mine {number}"})
            if number % 5 == 0:
                self.change_one(f"changed {number}")
        self.sync()

    def change_one(self, title: str) -> None:
        """Create a task, and change it twice from the revision that the copy has by then."""
        id_ = make_id()
        self.copy.write("POST", "/api/v1/tasks", {"id": id_, "title": title})
        self.sync()
        row = self.copy.state["rows"]["tasks"].get(id_, {"revision": 1})
        for number in range(2):
            body = {"title": f"{title}, {number}"}
            self.copy.write("PATCH", f"/api/v1/tasks/{id_}", body, row["revision"])

    def sync(self) -> None:
        """Push and pull until both succeed."""
        while True:
            try:
                self.copy.push()
                self.copy.pull()
            except RetryLaterError:
                self.copy = self._open()
            else:
                return


async def listen(
    https: list[httpx2.AsyncClient], client: Client, seen: list[int], until: asyncio.Event
) -> None:
    """Record the ids of events. Reconnect to another server after each few of them."""
    for http in [*https] * 10_000:
        last = {"Last-Event-ID": f"{seen[-1]}"}
        # After the last write one request returns all remaining events.
        path = EVENTS + ("?seconds=0" if until.is_set() else "?seconds=0.3")
        is_last = until.is_set()
        headers = {**client.headers, **last}
        async with http.stream("GET", path, headers=headers) as answer:
            assert answer.status_code == 200
            text = (await answer.aread()).decode()
        for block in text.split("\n\n"):
            event = parse_event(block)
            if event.type:
                assert event.type == "change"
                seen.append(event.data["revision"])
        if is_last:
            return


async def write(http: httpx2.AsyncClient, client: Client, chance: random.Random) -> None:
    user = Client(http, client.headers)
    for _ in range(WRITES):
        await chance.choice(RANDOM_WRITES)(user, chance.randrange(50))


async def pull(
    https: list[httpx2.AsyncClient], client: Client, replica: Replica, until: asyncio.Event
) -> None:
    chance = random.Random(len(https))  # noqa: S311
    while not until.is_set():
        user = Client(chance.choice(https), client.headers)
        await replica.pull(user, limit=chance.choice([1, 5, 50]), wait=chance.choice([0, 0.2]))


async def test_two_processes_lose_no_change(
    servers: list[ServerProcess], database_url: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)  # noqa: S311
    print(f"seed {seed}")  # noqa: T201 - printed if the test fails
    chance = random.Random(seed)  # noqa: S311
    async with open_clients(servers) as https, asyncio.timeout(TIMEOUT_SECONDS):
        workspace_id, (owner, editor) = await share_workspace(
            Client(https[0]), "a@x.example", "b@x.example"
        )
        user = UnreliableUser(
            [server.url for server in servers], editor, tmp_path / "copy.json", chance
        )
        working = threading.Thread(target=user.work, daemon=True)
        working.start()
        seen = [(await take_snapshot(editor)).revision]
        replicas = [Replica() for _ in range(2)]
        is_over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            listening = [group.create_task(listen(https, editor, seen, is_over))]
            listening += [
                group.create_task(pull(https, editor, replica, is_over)) for replica in replicas
            ]
            async with asyncio.TaskGroup() as writing:
                for number in range(WRITERS):
                    client = (owner, editor)[number % 2]
                    writing.create_task(write(https[number % 2], client, chance))
            await asyncio.to_thread(working.join)
            is_over.set()
        fresh = await take_snapshot(Client(https[0], editor.headers))
        editor_id = (await editor.get("/auth/me")).json()["id"]
        for replica in replicas:
            await replica.catch_up(Client(https[1], editor.headers))
            assert replica.rows == fresh.rows
    await asyncio.to_thread(user.sync)
    check_user(user, fresh)
    log = await load_log(database_url, workspace_id)
    assert seen[1:] == list_visible(log, editor_id, after=seen[0])
    check_created(log)


def check_user(user: UnreliableUser, fresh: Replica) -> None:
    """Check that the outbox is empty, that rejections are due to other users, and the copy."""
    assert user.copy.state["outbox"] == []
    rejected = {write["problem"]["code"] for write in user.copy.state["rejected"]}
    assert rejected <= {"task_trashed", "not_found", "revision_mismatch"}
    for kind, name in KINDS.items():
        assert user.copy.state["rows"][name] == fresh.rows[kind]


async def load_log(database_url: str, workspace_id: str) -> list[dict[str, Any]]:
    database = await open_database(database_url, pool_size=1, wait_seconds=10)
    try:
        return await read_log(database, workspace_id)
    finally:
        await database.close()


def list_visible(log: list[dict[str, Any]], user_id: str, *, after: int) -> list[int]:
    """Return the revisions that a user sees. Own filters of others are not visible."""
    return [
        change["revision"]
        for change in log
        if change["revision"] > after and change["visible_to"] in (None, user_id)
    ]


def check_created(log: list[dict[str, Any]]) -> None:
    """Check that each of the client's tasks was created exactly once."""
    titles = [
        change["fields"]["title"][1]
        for change in log
        if change["action"] == "created" and "title" in change["fields"]
    ]
    mine = [title for title in titles if title.startswith("mine")]
    assert len(set(mine)) == len(mine)
    # A purge removes the title from the log.
    purged = sum(change["action"] == "purged" for change in log)
    assert WRITES - purged <= len(mine) <= WRITES
