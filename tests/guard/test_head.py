"""HEAD wherever there is GET: the same head, over a real socket, and no body after it."""

import asyncio
import http.client

import pytest
from fastapi import FastAPI

from tests.api.problems import check_problem
from tests.client import Client
from tests.guard.test_slow_clients import listening

# What differs from one answer to the next, and what only the server between us and the app sets.
PASSING = ("date", "ratelimit", "transfer-encoding")
PATHS = (
    *("/health", "/health/live", "/openapi.json", "/docs", "/docs/assets/favicon.png"),
    *("/api/v1/tasks?limit=1", "/api/v1/tasks/1", "/api/v1/tasks/export", "/items"),
    # Refused, and how.
    *("/api/v1/tasks/99", "/api/v1/tasks?limt=1", "/auth/login", "/nowhere"),
)


@pytest.fixture
def engine() -> str:
    """It is the same on both engines."""
    return "sqlite"


def ask_both_ways(port: int, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for path in PATHS:
        told = {}
        for method in ("GET", "HEAD"):
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            # A body after HEAD would be taken for the head of the next answer.
            body = answer.read()
            assert bool(body) is (method == "GET"), path
            kept = {n.lower(): v for n, v in answer.getheaders() if n.lower() not in PASSING}
            told[method] = (answer.status, kept)
        assert told["GET"] == told["HEAD"], path
    connection.close()


async def test_head_tells_what_get_tells(app: FastAPI, owner: Client) -> None:
    await owner.create_task(description="x" * 3000)
    headers = {
        "Authorization": owner.headers["Authorization"],
        "Accept-Encoding": "gzip",
        "X-Request-ID": "always-the-same",
    }
    async with listening(app, seconds=30) as port:
        await asyncio.to_thread(ask_both_ways, port, headers)


async def test_a_stream_has_no_head(owner: Client) -> None:
    for path in ("/api/v1/events", "/api/v1/events?seconds=0"):
        answer = await owner.request("HEAD", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET"), path
    problem = await owner.request("PUT", "/api/v1/tasks")
    check_problem(problem, 405, "method_not_allowed")
    assert problem.headers["allow"] == "GET, HEAD, POST"


async def test_only_what_is_there_has_one(owner: Client) -> None:
    made = (await owner.create_task())["number"]
    etag = (await owner.get(f"/api/v1/tasks/{made}")).headers["etag"]
    known = {"If-None-Match": etag}
    for path, status in ((f"/api/v1/tasks/{made}", 304), ("/api/v1/tasks/99", 404)):
        answer = await owner.request("HEAD", path, headers=known)
        assert answer.status_code == status, path
