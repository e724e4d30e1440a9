"""Creates the same account and tasks on every server, and compares the servers' responses."""

import random
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx2
from httpx2 import codes

from benchmarks.servers import BASELINE, RunningServer
from benchmarks.workloads import CATEGORIES, TAGS, Target, Workload, build_task

WRITERS = 8
ANSWER_SECONDS = 60


@dataclass(frozen=True)
class SeededServer:
    """A server with data, and an access token for it."""

    server: RunningServer
    token: str
    target: Target

    @property
    def name(self) -> str:
        """The name of the server's kind."""
        return self.server.kind.name


def open_client(server: RunningServer) -> httpx2.Client:
    """Return a client of the server that uses no proxy."""
    return httpx2.Client(base_url=server.url, timeout=ANSWER_SECONDS, trust_env=False)


def post_json(
    server: RunningServer, client: httpx2.Client, path: str, body: Mapping[str, object], status: int
) -> dict[str, Any]:
    """Send JSON and return the response's JSON object.

    Raises:
        ServerError: the response has another status.

    """
    answer = client.post(path, json=body)
    if answer.status_code != status:
        problem = f"POST {path} returned {answer.status_code}: {answer.text}"
        raise server.fail(problem)
    content: dict[str, Any] = answer.json()
    return content


def sign_in(server: RunningServer, client: httpx2.Client) -> str:
    """Register an account, log in to it, and return the access token."""
    account = {"email": "bench@example.com", "password": secrets.token_urlsafe(24)}
    post_json(server, client, "/auth/register", account, codes.CREATED)
    return str(post_json(server, client, "/auth/login", account, codes.OK)["access_token"])


def seed_server(server: RunningServer, task_count: int) -> SeededServer:
    """Create an account and tasks, identical on every server.

    Raises:
        ServerError: a response has an unexpected status.

    """
    source = random.Random(1)  # noqa: S311 - the same tasks on every server, nothing secret
    # The first tasks create all categories and tags, so that later requests create none.
    tasks = [build_task(source) | {"category": name, "tags": TAGS} for name in CATEGORIES]
    tasks += [build_task(source) for _ in range(task_count - len(tasks))]
    path = server.kind.tasks_path
    with open_client(server) as client:
        token = sign_in(server, client)
        client.headers["Authorization"] = f"Bearer {token}"

        def create(task: Mapping[str, object]) -> str:
            return str(post_json(server, client, path, task, codes.CREATED)["id"])

        ids = [create(task) for task in tasks[: len(CATEGORIES)]]
        with ThreadPoolExecutor(WRITERS) as pool:
            ids += pool.map(create, tasks[len(CATEGORIES) :])
    return SeededServer(server, token, Target(path, tuple(ids)))


def list_fields(answer: Mapping[str, Any]) -> set[str]:
    """Return the fields of a JSON response; for a page, also its length and its items' fields.

    Nested fields are not listed, because nullable objects may be null on one of the servers.
    """
    fields = {f"/{name}" for name in answer}
    items = answer.get("items")
    if items is not None:
        fields.add(f"/items[{len(items)}]")
        fields.update(f"/items/{name}" for item in items[:1] for name in item)
    return fields


def fetch_fields(seeded: SeededServer, workload: Workload) -> set[str]:
    """Send a workload's first request once and return the fields of the response.

    Raises:
        ServerError: the response does not have the workload's status.

    """
    request = workload.build_requests(seeded.target)[0]
    headers = {**request.headers, "Authorization": f"Bearer {seeded.token}"}
    with open_client(seeded.server) as client:
        answer = client.request(request.method, request.path, content=request.body, headers=headers)
    if answer.status_code != workload.status:
        problem = f"{request.method} {request.path} returned {answer.status_code}: {answer.text}"
        raise seeded.server.fail(problem)
    return list_fields(answer.json()) if answer.content else set()


def check_fields(seeded: list[SeededServer], workload: Workload) -> None:
    """Check that every server returns the workload's status and all fields of the baseline.

    Raises:
        ServerError: a server does not, so the comparison would be unfair.

    """
    fields = {server.name: fetch_fields(server, workload) for server in seeded}
    for server in seeded:
        missing = fields.get(BASELINE, set()) - fields[server.name]
        if missing:
            problem = f"'{workload.title}' lacks {', '.join(sorted(missing))}, which {BASELINE} has"
            raise server.server.fail(problem)
