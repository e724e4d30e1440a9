"""Property test of sync: after any writes, replicas hold the same rows as the tables.

Hypothesis generates the writes and the times at which replicas pull. Writes come between the pages,
and between the statements of one page. TASKSTEAD_TEST_EXAMPLES sets the number of examples.
"""

import itertools
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import Parameters
from taskstead.faces.api.history.sync import render_changes
from taskstead.http.responses.json import build_json_response
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.services.history.sync import read_changes
from tests.harness.client import Client
from tests.harness.contexts import make_read_context
from tests.integration.log.replica import read_tables
from tests.integration.log.test_log_machine import running
from tests.integration.sync.random_writes import RANDOM_WRITES
from tests.integration.sync.replica import KINDS, Replica, take_snapshot
from tests.integration.sync.test_changes import share_workspace

pytestmark = pytest.mark.engines("sqlite", "postgresql")

EXAMPLES = os.environ.get("TASKSTEAD_TEST_EXAMPLES")
REPLICAS = 3
LIMITS = (1, 2, 3, 7, 200)

writes = st.tuples(st.sampled_from(range(len(RANDOM_WRITES))), st.integers(0, 50))
# Which replica pulls, how many rows, and the writes while the page is read.
pulls = st.tuples(
    st.integers(0, REPLICAS - 1), st.sampled_from(LIMITS), st.lists(writes, max_size=3)
)
scripts = st.lists(writes | pulls, min_size=5, max_size=20)
counter = itertools.count()

Write = tuple[int, int]


class InterruptedReader:
    """A reader that runs a write before each statement except the first.

    Args:
        database: the database to read.
        interruptions: the writes, one before each statement until none are left.
    """

    dialect = ""

    def __init__(
        self, database: Database, interruptions: list[Callable[[], Awaitable[None]]]
    ) -> None:
        self._database = database
        self._interruptions = iter(interruptions)
        self._is_first = True

    async def _interrupt(self) -> None:
        if not self._is_first:
            for interrupt in itertools.islice(self._interruptions, 1):
                await interrupt()
        self._is_first = False

    async def fetch_one(self, query: Query[R], parameters: Parameters) -> R | None:
        await self._interrupt()
        return await self._database.fetch_one(query, parameters)

    async def fetch_all(
        self, query: Query[R], parameters: Parameters, *, is_long: bool = False
    ) -> list[R]:
        await self._interrupt()
        return await self._database.fetch_all(query, parameters, is_long=is_long)


class Scenario:
    """A workspace whose two users write alternately, and replicas of the first user."""

    def __init__(self, database: Database, workspace_id: str, users: list[Client]) -> None:
        self.database = database
        self.workspace_id = workspace_id
        self.replicas = [Replica() for _ in range(REPLICAS)]
        self.email = ""
        self.reader = users[0]
        self._users = itertools.cycle(users)

    async def write(self, write: Write) -> None:
        index, pick = write
        await RANDOM_WRITES[index](next(self._users), pick)

    async def pull(self, replica: Replica, limit: int, interruptions: list[Write]) -> None:
        principal = await find_principal_by_email(
            self.database, self.email, workspace_id=self.workspace_id
        )
        assert principal is not None
        reader = InterruptedReader(
            self.database, [partial(self.write, write) for write in interruptions]
        )
        ctx = replace(make_read_context(self.database, principal), database=reader)
        changes = await read_changes(ctx, replica.token, limit=limit)
        replica.apply(json.loads(bytes(build_json_response(render_changes(changes)).body)))
        if replica.is_current:
            now = await take_snapshot(self.reader)
            if now.revision == replica.revision:
                assert replica.rows == now.rows, (
                    "a current replica equals the workspace at that revision"
                )


async def run_script(client: Client, database: Database, script: list[Any]) -> None:
    number = next(counter)
    emails = [f"{name}-{number}@example.com" for name in ("owner", "editor")]
    workspace_id, users = await share_workspace(client, *emails)
    scenario = Scenario(database, workspace_id, users)
    scenario.email = emails[0]
    for step in script:
        if len(step) == 2:
            await scenario.write(step)
        else:
            which, limit, interruptions = step
            await scenario.pull(scenario.replicas[which], limit, interruptions)
    await check_convergence(scenario)


async def check_convergence(scenario: Scenario) -> None:
    client = scenario.reader
    expected = await read_tables(scenario.database, scenario.workspace_id)
    me = (await client.get("/auth/me")).json()["id"]
    expected["filter"] = {
        id_: row
        for id_, row in expected["filter"].items()
        if row["is_shared"] or row["owner_id"] == me
    }
    fresh = await take_snapshot(client)
    for kind in KINDS:
        assert fresh.rows[kind].keys() == expected[kind].keys()
        for id_, row in fresh.rows[kind].items():
            names = row.keys() & expected[kind][id_].keys()
            assert len(names) >= 4
            stored = {name: expected[kind][id_][name] for name in names}
            if kind == "task":
                # An empty list is stored as null.
                stored["repeat_except"] = stored["repeat_except"] or []
            assert {name: row[name] for name in names} == stored
    for replica, limit in zip(scenario.replicas, LIMITS, strict=False):
        await replica.catch_up(client, limit=limit)
        assert replica.rows == fresh.rows


def test_replicas_converge(settings: Settings) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running(settings)) as (client, database),
    ):

        @hypothesis_settings(
            max_examples=int(EXAMPLES or 15),
            derandomize=EXAMPLES is None,
            deadline=None,
            phases=[Phase.generate, *([Phase.shrink] if EXAMPLES else [])],
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(script=scripts)
        def run_scripts(script: list[Any]) -> None:
            portal.call(run_script, client, database, script)

        run_scripts()
