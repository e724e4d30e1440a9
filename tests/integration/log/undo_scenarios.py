"""Scenario of undo for ``test_scenarios.py`` and ``test_undo_scenarios.py``."""

from taskstead.services.history.undo import undo_batch, undo_change
from taskstead.services.labels.categories import trash_category
from taskstead.services.tasks.trash import trash_task
from tests.integration.log.replica import read_log
from tests.integration.log.world import World


async def scenario_undo(world: World) -> None:
    database, owner = world.database, world.owner
    root = await world.create("Root", category="A", tags=["a"])
    leaf = await world.create("Leaf", parent=root["id"], category="A", assignee=owner.user_id)
    await world.expect(6)
    await world.patch(leaf, title="Renamed", status="done", tags=["b"], category="B", parent=None)
    last = (await read_log(database, owner.workspace_id))[-1]
    await world.expect(3)
    undone = await undo_change(world.ctx, last["revision"], force=False)
    assert undone.changes == 1
    await world.expect(1)
    assert undone.batch_id is not None
    await undo_batch(world.ctx, undone.batch_id, force=False)
    await world.expect(1)
    # With force: the title has changed since, and the category is in the trash.
    await world.patch(leaf, title="Renamed again")
    await trash_category(world.ctx, await world.find_category("A"), move_to=None)
    await world.expect(3)
    await undo_batch(world.ctx, last["batch_id"], force=True)
    # The task is restored except for its trashed parent. A category and a tag are trashed.
    await world.expect(4)
    row = world.replica.rows["task"][leaf["id"]]
    assert (row["title"], row["parent_id"], row["deleted_at"]) == ("Leaf", None, None)
    await trash_task(world.ctx, leaf["id"])
    await world.expect(1)
