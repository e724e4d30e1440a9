"""Random filters find the same tasks as the plain Python oracle, through the API."""

import random
from zoneinfo import ZoneInfo

import pytest

from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.resolution import resolve_filter
from taskstead.domain.filters.tree import mentions_trash
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.filter_dice import ZONES
from tests.integration.tasks.filters.workspace import make_workspace

pytestmark = pytest.mark.engines("sqlite", "postgresql")

FILTERS = 300


@pytest.fixture
def clock() -> ManualClock:
    """Stands still at the start of a minute, because listings use the minute of the request."""
    clock = ManualClock()
    clock.now = clock.now.replace(second=0)
    return clock


async def test_random_filters_agree_with_the_oracle(owner: Client, clock: ManualClock) -> None:
    dice = random.Random(7)  # noqa: S311 - not used for secrets
    workspace = await make_workspace(owner, dice, clock.now)
    filters = workspace.make_dice(dice)
    evaluators = {zone: workspace.make_evaluator(clock.now, zone) for zone in ZONES}
    differences = []
    for _ in range(FILTERS):
        text, zone = filters.make_filter(), dice.choice(ZONES)
        node = resolve_filter(parse_filter(text).node, clock.now, ZoneInfo(zone))
        expected = evaluators[zone].find(node)
        if not mentions_trash(node):
            expected &= evaluators[zone].find_live()
        parameters = {"filter": text, "time_zone": zone, "limit": 200, "fields": "number"}
        answer = await workspace.client.get("/api/v1/tasks", params=parameters)
        found = {item["number"] for item in answer.json()["items"]}
        if found != expected:
            differences.append((text, zone, sorted(found ^ expected)))
    assert differences == []
