"""Plays of the law about whole workspaces and accounts."""

from taskstead.services.workspace_trash import restore_workspace, trash_workspace
from tests.law.scene import Scene


async def play_workspace_trash(scene: Scene) -> None:
    """A workspace goes into the trash and comes back, twice each."""
    database, owner, id_ = scene.database, scene.owner, scene.owner.workspace_id
    await scene.create("Kept")
    await scene.expect(3)
    await trash_workspace(database, owner, id_, name="Shared")
    await scene.expect(1)
    await trash_workspace(database, owner, id_, name="Shared")
    await scene.expect(0)
    await restore_workspace(database, owner, id_)
    await scene.expect(1)
    await restore_workspace(database, owner, id_)
    await scene.expect(0)
