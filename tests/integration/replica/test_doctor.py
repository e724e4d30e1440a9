"""``taskstead doctor``: checks of a replica."""

import pytest

from taskstead.cli.doctor.database import check_replica, judge_replica
from taskstead.cli.doctor.findings import Finding
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.diagnostics import StandbyFacts
from tests.harness.servers.replica_pair import Pair

NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"
MIB = 2**20


def expect(finding: Finding, level: str, words: str) -> None:
    assert (finding.level, words in finding.message) == (level, True), finding
    assert (finding.fix == "") is (level == "ok"), finding


async def test_replica_that_follows_is_ok(
    pair: Pair, database: Database, settings: Settings
) -> None:
    await pair.catch_up()
    (finding,) = await check_replica(database, settings)
    expect(finding, "ok", "up to")
    assert (
        await check_replica(database, settings.model_copy(update={"database_read_url": None})) == []
    )


@pytest.mark.parametrize("exists", [True, False])
async def test_server_that_is_no_replica_is_reported(
    database: Database, settings: Settings, *, exists: bool
) -> None:
    url = settings.database_url if exists else NOWHERE
    changed = settings.model_copy(update={"database_read_url": url})
    (finding,) = await check_replica(database, changed)
    expect(finding, "problem", "not the URL of a standby" if exists else "cannot be reached")


def test_replica_of_another_database_or_with_lag_is_reported() -> None:
    ours = StandbyFacts(cluster=1, is_standby=False, position=1000 * MIB)
    expect(
        judge_replica(StandbyFacts(cluster=2, is_standby=True, position=1000 * MIB), ours),
        "problem",
        "another database",
    )
    expect(
        judge_replica(StandbyFacts(cluster=1, is_standby=True, position=900 * MIB), ours),
        "warning",
        "100 MiB",
    )
    expect(
        judge_replica(StandbyFacts(cluster=1, is_standby=True, position=999 * MIB), ours),
        "ok",
        "up to",
    )
