"""Fixtures for system tests: randomness, and a PostgreSQL server that may be restarted."""

import os
import random
import time
from collections.abc import Iterator

import pytest

from tests.harness.servers.postgres import PostgresServer, running_postgres


@pytest.fixture
def chance() -> random.Random:
    """The source of randomness. The variable TASKSTEAD_TEST_SEED repeats a run."""
    seed = int(os.environ.get("TASKSTEAD_TEST_SEED", time.time_ns() % 1_000_000))
    print(f"TASKSTEAD_TEST_SEED={seed}")  # noqa: T201 - printed if the test fails
    return random.Random(seed)  # noqa: S311


@pytest.fixture
def durable_postgres() -> Iterator[PostgresServer]:
    """A separate PostgreSQL server that syncs commits to disk. Tests may restart or kill it."""
    with running_postgres(durable=True) as server:
        yield server
