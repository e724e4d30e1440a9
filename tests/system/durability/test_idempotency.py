"""Clients repeat unanswered requests while servers are killed: each task is created once."""

import asyncio
import itertools
from pathlib import Path

import httpx2
import pytest

from taskstead.db.factory import open_database
from tests.harness.client import Client
from tests.harness.settings import WAIT_SECONDS
from tests.integration.log.replica import Replica, check_change_log
from tests.system.durability.servers import ServerProcess

TASKS = "/api/v1/tasks"
CLIENTS = 6


class RetryingClient:
    """A client that creates tasks in sequence, and repeats each request until it is answered.

    Attributes:
        created: the id of each task by its title.
        repeated: the number of failed attempts.
        replayed: the number of responses that were replayed from storage.
    """

    def __init__(self, name: str, servers: list[ServerProcess], headers: dict[str, str]) -> None:
        self.created: dict[str, str] = {}
        self.repeated = 0
        self.replayed = 0
        self._name = name
        self._servers = itertools.cycle(servers)
        self._headers = headers

    async def create(self, stop: asyncio.Event) -> None:
        """Create tasks until the event is set."""
        async with httpx2.AsyncClient(timeout=30) as http:
            while not stop.is_set():
                title = f"{self._name} {len(self.created)}"
                headers = {**self._headers, "Idempotency-Key": title.replace(" ", "-")}
                answer = await self._post_until_answered(http, title, headers)
                assert answer.status_code == 201, answer.text
                self.created[title] = answer.json()["id"]

    async def _post_until_answered(
        self, http: httpx2.AsyncClient, title: str, headers: dict[str, str]
    ) -> httpx2.Response:
        while True:
            url = next(self._servers).url + TASKS
            try:
                answer = await http.post(url, headers=headers, json={"title": title})
            except httpx2.TransportError:
                self.repeated += 1
            else:
                if answer.status_code not in (409, 503):
                    self.replayed += "idempotency-replayed" in answer.headers
                    return answer
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.system)])
async def test_each_task_is_created_once_despite_server_kills(
    database_url: str, tmp_path: Path, kills: int
) -> None:
    servers = [ServerProcess(database_url, tmp_path) for _ in range(2)]
    try:
        for server in servers:
            server.start()
        async with httpx2.AsyncClient(base_url=servers[0].url, timeout=60) as http:
            owner = await Client(http).register("owner@example.com")
            workspace_id = (await owner.get("/auth/me")).json()["personal_workspace_id"]
        clients = [RetryingClient(f"Task {n}", servers, owner.headers) for n in range(CLIENTS)]
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.create(stop))
            for victim in itertools.islice(itertools.cycle(servers), kills):
                await asyncio.sleep(0.2)
                victim.kill()
                # In a thread, because the clients continue at the other server.
                await asyncio.to_thread(victim.start)
            stop.set()
    finally:
        for server in servers:
            server.kill()
    database = await open_database(database_url, pool_size=1, wait_seconds=WAIT_SECONDS)
    try:
        replica = Replica(workspace_id)
        await check_change_log(database, replica)
    finally:
        await database.close()
    created = {title: id_ for client in clients for title, id_ in client.created.items()}
    tasks = sorted((row["title"], id_) for id_, row in replica.rows["task"].items())
    assert tasks == sorted(created.items())
    assert sum(client.repeated for client in clients) > 0, "no kill interrupted a request"
    replayed = sum(client.replayed for client in clients)
    print(f"{len(created)} tasks, {replayed} of them replayed")  # noqa: T201
