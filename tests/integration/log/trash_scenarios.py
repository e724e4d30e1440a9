"""Scenarios of the trash for ``test_scenarios.py``."""

from datetime import timedelta

import pytest

from taskstead.errors import TasksteadError
from taskstead.services.labels.categories import trash_category
from taskstead.services.labels.tags import trash_tag
from taskstead.services.tasks.purge import empty_trash, purge_task
from taskstead.services.tasks.restore import restore_task
from taskstead.services.tasks.trash import trash_task
from taskstead.services.tasks.update import complete_task
from tests.integration.jobs.housekeeping import run_housekeeping_at
from tests.integration.log.replica import Replica, check_change_log, read_log
from tests.integration.log.world import World


async def scenario_trash(world: World) -> None:
    root = await world.create("Root", tags=["kept"])
    middle = await world.create("Middle", parent=root["id"])
    leaf = await world.create("Leaf", parent=middle["id"])
    early = await world.create("Trashed before", parent=root["id"])
    await trash_task(world.ctx, early["id"])
    await world.expect(8)
    await trash_task(world.ctx, str(root["number"]))
    await world.expect(3)
    await trash_task(world.ctx, root["id"])
    await world.expect(0)
    with pytest.raises(TasksteadError):
        await restore_task(world.ctx, leaf["id"])
    await world.expect(0)
    await restore_task(world.ctx, root["id"])
    await world.expect(3)
    await restore_task(world.ctx, root["id"])
    await world.expect(0)
    assert world.replica.rows["task"][early["id"]]["deleted_at"] is not None
    await restore_task(world.ctx, early["id"])
    await world.expect(1)


async def scenario_subtask_choices(world: World) -> None:
    root = await world.create("Root")
    middle = await world.create("Middle", parent=root["id"])
    await world.create("Leaf", parent=middle["id"])
    daily = await world.create(
        "Daily", parent=middle["id"], due_date="2099-06-15", repeat_rule="FREQ=DAILY"
    )
    await world.expect(6)
    await complete_task(world.ctx, middle["id"], subtasks="complete")
    # The parent, the leaf, the repeating sub-task and its occurrence.
    await world.expect(4)
    await trash_task(world.ctx, middle["id"], subtasks="keep")
    await world.expect(3)
    # The repeating sub-task ends an occurrence and is trashed, as is the leaf.
    await trash_task(world.ctx, root["id"], subtasks="complete")
    await world.expect(5)
    assert world.replica.rows["task"][daily["id"]]["due_date"] == "2099-06-17"


async def scenario_purge(world: World) -> None:
    database, owner = world.database, world.owner
    root = await world.create("Root", description="secret", tags=["kept"], category="Kept")
    middle = await world.create("Middle", parent=root["id"])
    leaf = await world.create("Leaf", parent=middle["id"])
    other = await world.create("Other")
    await world.patch(middle, title="Another secret", description="And more")
    await world.patch(middle, priority=1)
    await trash_task(world.ctx, leaf["id"])
    await world.expect(11)
    await purge_task(world.ctx, str(middle["number"]))
    await world.expect(2)
    await purge_task(world.ctx, root["id"])
    await world.expect(1)
    assert set(world.replica.rows["task"]) == {other["id"]}
    # A replica that starts from the beginning now has the same rows, and sees none of the purged
    # text.
    late = Replica(owner.workspace_id)
    assert await check_change_log(database, late) == world.replica.revision
    log = await read_log(database, owner.workspace_id)
    texts = [str(change["fields"]) for change in log if change["entity_id"] != other["id"]]
    assert not any(word in text for text in texts for word in ("secret", "Root", "Leaf", "more"))
    await purge_task(world.ctx, other["id"])
    # It had the greatest number, which is not used again.
    assert (await world.create("New"))["number"] == other["number"] + 1
    await world.expect(2)


async def scenario_emptying(world: World) -> None:
    database, owner = world.database, world.owner
    root = await world.create("Root", description="secret")
    await world.create("Leaf", parent=root["id"])
    other = await world.create("Other")
    kept = await world.create("Kept")
    await trash_task(world.ctx, other["id"])
    await trash_task(world.ctx, root["id"])
    await world.expect(9)
    assert await run_housekeeping_after(world, timedelta()) == {}
    await world.expect(0)
    assert await empty_trash(world.ctx, chunk=1) == 3
    await world.expect(3)
    assert set(world.replica.rows["task"]) == {kept["id"]}
    await trash_task(world.ctx, kept["id"])
    await world.expect(1)
    assert await run_housekeeping_after(world, timedelta(days=2)) == {"tasks": 1}
    await world.expect(1)
    (last,) = await read_log(database, owner.workspace_id, after=world.replica.revision - 1)
    assert last["user_id"] is last["credential_id"] is None, "the server itself purged it"


async def scenario_expiry(world: World) -> None:
    """Unused categories and tags are purged, too."""
    database, owner = world.database, world.owner
    filed = await world.create("Filed", category="Secret", tags=["hush"])
    used = await world.create("Used", category="Used")
    await world.create("Live", category="Live", tags=["live"])
    await trash_tag(world.ctx, await world.find_tag("hush"))
    await trash_category(world.ctx, await world.find_category("Secret"), move_to=None)
    await trash_category(world.ctx, await world.find_category("Used"), move_to=None)
    # It is restored with its task, so it is purged only after it has been in the trash long enough.
    await restore_task(world.ctx, used["id"])
    await trash_task(world.ctx, used["id"])
    await world.expect(19)
    done = await run_housekeeping_after(world, timedelta(days=2))
    assert done == {"tasks": 2, "categories": 1, "tags": 1}
    await world.expect(4)
    assert filed["id"] not in world.replica.rows["task"]
    assert [row["name"] for row in world.replica.rows["tag"].values()] == ["live"]
    names = [row["name"] for row in world.replica.rows["category"].values()]
    assert sorted(names) == ["Live", "Used"]
    late = Replica(owner.workspace_id)
    assert await check_change_log(database, late) == world.replica.revision
    log = str(await read_log(database, owner.workspace_id))
    assert "Secret" not in log
    assert "hush" not in log
    assert await run_housekeeping_after(world, timedelta(days=3)) == {}
    await world.expect(0)


async def run_housekeeping_after(world: World, delay: timedelta) -> dict[str, int]:
    """Run housekeeping at a later time, with a trash retention of one day.

    Return the deletions.
    """
    return await run_housekeeping_at(world.database, world.server.clock() + delay, trash_days=1)
