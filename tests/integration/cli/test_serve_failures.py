"""Errors that prevent the start of the server are reported in one sentence before it serves."""

import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.commands import expect_error_line, run_command
from tests.harness.servers.postgres import Postgres

NOWHERE = "postgresql://somebody:s3cret@127.0.0.1:1/tasks"


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_port_in_use_is_named_with_a_solution(taken_port: int) -> None:
    output = expect_error_line(
        "serve", "--port", str(taken_port), "--database-url", "sqlite:///x.db"
    )
    assert output == (
        f"Port {taken_port} on 127.0.0.1 is in use by another program; "
        "choose another with --port or PORT=…"
    )


@pytest.mark.parametrize(
    ("host", "part"),
    [
        ("192.0.2.1", "This machine does not have the address 192.0.2.1"),
        ("nowhere.invalid", "The host nowhere.invalid is unknown"),
    ],
)
def test_host_of_another_machine_is_named(host: str, part: str) -> None:
    output = expect_error_line("serve", "--host", host, "--database-url", "sqlite:///x.db")
    assert output.startswith(part)
    assert "--host" in output


def test_folder_that_cannot_be_created_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("not a folder")
    monkeypatch.setenv("TASKSTEAD_DATA_DIR", str(folder / "file" / "data"))
    output = expect_error_line("serve")
    assert output.startswith(f"The folder {folder / 'file' / 'data'} cannot be created or written")
    assert "TASKSTEAD_DATA_DIR" in output
    url = f"sqlite:///{folder}/file/data/x.db"
    assert "TASKSTEAD_DATABASE_URL" in expect_error_line("serve", "--database-url", url)


def test_file_that_is_no_database_is_named(folder: Path) -> None:
    (folder / "x.db").write_text("this is a letter, and no database at all" * 30)
    output = expect_error_line("serve", "--port", "0", "--database-url", "sqlite:///x.db")
    assert "x.db is damaged: file is not a database" in output


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("--port", "70000"), "TASKSTEAD_PORT"),
        (("--workers", "0"), "TASKSTEAD_WORKERS"),
        (("--database-url", "mysql://u:s3cret@localhost/x"), "TASKSTEAD_DATABASE_URL"),
    ],
)
def test_invalid_setting_is_named(options: tuple[str, str], name: str) -> None:
    output = expect_error_line("serve", *options, exit_code=2)
    assert output.startswith(f"Invalid value for {name}:")
    assert "s3cret" not in output


def test_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKSTEAD_WORKER", "2")
    assert "TASKSTEAD_WORKERS" in expect_error_line("serve", exit_code=2)


def test_option_that_is_no_number_is_a_usage_error() -> None:
    result = run_command("serve", "--port", "http")
    assert result.exit_code == 2
    assert "Invalid value for '--port'" in result.stderr


@pytest.mark.parametrize(
    "command", [("serve", "--port", "0"), ("db", "current"), ("db", "upgrade"), ("user", "list")]
)
def test_unreachable_database_is_named_without_its_password(command: tuple[str, ...]) -> None:
    output = expect_error_line(*command, "--database-url", NOWHERE)
    assert output.startswith(
        "The database postgresql://somebody@127.0.0.1:1/tasks cannot be used: "
    )
    assert "Connect" in output
    assert "s3cret" not in output


def test_missing_database_is_named(postgres_server: Postgres) -> None:
    url = postgres_server.url("absent")
    output = expect_error_line("serve", "--port", "0", "--database-url", url)
    assert output == f'The database {url} cannot be used: database "absent" does not exist.'


def test_old_database_is_unchanged_without_migrations(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKSTEAD_MIGRATE_ON_START", "false")
    output = expect_error_line("serve", "--port", "0", "--database-url", empty_database_url)
    assert "taskstead db upgrade" in output
    current = run_command("db", "current", "--database-url", empty_database_url)
    assert current.stdout.startswith("none ")


def test_newer_database_is_unchanged(folder: Path) -> None:
    run_command("db", "upgrade", "--database-url", "sqlite:///x.db")
    database = sqlite3.connect(folder / "x.db")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    for command in (("serve", "--port", "0"), ("db", "upgrade"), ("user", "list")):
        output = expect_error_line(*command, "--database-url", "sqlite:///x.db")
        assert "revision 9999" in output
        assert "newer version" in output
