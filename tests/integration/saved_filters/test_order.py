"""The manual order of saved filters when its positions become too long."""

import pytest

from taskstead.domain.fractional_index import MAX_KEY_LENGTH
from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.http.app_state import Server
from taskstead.queries.saved_filters import list_all_filters
from taskstead.schemas.saved_filters import FilterPlace, SavedFilterCreate
from taskstead.services.changelog import open_batch
from taskstead.services.entity_writer import update_rows
from taskstead.services.saved_filters.saved_filters import create_saved_filter, move_saved_filter
from taskstead.tables.saved_filters import SavedFilterRow
from tests.integration.log.replica import check_change_log
from tests.integration.log.world import World, build_world

pytestmark = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture
async def world(server: Server) -> World:
    return await build_world(server, World)


async def set_position(world: World, row: SavedFilterRow, position: str) -> None:
    async with open_batch(world.ctx) as batch:
        await update_rows(batch, SAVED_FILTER, [(row, {"position": position})])


async def test_filters_get_new_positions_if_there_is_no_room(world: World) -> None:
    first, second, third = [
        await create_saved_filter(world.ctx, SavedFilterCreate(name=name, filter=""))
        for name in ("First", "Second", "Third")
    ]
    await set_position(world, first, "a0" + "0" * (MAX_KEY_LENGTH - 3) + "1")
    await set_position(world, second, "a0" + "0" * (MAX_KEY_LENGTH - 3) + "2")
    moved = await move_saved_filter(world.ctx, third["id"], FilterPlace(after=first["id"]))
    rows = await list_all_filters(world.database, world.owner.workspace_id)
    assert [row["name"] for row in rows] == ["First", "Third", "Second"]
    assert len(moved["position"]) < 10
    await check_change_log(world.database, world.replica)
