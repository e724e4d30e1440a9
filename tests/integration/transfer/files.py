"""Test helpers: fill a workspace with varied tasks, export files and import files."""

import json
from typing import Any

import httpx2

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.integration.jobs.waiting import wait_for_job

EXPORT = "/api/v1/tasks/export"
IMPORT = "/api/v1/tasks/import"
TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv", "todotxt": "text/plain"}
DIFFICULT_TEXTS = (
    "=SUM(A1:A9)",
    "'quoted",
    "'=both",
    '+1 "two", three',
    "-1",
    "@home",
    "a\\,b\\",
    "\N{FULLWIDTH EQUALS SIGN}1",
    "null",
    "caf\u00e9 \N{ROCKET} \u65e5\u672c\u8a9e \u2028",
)


def make_operations(count: int) -> list[dict[str, Any]]:
    """Return bulk operations that create tasks with every field, some of them as sub-tasks."""
    operations: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        task: dict[str, Any] = {
            "id": make_id(),
            "title": f"{DIFFICULT_TEXTS[number % 10]} {number}",
        }
        if number % 2:
            task |= {
                "category": DIFFICULT_TEXTS[number % 7],
                "tags": list(DIFFICULT_TEXTS[number % 5 : number % 9]),
            }
        if number % 3 == 0:
            task["description"] = f"\tone, \"two\"\r\n\r'three'\n\n{number}\n" * (number % 4)
        if number % 4 == 0:
            task |= {"due_date": "2026-12-01T09:00:00.5+01:00", "due_time_zone": "Europe/Berlin"}
        if number % 5 == 0:
            task |= {"status": ("done", "cancelled", "in_progress")[number % 3], "priority": 1}
        if number % 10 == 7:
            task["parent"] = operations[number - 7]["task"]["id"]
        operations.append({"op": "create", "task": task})
    return operations


async def fill(client: Client, count: int) -> None:
    """Fill a workspace with tasks. Some are moved, trashed, restored or purged."""
    operations = make_operations(count)
    for start in range(0, count, 1000):
        body = {"operations": operations[start : start + 1000]}
        answer = await client.post("/api/v1/tasks/bulk", body)
        assert answer.status_code == 200, answer.text
    await client.post("/api/v1/tasks/3/move", {"to": "start"})
    # This parent has a greater number than its child.
    await client.patch("/api/v1/tasks/2", {"parent": count})
    for number in (1, 9):
        await client.delete(f"/api/v1/tasks/{number}")
    await client.delete("/api/v1/tasks/5?permanent=true")
    me = (await client.get("/auth/me")).json()
    await client.patch("/api/v1/tasks/4", {"assignee": me["id"]})


async def export(client: Client, kind: str, query: str = "&deleted=include") -> bytes:
    answer = await client.get(f"{EXPORT}?format={kind}{query}")
    assert answer.status_code == 200, answer.text
    return answer.content


async def send(
    client: Client, content: bytes, kind: str = "jsonl", query: str = ""
) -> httpx2.Response:
    """Upload a file to import. Return the response."""
    headers = {"Content-Type": TYPES[kind]}
    return await client.request("POST", f"{IMPORT}{query}", content=content, headers=headers)


async def import_all(
    client: Client, content: bytes, kind: str = "jsonl", query: str = ""
) -> dict[str, Any]:
    """Import a file and wait for the end of the job. Return the job."""
    return await wait_for_job(client, await send(client, content, kind, query))


def make_lines(*tasks: dict[str, Any]) -> bytes:
    return "".join(json.dumps(task) + "\n" for task in tasks).encode()


async def open_workspace(client: Client) -> Client:
    """Return the same user acting in a new workspace."""
    answer = await client.post("/api/v1/workspaces", {"name": "Another"})
    return client.in_workspace(answer.json()["id"])
