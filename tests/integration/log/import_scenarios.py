"""Scenarios of imports for ``test_scenarios.py``."""

from collections.abc import AsyncIterator
from typing import Any

from taskstead.clock import get_now
from taskstead.formats.task_record import check_record
from taskstead.ids import make_id
from taskstead.jobs.queue import claim_job
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.services.transfer.imports import (
    begin_import,
    import_chunk,
    import_tasks,
    stored_upload,
)
from tests.integration.log.world import World
from tests.integration.transfer.files import make_lines


def make_tasks(*tasks: dict[str, Any]) -> list[ImportTask]:
    return [check_record(task) for task in tasks]


async def scenario_import(world: World) -> None:
    database = world.database
    root, at = make_id(), "2020-01-01T00:00:00Z"
    lines = make_lines(
        {"title": "Below", "parent": root, "deleted_at": at, "number": 9, "updated_at": at},
        {"id": root, "title": "Root", "deleted_at": at, "tags": ["a"], "category": "B"},
        # The requested number of a rejected task is not used up.
        {"title": "Nowhere", "parent": make_id(), "number": 99},
        {"title": "Done", "status": "done", "completed_at": at, "created_at": at},
    )

    async def stream_body() -> AsyncIterator[bytes]:
        for start in range(0, len(lines), 100):
            yield lines[start : start + 100]

    storing = stored_upload(world.ctx, stream_body(), kind="jsonl", on_conflict="skip")
    async with storing as stored:
        await begin_import(world.ctx, stored)
    job = await claim_job(database, worker="test", lease_seconds=30, clock=get_now)
    assert job is not None
    # The workspace and its owner, a tag, a category, and three tasks.
    assert not await import_chunk(database, job), "one task was postponed"
    await world.expect(7)
    assert not await import_chunk(database, job), "its parent does not exist"
    await world.expect(0)
    assert await import_chunk(database, job)
    await world.expect(0)
    assert job.progress.failed == 1


async def scenario_replacing(world: World) -> None:
    old = await world.create("Old", tags=["a"], status="done")
    await world.expect(4)
    new = {"id": old["id"], "title": "New", "position": "a0V", "category": "B"}
    (task,) = make_tasks(new)
    await import_tasks(world.ctx, [task], "replace", is_final=True)
    await world.expect(2)
    (item,) = await import_tasks(world.ctx, [task], "replace", is_final=True)
    assert item.result == "unchanged"
    await import_tasks(world.ctx, [task], "skip", is_final=True)
    await import_tasks(world.ctx, [task], "fail", is_final=True)
    await world.expect(0)
    done = make_tasks({**new, "status": "done", "completed_at": "2020-01-01T00:00:00Z"})
    await import_tasks(world.ctx, done, "replace", is_final=True)
    await world.expect(1)
