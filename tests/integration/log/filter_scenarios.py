"""Scenarios of saved filters for ``test_scenarios.py``."""

from taskstead.schemas.labels.tags import TagCreate, TagPatch
from taskstead.schemas.saved_filters import FilterPlace, SavedFilterCreate, SavedFilterPatch
from taskstead.schemas.workspaces import MemberAdd
from taskstead.services.labels.tags import create_tag, update_tag
from taskstead.services.saved_filters.saved_filters import (
    create_saved_filter,
    move_saved_filter,
    trash_saved_filter,
    update_saved_filter,
)
from taskstead.services.workspaces.workspaces import add_member, remove_member
from tests.harness.contexts import make_write_context
from tests.integration.log.world import World, get_principal


async def scenario_filters(world: World) -> None:
    tag = await create_tag(world.ctx, TagCreate(name="home"))
    own = await create_saved_filter(world.ctx, SavedFilterCreate(name="Own", filter="@home"))
    shared = await create_saved_filter(
        world.ctx,
        SavedFilterCreate(name="Shared", filter="#Work or @HOME", sort="title", shared=True),
    )
    await world.expect(5)
    for fields, count in (
        ({"name": "Mine"}, 1),
        ({"name": "Mine", "filter": "@home"}, 0),
        ({"filter": "@home today", "color": "#123456", "group_by": "tag", "sort": "number"}, 1),
        ({"shared": True, "name": "Ours"}, 2),
        ({"shared": False, "name": "Own"}, 2),
        ({"shared": True}, 1),
        ({"shared": False, "place": FilterPlace(to="end")}, 2),
    ):
        await update_saved_filter(world.ctx, own["id"], SavedFilterPatch(**fields))
        await world.expect(count)
    await move_saved_filter(world.ctx, own["id"], FilterPlace(before=shared["id"]))
    await move_saved_filter(world.ctx, own["id"], FilterPlace(to="start"))
    await world.expect(1)
    await update_tag(world.ctx, tag["id"], TagPatch(name="at home"))
    await world.expect(3)
    assert world.replica.rows["filter"][own["id"]]["filter"] == '@"at home" today'
    await trash_saved_filter(world.ctx, shared["id"])
    await world.expect(1)


async def scenario_filters_of_members(world: World) -> None:
    """The own filters of a removed member are permanently deleted."""
    id_, other = world.owner.workspace_id, world.other.user_id
    await add_member(world.ctx, id_, MemberAdd(email="other@example.com"))
    principal = await get_principal(world.database, "other@example.com", id_)
    ctx = make_write_context(world.database, principal, world.server.clock)
    for name, is_shared in (("Own", False), ("Shared", True)):
        body = SavedFilterCreate(name=name, filter="today", shared=is_shared)
        await create_saved_filter(ctx, body)
    await world.expect(5)
    await remove_member(world.ctx, id_, other)
    await world.expect(2)
    assert [row["name"] for row in world.replica.rows["filter"].values()] == ["Shared"]
