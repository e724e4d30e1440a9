"""What happens to tasks in the trash, as plays for ``test_log_law.py``."""

from datetime import timedelta

import pytest

from taskstead.clock import get_now
from taskstead.errors import TasksteadError
from taskstead.jobs.queue import claim_job
from taskstead.services.categories import trash_category
from taskstead.services.housekeeping import enqueue_housekeeping, run_housekeeping
from taskstead.services.purge import purge_task
from taskstead.services.restore import restore_task
from taskstead.services.tags import trash_tag
from taskstead.services.trash import trash_task
from taskstead.services.trash_purge import empty_trash
from tests.law.replica import Replica, check_law, read_log
from tests.law.scene import Scene


async def play_trash(scene: Scene) -> None:
    database, owner = scene.database, scene.owner
    root = await scene.create("Root", tags=["kept"])
    middle = await scene.create("Middle", parent=root["id"])
    leaf = await scene.create("Leaf", parent=middle["id"])
    early = await scene.create("Trashed before", parent=root["id"])
    await trash_task(database, owner, early["id"])
    await scene.expect(8)
    await trash_task(database, owner, str(root["number"]))
    await scene.expect(3)
    await trash_task(database, owner, root["id"])
    await scene.expect(0)
    with pytest.raises(TasksteadError):
        await restore_task(database, owner, leaf["id"])
    await scene.expect(0)
    await restore_task(database, owner, root["id"])
    await scene.expect(3)
    await restore_task(database, owner, root["id"])
    await scene.expect(0)
    assert scene.replica.rows["task"][early["id"]]["deleted_at"] is not None
    await restore_task(database, owner, early["id"])
    await scene.expect(1)


async def play_purge(scene: Scene) -> None:
    database, owner = scene.database, scene.owner
    root = await scene.create("Root", description="secret", tags=["kept"], category="Kept")
    middle = await scene.create("Middle", parent=root["id"])
    leaf = await scene.create("Leaf", parent=middle["id"])
    other = await scene.create("Other")
    await scene.patch(middle, title="Another secret", description="And more")
    await scene.patch(middle, priority=1)
    await trash_task(database, owner, leaf["id"])
    await scene.expect(11)
    await purge_task(database, owner, str(middle["number"]))
    await scene.expect(2)
    await purge_task(database, owner, root["id"])
    await scene.expect(1)
    assert set(scene.replica.rows["task"]) == {other["id"]}
    # A replica that begins only now comes to the same, and finds none of the text.
    late = Replica(owner.workspace_id)
    assert await check_law(database, late) == scene.replica.revision
    log = await read_log(database, owner.workspace_id)
    texts = [str(change["fields"]) for change in log if change["entity_id"] != other["id"]]
    assert not any(word in text for text in texts for word in ("secret", "Root", "Leaf", "more"))
    await purge_task(database, owner, other["id"])
    # Its number was the greatest, and is not given again.
    assert (await scene.create("New"))["number"] == other["number"] + 1
    await scene.expect(2)


async def play_emptying(scene: Scene) -> None:
    database, owner = scene.database, scene.owner
    root = await scene.create("Root", description="secret")
    await scene.create("Leaf", parent=root["id"])
    other = await scene.create("Other")
    kept = await scene.create("Kept")
    await trash_task(database, owner, other["id"])
    await trash_task(database, owner, root["id"])
    await scene.expect(9)
    assert await keep_house_at(scene, timedelta()) == {}
    await scene.expect(0)
    assert await empty_trash(database, owner, chunk=1) == 3
    await scene.expect(3)
    assert set(scene.replica.rows["task"]) == {kept["id"]}
    await trash_task(database, owner, kept["id"])
    await scene.expect(1)
    assert await keep_house_at(scene, timedelta(days=2)) == {"tasks": 1}
    await scene.expect(1)
    (last,) = await read_log(database, owner.workspace_id, after=scene.replica.revision - 1)
    assert last["user_id"] is last["credential_id"] is None, "the server itself did it"


async def play_expiry(scene: Scene) -> None:
    """Categories and tags go too, when no task has them any more."""
    database, owner = scene.database, scene.owner
    filed = await scene.create("Filed", category="Secret", tags=["hush"])
    used = await scene.create("Used", category="Used")
    await scene.create("Live", category="Live", tags=["live"])
    await trash_tag(database, owner, await scene.find_tag("hush"))
    await trash_category(database, owner, await scene.find_category("Secret"), move_to=None)
    await trash_category(database, owner, await scene.find_category("Used"), move_to=None)
    # It comes back with its task, and only goes when that one has lain there long enough.
    await restore_task(database, owner, used["id"])
    await trash_task(database, owner, used["id"])
    await scene.expect(19)
    done = await keep_house_at(scene, timedelta(days=2))
    assert done == {"tasks": 2, "categories": 1, "tags": 1}
    await scene.expect(4)
    assert filed["id"] not in scene.replica.rows["task"]
    assert [row["name"] for row in scene.replica.rows["tag"].values()] == ["live"]
    names = [row["name"] for row in scene.replica.rows["category"].values()]
    assert sorted(names) == ["Live", "Used"]
    late = Replica(owner.workspace_id)
    assert await check_law(database, late) == scene.replica.revision
    log = str(await read_log(database, owner.workspace_id))
    assert "Secret" not in log
    assert "hush" not in log
    assert await keep_house_at(scene, timedelta(days=3)) == {}
    await scene.expect(0)


async def keep_house_at(scene: Scene, later: timedelta) -> dict[str, int]:
    """Do the housekeeping of another time, with one day for the trash; return what it deleted."""
    now = get_now() + later
    assert await enqueue_housekeeping(scene.database, trash_days=1, now=now)
    job = await claim_job(scene.database, worker="test", lease_seconds=30)
    assert job is not None
    while not await run_housekeeping(scene.database, job):
        pass
    return {name: count for name, count in job.progress.result.items() if count}
