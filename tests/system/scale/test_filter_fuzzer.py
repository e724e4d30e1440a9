"""A hundred thousand random filters find the same tasks as the plain Python oracle.

Ten filters at a time have the same statement and other values. The tests read the tasks with the
query of exports, because a request for each filter would take much longer.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from taskstead.clock import Clock
from taskstead.db.database import Database
from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.resolution import resolve_filter
from taskstead.domain.principal import Principal
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.queries.tasks.chunks import walk_numbers
from taskstead.queries.tasks.filter_names import find_members
from taskstead.queries.tasks.filters import build_conditions
from taskstead.schemas.tasks.filters import TaskFilter
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.filter_dice import ZONES, FilterDice
from tests.integration.tasks.filters.workspace import FilterWorkspace, make_workspace

pytestmark = [pytest.mark.system, pytest.mark.engines("sqlite", "postgresql")]

FILTERS_PER_ENGINE = 50_000
VARIANTS = 10


@pytest.fixture
def clock() -> Clock:
    return ManualClock()


def make_filters(filters: FilterDice, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield random filters with time zones."""
    for _ in range(FILTERS_PER_ENGINE // VARIANTS):
        zone = chance.choice(ZONES)
        for text in filters.make_variants(VARIANTS):
            yield text, zone


async def find_tasks(
    database: Database, principal: Principal, task_filter: TaskFilter, clock: Clock
) -> set[int]:
    """Return the numbers of the tasks that a filter finds."""
    members = await find_members(database, principal, task_filter.filter)
    conditions = build_conditions(
        principal, task_filter, clock(), dialect=database.dialect, members=members
    )
    walk = walk_numbers(database, conditions, chunk=500)
    return {number async for numbers in walk for number in numbers}


async def list_differences(
    database: Database,
    principal: Principal,
    workspace: FilterWorkspace,
    clock: Clock,
    chance: random.Random,
) -> list[tuple[str, str, list[int]]]:
    """Return the filters that find other tasks than the oracle, with their time zones."""
    evaluators = {zone: workspace.make_evaluator(clock(), zone) for zone in ZONES}
    differences = []
    for text, zone in make_filters(workspace.make_dice(chance), chance):
        task_filter = TaskFilter(filter=text, deleted="include", time_zone=zone)
        found = await find_tasks(database, principal, task_filter, clock)
        node = resolve_filter(parse_filter(text).node, clock(), ZoneInfo(zone))
        expected = evaluators[zone].find(node)
        if found != expected:
            differences.append((text, zone, sorted(found ^ expected)))
    return differences


async def test_random_filters_agree_with_the_oracle(
    owner: Client, database: Database, clock: Clock, chance: random.Random
) -> None:
    workspace = await make_workspace(owner, chance, clock())
    principal = await find_principal_by_email(database, "owner@example.com")
    assert principal is not None
    principal = replace(principal, workspace_id=workspace.workspace_id)
    differences = await list_differences(database, principal, workspace, clock, chance)
    assert differences == [], f"{len(differences)} filters: {differences[:3]}"
