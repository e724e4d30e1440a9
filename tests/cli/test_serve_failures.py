"""What keeps a server from starting is told in one sentence, before anything is served."""

import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import expect_sentence, run_command
from tests.servers.postgres import Postgres

NOWHERE = "postgresql://somebody:s3cret@127.0.0.1:1/tasks"


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_named_with_the_way_out(taken_port: int) -> None:
    said = expect_sentence("serve", "--port", str(taken_port), "--database-url", "sqlite:///x.db")
    assert said == (
        f"Port {taken_port} on 127.0.0.1 is taken by another program; "
        "choose another with --port or PORT=…"
    )


@pytest.mark.parametrize(
    ("host", "part"),
    [
        ("192.0.2.1", "The address 192.0.2.1 is none of this machine's"),
        ("nowhere.invalid", "The host nowhere.invalid is not known here"),
    ],
)
def test_a_host_that_is_not_this_one_is_named(host: str, part: str) -> None:
    said = expect_sentence("serve", "--host", host, "--database-url", "sqlite:///x.db")
    assert said.startswith(part)
    assert "--host" in said


def test_a_folder_that_cannot_be_made_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("not a folder")
    monkeypatch.setenv("TASKSTEAD_DATA_DIR", str(folder / "file" / "data"))
    said = expect_sentence("serve")
    assert said.startswith(f"The folder {folder / 'file' / 'data'} cannot be made or written to")
    assert "TASKSTEAD_DATA_DIR" in said
    url = f"sqlite:///{folder}/file/data/x.db"
    assert "TASKSTEAD_DATABASE_URL" in expect_sentence("serve", "--database-url", url)


def test_a_file_that_is_no_database_is_named(folder: Path) -> None:
    (folder / "x.db").write_text("this is a letter, and no database at all" * 30)
    said = expect_sentence("serve", "--port", "0", "--database-url", "sqlite:///x.db")
    assert "x.db is damaged: file is not a database" in said


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (("--port", "70000"), "TASKSTEAD_PORT"),
        (("--workers", "0"), "TASKSTEAD_WORKERS"),
        (("--database-url", "mysql://u:s3cret@localhost/x"), "TASKSTEAD_DATABASE_URL"),
    ],
)
def test_a_setting_without_sense_is_named(options: tuple[str, str], name: str) -> None:
    said = expect_sentence("serve", *options, exit_code=2)
    assert said.startswith(f"Invalid value for {name}:")
    assert "s3cret" not in said


def test_a_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKSTEAD_WORKER", "2")
    assert "TASKSTEAD_WORKERS" in expect_sentence("serve", exit_code=2)


def test_an_option_that_is_no_number_is_a_usage_error() -> None:
    result = run_command("serve", "--port", "http")
    assert result.exit_code == 2
    assert "Invalid value for '--port'" in result.stderr


@pytest.mark.parametrize(
    "command", [("serve", "--port", "0"), ("db", "current"), ("db", "upgrade"), ("user", "list")]
)
def test_a_database_out_of_reach_is_named_without_its_password(command: tuple[str, ...]) -> None:
    said = expect_sentence(*command, "--database-url", NOWHERE)
    assert said.startswith("The database postgresql://somebody@127.0.0.1:1/tasks cannot be used: ")
    assert "Connect" in said
    assert "s3cret" not in said


def test_a_database_that_is_not_there_is_named(postgres_server: Postgres) -> None:
    url = postgres_server.url("absent")
    said = expect_sentence("serve", "--port", "0", "--database-url", url)
    assert said == f'The database {url} cannot be used: database "absent" does not exist.'


def test_without_migrations_an_old_database_is_left_alone(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKSTEAD_MIGRATE_ON_START", "false")
    said = expect_sentence("serve", "--port", "0", "--database-url", empty_database_url)
    assert "taskstead db upgrade" in said
    current = run_command("db", "current", "--database-url", empty_database_url)
    assert current.stdout.startswith("none ")


def test_a_database_of_a_newer_version_is_left_alone(folder: Path) -> None:
    run_command("db", "upgrade", "--database-url", "sqlite:///x.db")
    database = sqlite3.connect(folder / "x.db")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    for command in (("serve", "--port", "0"), ("db", "upgrade"), ("user", "list")):
        said = expect_sentence(*command, "--database-url", "sqlite:///x.db")
        assert "revision 9999" in said
        assert "newer version" in said
