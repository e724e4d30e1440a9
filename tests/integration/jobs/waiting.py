"""Test helper that waits for background jobs."""

import asyncio
from typing import Any

import httpx2

from tests.harness.client import Client

SECONDS = 300.0
ACTIVE = ("queued", "running")


async def wait_for_job(client: Client, started: httpx2.Response) -> dict[str, Any]:
    """Wait until the job in a response has ended. Return it."""
    assert started.status_code in (200, 202), started.text
    async with asyncio.timeout(SECONDS):
        while True:
            answer = await client.get(started.headers["location"])
            job: dict[str, Any] = answer.json()
            if job["state"] not in ACTIVE:
                return job
            await asyncio.sleep(0.01)
