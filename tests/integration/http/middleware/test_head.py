"""HEAD requests: the headers of GET without a body, and routes that do not support it."""

import asyncio
import http.client

import pytest
from fastapi import FastAPI

from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.http.middleware.test_slow_clients import listening

pytestmark = pytest.mark.engines("sqlite")

# Headers that change with each response, and a header that only the HTTP server sets.
VOLATILE_HEADERS = ("date", "ratelimit", "transfer-encoding")
PATHS = (
    *("/health", "/health/live", "/openapi.json", "/docs", "/docs/assets/favicon.png"),
    *("/api/v1/tasks?limit=1", "/api/v1/tasks/1", "/api/v1/tasks/export", "/items"),
    # Rejected requests, with the same status and headers.
    *("/api/v1/tasks/99", "/api/v1/tasks?limt=1", "/auth/login", "/nowhere"),
)


def compare_get_and_head(port: int, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for path in PATHS:
        received = {}
        for method in ("GET", "HEAD"):
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            # A body after HEAD would be read as the start of the next response.
            body = answer.read()
            assert bool(body) is (method == "GET"), path
            kept = {
                n.lower(): v for n, v in answer.getheaders() if n.lower() not in VOLATILE_HEADERS
            }
            received[method] = (answer.status, kept)
        assert received["GET"] == received["HEAD"], path
    connection.close()


async def test_head_returns_the_headers_of_get(app: FastAPI, owner: Client) -> None:
    await owner.create_task(description="x" * 3000)
    headers = {
        "Authorization": owner.headers["Authorization"],
        "Accept-Encoding": "gzip",
        "X-Request-ID": "always-the-same",
    }
    async with listening(app, seconds=30) as port:
        await asyncio.to_thread(compare_get_and_head, port, headers)


async def test_event_stream_does_not_support_head(owner: Client) -> None:
    for path in ("/api/v1/events", "/api/v1/events?seconds=0"):
        answer = await owner.request("HEAD", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET"), path


async def test_head_is_an_allowed_method_of_get_routes(owner: Client) -> None:
    problem = await owner.request("PUT", "/api/v1/tasks")
    check_problem(problem, 405, "method_not_allowed")
    assert problem.headers["allow"] == "GET, HEAD, POST"


async def test_head_respects_if_none_match(owner: Client) -> None:
    made = (await owner.create_task())["number"]
    etag = (await owner.get(f"/api/v1/tasks/{made}")).headers["etag"]
    known = {"If-None-Match": etag}
    for path, status in ((f"/api/v1/tasks/{made}", 304), ("/api/v1/tasks/99", 404)):
        answer = await owner.request("HEAD", path, headers=known)
        assert answer.status_code == status, path
