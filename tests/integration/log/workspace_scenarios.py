"""Scenarios of whole workspaces and accounts for the tests of the change log."""

from dataclasses import replace

from taskstead.ids import make_id
from taskstead.schemas.accounts.accounts import AccountDeletion
from taskstead.schemas.workspaces import MemberAdd
from taskstead.services.accounts.accounts import create_account
from taskstead.services.accounts.deletion import (
    delete_own_account,
    delete_user,
    delete_user_by_email,
)
from taskstead.services.workspaces.trash import restore_workspace, trash_workspace
from taskstead.services.workspaces.workspaces import add_member
from tests.harness.client import PASSWORD
from tests.harness.contexts import make_write_context
from tests.integration.log.world import World, get_principal


async def scenario_workspace_trash(world: World) -> None:
    """A workspace is trashed and restored twice."""
    id_ = world.owner.workspace_id
    await world.create("Kept")
    await world.expect(3)
    await trash_workspace(world.ctx, id_, name="Shared")
    await world.expect(1)
    await trash_workspace(world.ctx, id_, name="Shared")
    await world.expect(0)
    await restore_workspace(world.ctx, id_)
    await world.expect(1)
    await restore_workspace(world.ctx, id_)
    await world.expect(0)


async def scenario_deletion(world: World) -> None:
    """Members are deleted, one of them while the workspace is in the trash.

    Then its owner is deleted.
    """
    database, owner, id_ = world.database, world.owner, world.owner.workspace_id
    passwords = world.server.passwords
    for name in ("third", "fourth"):
        await create_account(
            database,
            passwords,
            email=f"{name}@example.com",
            password=PASSWORD,
            is_admin=True,
            clock=world.server.clock,
        )
    for name in ("other", "third", "fourth"):
        await add_member(world.ctx, id_, MemberAdd(email=f"{name}@example.com"))
    await world.expect(5)
    await world.create("Of the other", assignee=world.other.user_id)
    await world.expect(1)
    body = AccountDeletion(current_password=PASSWORD)
    logged_in = replace(world.other, session_id=make_id())
    await delete_own_account(
        make_write_context(database, logged_in, world.server.clock), passwords, body
    )
    # The task has no assignee, and the member has left.
    await world.expect(2)
    await trash_workspace(world.ctx, id_, name="Shared")
    await delete_user_by_email(
        database, "third@example.com", hand_over={}, clock=world.server.clock
    )
    await restore_workspace(world.ctx, id_)
    await world.expect(3)
    fourth = await get_principal(database, "fourth@example.com", id_)
    ctx = make_write_context(database, fourth, world.server.clock)
    await delete_user(ctx, owner.user_id, hand_over={id_: fourth.user_id})
    await world.expect(2)
    assert world.replica.rows["member"].keys() == {fourth.user_id}
