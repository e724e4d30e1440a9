"""Scenario of bulk processing for the tests of the change log."""

from taskstead.jobs.queue import claim_job
from taskstead.schemas.tasks.bulk_process import AddTagToAll, ProcessFilter
from taskstead.services.tasks.bulk.process import (
    preview_bulk_process,
    process_chunk,
    start_bulk_process,
)
from tests.integration.log.world import World


async def scenario_processing(world: World) -> None:
    database = world.database
    for number in range(3):
        await world.create(f"Task {number}")
    await world.expect(5)
    process = AddTagToAll(filter=ProcessFilter(), action="add_tag", tag="x")
    preview = await preview_bulk_process(world.ctx, process)
    assert preview.matched == 3
    await world.expect(0)
    await start_bulk_process(world.ctx, process)
    job = await claim_job(database, worker="test", lease_seconds=30, clock=world.server.clock)
    assert job is not None
    assert not await process_chunk(database, job), "the first call stores the selection"
    await world.expect(0)
    assert await process_chunk(database, job)
    await world.expect(4)
