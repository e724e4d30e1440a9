"""Cooperative yielding: a request that changes a thousand tasks does not block the event loop.

The test counts function calls between two iterations of the event loop, not time. Ten thousand
calls take a few milliseconds.
"""

from typing import Any

import httpx2
import pytest

from tests.harness.client import Client
from tests.harness.loop_iterations import counting_iterations

pytestmark = pytest.mark.engines("sqlite")

# The largest count is a third of this limit with yielding, and 1.5 times the limit without it.
MAX_CALLS = 20_000
COUNT = 1000


async def send(owner: Client, method: str, path: str, body: Any = None) -> httpx2.Response:
    """Send a request and check the largest number of calls between two yields."""
    async with counting_iterations() as iterations:
        answer = await owner.request(method, path, json=body)
    assert answer.is_success, answer.text
    assert iterations.max_calls < MAX_CALLS, f"{method} {path}"
    return answer


async def change_many(owner: Client, operations: list[dict[str, Any]]) -> None:
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    assert answer.is_success, answer.text


async def undo_last(owner: Client) -> None:
    last = (await owner.get("/api/v1/activity?limit=1")).json()["items"][0]
    answer = await send(owner, "POST", f"/api/v1/batches/{last['batch']}/undo")
    assert answer.json()["changes"] > COUNT


async def test_changes_of_a_thousand_tasks_yield_to_others(owner: Client) -> None:
    task = {"title": "Water the plants", "tags": ["home", "green"], "category": "House"}
    await change_many(owner, [{"op": "create", "task": task}] * COUNT)
    tags = {tag["name"]: tag["id"] for tag in (await owner.get("/api/v1/tags")).json()["items"]}
    home, green = (f"/api/v1/tags/{tags[name]}" for name in ("home", "green"))
    (category,) = (await owner.get("/api/v1/categories")).json()["items"]
    await send(owner, "PATCH", home, {"name": "at home"})
    await send(owner, "POST", f"{home}/merge", {"into": tags["green"]})
    await undo_last(owner)
    await send(owner, "DELETE", green)
    await undo_last(owner)
    await send(owner, "DELETE", f"/api/v1/categories/{category['id']}")
    await undo_last(owner)
    changes = {"tags": ["x", "y"], "category": "z"}
    updates = [{"op": "update", "id": number + 1, "task": changes} for number in range(COUNT)]
    await change_many(owner, updates)
    await undo_last(owner)
