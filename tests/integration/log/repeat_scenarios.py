"""Scenarios of repeating tasks for ``test_scenarios.py``."""

from taskstead.services.tasks.purge import purge_task
from taskstead.services.tasks.update import complete_task, skip_occurrence
from tests.integration.log.world import World


async def scenario_repeats(world: World) -> None:
    task = await world.create("Daily", due_date="2026-06-15", repeat_rule="FREQ=DAILY")
    await world.create("Step", parent=task["id"], status="done")
    await world.expect(4)
    await complete_task(world.ctx, task["id"])
    await world.expect(3)
    await skip_occurrence(world.ctx, task["id"])
    await world.expect(2)
    assert len(world.replica.rows["occurrence"]) == 2
    await purge_task(world.ctx, task["id"])
    await world.expect(4)
    assert world.replica.rows["occurrence"] == {}
