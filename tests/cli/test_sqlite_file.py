"""What the commands say about an SQLite file that is damaged, lost, read-only or too open."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskstead.db.sqlite_file import get_marker_path
from tests.api.test_sqlite_file import damage_table, delete_files
from tests.cli.commands import (
    Server,
    create_user,
    expect_sentence,
    run_command,
    running_server,
)

EMAIL = "owner@example.com"
URL = "sqlite:///data/taskstead.db"
OPTIONS = ("--database-url", URL)
REGISTRATION = {"email": "second@example.com", "password": "a good long secret"}
# Every command that reads accounts.
COMMANDS = [
    ("serve", "--port", "0"),
    ("user", "list"),
    ("user", "disable", EMAIL),
    ("export", "out.jsonl", "--user", EMAIL),
    ("import", "in.jsonl", "--user", EMAIL),
    ("backup", "out.backup"),
    ("restore", "good.backup"),
]


@pytest.fixture
def file(folder: Path) -> Path:
    """A database with an account. Beside its folder: a backup of it, and something to import."""
    create_user(EMAIL, URL)
    assert run_command("backup", "good.backup", *OPTIONS).exit_code == 0
    (folder / "in.jsonl").write_text('{"title": "A task"}\n')
    return folder / "data" / "taskstead.db"


@pytest.mark.parametrize("damage", ["users", "no database"])
def test_a_damaged_file_is_named_with_the_way_out(file: Path, damage: str) -> None:
    if damage == "users":
        damage_table(file, damage)
    else:
        file.write_text("This is a letter. " * 500)
    for command in COMMANDS:
        said = expect_sentence(*command, *OPTIONS)
        assert said.startswith(f"The database file {file} is damaged: ")
        assert "taskstead restore" in said


def test_damage_is_named_before_a_migration(file: Path) -> None:
    damage_table(file, "alembic_version")
    for command in ("current", "upgrade"):
        assert "is damaged" in expect_sentence("db", command, *OPTIONS)


def test_damage_is_named_while_tables_are_rebuilt(file: Path) -> None:
    damage_table(file, "tasks")
    said = expect_sentence("restore", "good.backup", "--replace", "--yes", *OPTIONS)
    assert "is damaged" in said


@pytest.mark.parametrize("damage", ["users", "tasks", "alembic_version", "no database"])
def test_doctor_finds_damage(file: Path, damage: str) -> None:
    if damage == "no database":
        file.write_text("This is a letter. " * 500)
    else:
        damage_table(file, damage)
    result = run_command("doctor", *OPTIONS)
    assert result.exit_code == 1
    assert "problem" in result.stdout
    assert "restore the last backup" in result.stdout


def test_what_the_sentence_says_helps(file: Path) -> None:
    damage_table(file, "users")
    for left in file.parent.glob(f"{file.name}*"):
        left.rename(left.with_name(f"old-{left.name}"))
    assert run_command("restore", "good.backup", *OPTIONS).exit_code == 0
    assert EMAIL in run_command("user", "list", *OPTIONS).stdout


def test_a_lost_database_is_not_replaced_by_an_empty_one(file: Path) -> None:
    delete_files(file)
    marker = get_marker_path(str(file))
    for command in COMMANDS[:-1]:
        said = expect_sentence(*command, *OPTIONS)
        if command[0] != "backup":
            assert str(marker) in said
            assert "taskstead restore" in said
        assert not file.exists()
    assert "there has been one" in run_command("doctor", *OPTIONS).stdout
    marker.unlink()
    assert run_command("db", "upgrade", *OPTIONS).exit_code == 0


def test_a_lost_database_is_restored(file: Path) -> None:
    delete_files(file)
    assert run_command("restore", "good.backup", *OPTIONS).exit_code == 0
    assert EMAIL in run_command("user", "list", *OPTIONS).stdout


def test_a_folder_that_is_deleted_on_purpose_is_made_again(file: Path) -> None:
    delete_files(file)
    get_marker_path(str(file)).unlink()
    file.parent.rmdir()
    assert run_command("user", "list", *OPTIONS).stdout == ""


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_a_read_only_file_is_refused(file: Path, suffix: str) -> None:
    path = file.with_name(file.name + suffix)
    path.touch()
    path.chmod(0o400)
    for command in COMMANDS[:-2]:
        said = expect_sentence(*command, *OPTIONS)
        assert said.startswith(f"The database file {path} is read-only")
        assert f"chmod u+w {path}" in said
    path.chmod(0o600)
    assert run_command("user", "list", *OPTIONS).exit_code == 0


@pytest.fixture
def open_mask() -> Iterator[None]:
    """The mask that most systems have: others may read what is made."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_mask")
def test_what_the_commands_make_is_their_owners_alone(file: Path) -> None:
    for command in COMMANDS[3:6]:
        result = run_command(*command, *OPTIONS)
        assert result.exit_code == 0, result.output
    made = [*file.parent.iterdir(), Path("out.jsonl"), Path("out.backup")]
    assert len(made) > 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert " permissions: " in run_command("doctor", *OPTIONS).stdout
    assert "problem  permissions" not in run_command("doctor", *OPTIONS).stdout


def test_a_running_server_notices(file: Path) -> None:
    with running_server(Path("server"), *OPTIONS) as server:
        assert ask_health(server) == 200
        delete_files(file)
        for _ in range(3):
            assert ask_health(server) == 503
        status, problem = server.request("POST", "/auth/register", REGISTRATION)
        assert (status, problem["code"]) == (503, "database_replaced")
        assert server.complaints.count("Writes are refused") == 1
        assert server.stop() == 0
    assert "there has been a database" in expect_sentence("serve", "--port", "0", *OPTIONS)


def ask_health(server: Server) -> int:
    return server.request("GET", "/health")[0]
