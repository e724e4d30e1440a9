"""What happens to tasks in the trash, as plays for ``test_log_law.py``."""

import pytest

from taskstead.errors import TasksteadError
from taskstead.services.purge import purge_task
from taskstead.services.restore import restore_task
from taskstead.services.trash import trash_task
from taskstead.services.trash_purge import empty_trash, purge_expired_trash
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
    assert await purge_expired_trash(database, trash_days=1) == 0
    await scene.expect(0)
    assert await empty_trash(database, owner, chunk=1) == 3
    await scene.expect(3)
    assert set(scene.replica.rows["task"]) == {kept["id"]}
    await trash_task(database, owner, kept["id"])
    await scene.expect(1)
    assert await purge_expired_trash(database, trash_days=0) == 1
    await scene.expect(1)
    (last,) = await read_log(database, owner.workspace_id, after=scene.replica.revision - 1)
    assert last["user_id"] is last["credential_id"] is None, "the server itself did it"
