"""Helpers for tests of repeating tasks."""

from datetime import UTC, datetime
from typing import Any

from tests.harness.client import Client

Data = dict[str, Any]

# A Thursday.
NOW = datetime(2026, 11, 26, 12, 30, 30, tzinfo=UTC)
DAILY = "FREQ=DAILY"


async def create_repeating(client: Client, **fields: Any) -> Data:
    """Create a task, by default due today and every day."""
    return await client.create_task(**{"due_date": "2026-11-26", "repeat_rule": DAILY, **fields})


async def act(client: Client, task: Data, action: str, body: Data | None = None) -> Data:
    """Complete or skip, and return the task."""
    answer = await client.post(f"/api/v1/tasks/{task['id']}/{action}", body)
    assert answer.status_code == 200, answer.text
    found: Data = answer.json()
    return found


async def patch(client: Client, task: Data, **fields: Any) -> Data:
    """Change a task, and return it."""
    answer = await client.patch(f"/api/v1/tasks/{task['id']}", fields)
    assert answer.status_code == 200, answer.text
    found: Data = answer.json()
    return found


async def get(client: Client, task: Data) -> Data:
    """Return the task as it is now."""
    found: Data = (await client.get(f"/api/v1/tasks/{task['id']}")).json()
    return found


async def list_occurrences(client: Client, task: Data) -> list[tuple[str, str]]:
    """Return the past occurrences of a task with their outcomes, the most recent first."""
    answer = await client.get(f"/api/v1/tasks/{task['id']}/occurrences")
    assert answer.status_code == 200, answer.text
    return [(item["occurrence"], item["outcome"]) for item in answer.json()["items"]]
