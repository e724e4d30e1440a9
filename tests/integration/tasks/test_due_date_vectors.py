"""The vectors of due dates in task lists: overdue tasks, and the order."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.harness.client import Client
from tests.harness.clock import ManualClock

pytestmark = pytest.mark.engines("sqlite", "postgresql")

PATH = "/api/v1/tasks"
_LINES = (Path(__file__).parents[2] / "data/due-dates.jsonl").read_text().splitlines()
# The API rejects invalid due dates and unknown zones.
VECTORS = [
    vector
    for vector in map(json.loads, _LINES)
    if vector["expect"] is not None and vector["due_time_zone"] != "Mars/Olympus_Mons"
]


@pytest.fixture
def clock() -> ManualClock:
    """Stands at the time of the vectors."""
    return ManualClock(datetime.fromisoformat(VECTORS[0]["now"]))


async def create_vectors(owner: Client) -> None:
    """Create a task for each vector, with its id as the title."""
    operations = [
        {
            "op": "create",
            "task": {
                "title": str(vector["id"]),
                "due_date": vector["due_date"],
                "due_time_zone": vector["due_time_zone"],
            },
        }
        for vector in VECTORS
    ]
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    assert answer.status_code == 200, answer.text


async def list_ids(owner: Client, parameters: dict[str, Any]) -> list[int]:
    answer = await owner.get(PATH, params={"limit": 100, **parameters})
    assert answer.status_code == 200, answer.text
    return [int(task["title"]) for task in answer.json()["items"]]


@pytest.mark.parametrize("zone", VECTORS[0]["expect"]["readers"])
async def test_overdue_vectors_are_found(owner: Client, zone: str) -> None:
    await create_vectors(owner)
    found = await list_ids(owner, {"overdue": "true", "time_zone": zone})
    expected = [vector["id"] for vector in VECTORS if vector["expect"]["readers"][zone]["overdue"]]
    assert sorted(found) == expected


async def test_vectors_are_sorted_by_their_time(owner: Client) -> None:
    await create_vectors(owner)
    times = {vector["id"]: vector["expect"]["at"] for vector in VECTORS}
    found = [times[id_] for id_ in await list_ids(owner, {"sort": "due_date"})]
    assert found == sorted(times.values())
