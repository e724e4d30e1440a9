"""Play of the law about bulk processing."""

from taskstead.jobs.queue import claim_job
from taskstead.schemas.bulk_process import read_process
from taskstead.services.bulk_process import (
    preview_bulk_process,
    process_chunk,
    start_bulk_process,
)
from tests.law.scene import Scene


async def play_processing(scene: Scene) -> None:
    database, owner = scene.database, scene.owner
    for number in range(3):
        await scene.create(f"Task {number}")
    await scene.expect(5)
    process = read_process({"filter": {}, "action": "add_tag", "tag": "x"})
    matched, _ = await preview_bulk_process(database, owner, process)
    assert matched == 3
    await scene.expect(0)
    await start_bulk_process(database, owner, process)
    job = await claim_job(database, worker="test", lease_seconds=30)
    assert job is not None
    assert not await process_chunk(database, job), "the first one writes down what is to be done"
    await scene.expect(0)
    assert await process_chunk(database, job)
    await scene.expect(4)
