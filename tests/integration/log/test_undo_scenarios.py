"""Every scenario of the change log, undone and redone: all columns have their earlier values.

Created objects go to the trash, so their rows remain. Columns with the revision and time of the
last change are excluded, because the undo changes them.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from taskstead.errors import NotFoundError, NotUndoableError, UndoConflictError
from taskstead.http.app_state import Server
from taskstead.services.history.undo import undo_batch
from tests.integration.log.filter_scenarios import scenario_filters_of_members
from tests.integration.log.replica import (
    Data,
    check_change_log,
    check_undone,
    read_log,
    read_tables,
    strip_rows,
)
from tests.integration.log.test_scenarios import (
    SCENARIOS,
    Scenario,
    scenario_accounts,
    scenario_workspace,
)
from tests.integration.log.world import World, build_world

# The workspace and its owner are created with the world and are not undone.
_BEGINNING = 2
# Changes of members are not undone either.
NEVER_UNDONE = {scenario_accounts, scenario_filters_of_members, scenario_workspace}


def is_undoable(change: Data) -> bool:
    return change["kind"] not in ("workspace", "member") and change["action"] != "purged"


@dataclass
class RewindingWorld(World):
    """A world that undoes and redoes all changes since the last check at each check."""

    before: dict[tuple[str, str], Data] = field(default_factory=dict)
    rewound: int = 0

    async def read(self) -> dict[tuple[str, str], Data]:
        return strip_rows(await read_tables(self.database, self.owner.workspace_id))

    async def expect(self, count: int) -> None:
        start = max(self.replica.revision, _BEGINNING)
        await super().expect(count)
        log = await read_log(self.database, self.owner.workspace_id, after=start)
        batches = list(dict.fromkeys(change["batch_id"] for change in log))
        if all(map(is_undoable, log)):
            await self.rewind(batches)
        else:
            await self.check_undo_is_refused(
                {change["batch_id"] for change in log if not is_undoable(change)}
            )
        await check_change_log(self.database, self.replica)
        self.before = await self.read()

    async def rewind(self, batches: list[str]) -> None:
        after = await self.read()
        undone = [await self.undo(batch_id) for batch_id in reversed(batches)]
        check_undone(self.before, await self.read())
        for batch_id in reversed(undone):
            await self.undo(batch_id)
        assert await self.read() == after
        self.rewound += len(batches)

    async def undo(self, batch_id: str) -> str:
        result = await undo_batch(self.ctx, batch_id, force=False)
        assert result.batch_id is not None
        assert not result.skipped
        return result.batch_id

    async def check_undo_is_refused(self, batches: set[Any]) -> None:
        workspace = self.replica.rows["workspace"][self.owner.workspace_id]
        is_trashed = workspace["deleted_at"] is not None
        refusals = NotFoundError if is_trashed else (NotUndoableError, UndoConflictError)
        before = await read_tables(self.database, self.owner.workspace_id)
        for batch_id in batches:
            with pytest.raises(refusals):
                await undo_batch(self.ctx, batch_id, force=False)
        assert await read_tables(self.database, self.owner.workspace_id) == before


@pytest.mark.parametrize(
    "scenario", SCENARIOS, ids=lambda scenario: scenario.__name__.removeprefix("scenario_")
)
async def test_undone_and_redone_scenario_restores_all_values(
    scenario: Scenario, server: Server
) -> None:
    world = await build_world(server, RewindingWorld)
    world.before = await world.read()
    await scenario(world)
    assert world.rewound or scenario in NEVER_UNDONE
