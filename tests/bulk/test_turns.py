"""A request that is about a thousand tasks does not keep all others from their turns.

It is counted how many functions are called between two turns of the event loop, and not how long
that takes: ten thousand take a few milliseconds.
"""

from typing import Any

import httpx2
import pytest

from tests.client import Client
from tests.turns import counting_turns

# In pieces it is a third of that, and in one go half as much again.
MOST_CALLS = 20_000
COUNT = 1000


@pytest.fixture
def engine() -> str:
    """On PostgreSQL, what the database does is done elsewhere; all else is the same."""
    return "sqlite"


async def send(owner: Client, method: str, path: str, body: Any = None) -> httpx2.Response:
    """Send a request during which the others get their turns."""
    async with counting_turns() as turns:
        answer = await owner.request(method, path, json=body)
    assert answer.is_success, answer.text
    assert turns.most_calls < MOST_CALLS, f"{method} {path}"
    return answer


async def change_many(owner: Client, operations: list[dict[str, Any]]) -> None:
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    assert answer.is_success, answer.text


async def undo_last(owner: Client) -> None:
    last = (await owner.get("/api/v1/activity?limit=1")).json()["items"][0]
    answer = await send(owner, "POST", f"/api/v1/batches/{last['batch']}/undo")
    assert answer.json()["changes"] > COUNT


async def test_a_thousand_tasks_keep_nobody_from_their_turns(owner: Client) -> None:
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
