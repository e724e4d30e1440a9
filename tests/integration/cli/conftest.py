"""Fixtures for commands: a working directory, no settings in the environment, an empty database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskstead.config.settings import PREFIX
from tests.harness.servers.postgres import Postgres
from tests.harness.settings import WAIT_SECONDS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to an empty directory, and remove the settings of the developer's environment.

    Password hashing is fast, and rate limits are off.
    """
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TASKSTEAD_PASSWORD_HASH_MEMORY_KIB", "8")
    monkeypatch.setenv("TASKSTEAD_PASSWORD_HASH_TIME_COST", "1")
    monkeypatch.setenv("TASKSTEAD_RATE_LIMITS", "false")
    # A busy machine may stand still for seconds.
    monkeypatch.setenv("TASKSTEAD_DATABASE_WAIT_SECONDS", str(WAIT_SECONDS))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sqlite_file(folder: Path, sqlite_template: Path) -> Path:
    """A migrated file x.db in the working directory. A command that creates it takes longer."""
    return Path(shutil.copy(sqlite_template, folder / "x.db"))


@pytest.fixture
def empty_database_url(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'new' / 'taskstead.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        with server.empty_database() as url:
            yield url
