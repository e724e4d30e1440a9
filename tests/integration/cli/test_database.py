"""``taskstead db``, the database URL of all commands, ``--version`` and ``--help``."""

import sqlite3
from pathlib import Path

import pytest

from taskstead.db.migrate import get_head
from tests.harness.commands import run_command
from tests.harness.servers.postgres import Postgres

pytestmark = pytest.mark.engines("sqlite", "postgresql")


def test_upgrade_migrates_a_database_once(empty_database_url: str) -> None:
    options = ("--database-url", empty_database_url)
    assert run_command("db", "current", *options).stdout == (
        f"none (this version requires {get_head()})\n"
    )
    assert run_command("db", "upgrade", *options).stdout.endswith(
        f" is now at revision {get_head()}.\n"
    )
    assert run_command("db", "upgrade", *options).stdout.endswith(
        f" is already at revision {get_head()}.\n"
    )
    assert run_command("db", "current", *options).stdout == (
        f"{get_head()} (this version requires {get_head()})\n"
    )


def test_db_current_creates_no_file(folder: Path) -> None:
    assert run_command("db", "current", "--database-url", "sqlite:///x/y.db").exit_code == 0
    assert not (folder / "x").exists()


def test_url_parameters_reach_postgresql_in_all_commands(postgres_server: Postgres) -> None:
    with postgres_server.empty_database() as url:
        options = ("--database-url", f"{url}?sslmode=disable&application_name=tests")
        assert run_command("db", "upgrade", *options).exit_code == 0
        result = run_command("user", "list", *options)
        assert (result.exit_code, result.output) == (0, "")


def test_default_database_is_a_file_in_the_data_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKSTEAD_DATA_DIR", str(folder / "data"))
    assert str(folder / "data" / "taskstead.db") in run_command("db", "upgrade").stdout
    database = sqlite3.connect(folder / "data" / "taskstead.db")
    assert database.execute("SELECT count(*) FROM users").fetchone() == (0,)
    database.close()
