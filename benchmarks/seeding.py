"""Puts the same account and tasks into every server by its API; checks that answers are alike."""

import random
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx2
from httpx2 import codes

from benchmarks.servers import RunningServer
from benchmarks.workloads import CATEGORIES, TAGS, Target, Workload, build_task

WRITERS = 8
ANSWER_SECONDS = 60


@dataclass(frozen=True)
class SeededServer:
    """A server with data, and the token of the account that owns it."""

    server: RunningServer
    token: str
    target: Target

    @property
    def name(self) -> str:
        """The name of the server's kind."""
        return self.server.kind.name


def open_client(server: RunningServer) -> httpx2.Client:
    """Return a client of the server that passes by any proxy."""
    return httpx2.Client(base_url=server.url, timeout=ANSWER_SECONDS, trust_env=False)


def post_json(
    server: RunningServer, client: httpx2.Client, path: str, body: Mapping[str, object], status: int
) -> dict[str, Any]:
    """Send JSON and return the object that comes back.

    Raises:
        ServerError: the answer had another status.

    """
    answer = client.post(path, json=body)
    if answer.status_code != status:
        problem = f"POST {path} answered {answer.status_code}: {answer.text}"
        raise server.fail(problem)
    content: dict[str, Any] = answer.json()
    return content


def sign_in(server: RunningServer, client: httpx2.Client) -> str:
    """Register an account, log in to it, and return the access token."""
    account = {"email": "bench@example.com", "password": secrets.token_urlsafe(24)}
    post_json(server, client, "/auth/register", account, codes.CREATED)
    return str(post_json(server, client, "/auth/login", account, codes.OK)["access_token"])


def seed_server(server: RunningServer, task_count: int) -> SeededServer:
    """Create an account and tasks, the same ones on every server.

    Raises:
        ServerError: an answer was not as expected.

    """
    source = random.Random(1)  # noqa: S311 - the same tasks on every server, nothing secret
    # First one task for each category, with all tags: afterwards nobody has to create any.
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


def describe_shape(value: Any) -> object:
    """Return a JSON value's outline: an object's keys, a list's length and its first element's."""
    if isinstance(value, dict):
        # What may be null has to be present, but not to be alike.
        return {
            key: describe_shape(inner) if key == "items" else None
            for key, inner in sorted(value.items())
        }
    if isinstance(value, list):
        return [len(value), describe_shape(value[0]) if value else None]
    return None


def fetch_shape(seeded: SeededServer, workload: Workload) -> object:
    """Send a workload's first request once and return the outline of the answer.

    Raises:
        ServerError: the status was not the workload's.

    """
    request = workload.build_requests(seeded.target)[0]
    headers = {**request.headers, "Authorization": f"Bearer {seeded.token}"}
    with open_client(seeded.server) as client:
        answer = client.request(request.method, request.path, content=request.body, headers=headers)
    if answer.status_code != workload.status:
        problem = f"{request.method} {request.path} answered {answer.status_code}: {answer.text}"
        raise seeded.server.fail(problem)
    return describe_shape(answer.json()) if answer.content else None


def check_same_shapes(seeded: list[SeededServer], workload: Workload) -> None:
    """Make sure that all servers answer a workload with the same fields.

    Raises:
        ServerError: they do not.

    """
    first, *others = seeded
    expected = fetch_shape(first, workload)
    for other in others:
        found = fetch_shape(other, workload)
        if found != expected:
            problem = f"answers '{workload.title}' with {found}, but {first.name} with {expected}"
            raise other.server.fail(problem)
