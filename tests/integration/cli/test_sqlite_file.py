"""Commands with an SQLite file that is damaged, lost or read-only, and permissions of new files."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskstead.db.sqlite.file import get_marker_path
from tests.harness.commands import (
    Server,
    create_user,
    expect_error_line,
    run_command,
    running_server,
)
from tests.integration.system.test_sqlite_file import damage_table, delete_files

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


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for copies of the files that the fixture ``file`` creates for the first test."""
    return tmp_path_factory.mktemp("copies")


@pytest.fixture
def file(folder: Path, copies: Path) -> Path:
    """A database with an account. A backup of it and a file to import are next to its folder."""
    if any(copies.iterdir()):
        shutil.copytree(copies, folder, dirs_exist_ok=True)
    else:
        create_user(EMAIL, URL)
        assert run_command("backup", "good.backup", *OPTIONS).exit_code == 0
        (folder / "in.jsonl").write_text('{"title": "A task"}\n')
        shutil.copytree(folder, copies, dirs_exist_ok=True)
    return folder / "data" / "taskstead.db"


@pytest.mark.parametrize("damage", ["users", "no database"])
def test_damaged_file_is_named_with_a_solution(file: Path, damage: str) -> None:
    if damage == "users":
        damage_table(file, damage)
    else:
        file.write_text("This is a letter. " * 500)
    for command in COMMANDS:
        output = expect_error_line(*command, *OPTIONS)
        assert output.startswith(f"The database file {file} is damaged: ")
        assert "taskstead restore" in output


def test_damage_is_reported_before_a_migration(file: Path) -> None:
    damage_table(file, "alembic_version")
    for command in ("current", "upgrade"):
        assert "is damaged" in expect_error_line("db", command, *OPTIONS)


def test_damage_is_reported_by_a_restore(file: Path) -> None:
    damage_table(file, "tasks")
    output = expect_error_line("restore", "good.backup", "--replace", "--yes", *OPTIONS)
    assert "is damaged" in output


@pytest.mark.parametrize("damage", ["users", "tasks", "alembic_version", "no database"])
def test_doctor_finds_damage(file: Path, damage: str) -> None:
    if damage == "no database":
        file.write_text("This is a letter. " * 500)
    else:
        damage_table(file, damage)
    result = run_command("doctor", *OPTIONS)
    assert result.exit_code == 1
    assert "problem" in result.stdout
    assert "restore the newest backup" in result.stdout


def test_advice_in_the_error_message_works(file: Path) -> None:
    damage_table(file, "users")
    for left in file.parent.glob(f"{file.name}*"):
        left.rename(left.with_name(f"old-{left.name}"))
    assert run_command("restore", "good.backup", *OPTIONS).exit_code == 0
    assert EMAIL in run_command("user", "list", *OPTIONS).stdout


def test_lost_database_is_not_replaced_by_an_empty_one(file: Path) -> None:
    delete_files(file)
    marker = get_marker_path(str(file))
    for command in COMMANDS[:-1]:
        output = expect_error_line(*command, *OPTIONS)
        if command[0] != "backup":
            assert str(marker) in output
            assert "taskstead restore" in output
        assert not file.exists()
    assert "existed before and is now missing" in run_command("doctor", *OPTIONS).stdout
    marker.unlink()
    assert run_command("db", "upgrade", *OPTIONS).exit_code == 0


def test_lost_database_is_restored(file: Path) -> None:
    delete_files(file)
    assert run_command("restore", "good.backup", *OPTIONS).exit_code == 0
    assert EMAIL in run_command("user", "list", *OPTIONS).stdout


def test_deliberately_deleted_folder_is_created_again(file: Path) -> None:
    delete_files(file)
    get_marker_path(str(file)).unlink()
    file.parent.rmdir()
    assert run_command("user", "list", *OPTIONS).stdout == ""


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_read_only_file_is_rejected(file: Path, suffix: str) -> None:
    path = file.with_name(file.name + suffix)
    path.touch()
    path.chmod(0o400)
    for command in COMMANDS[:-2]:
        output = expect_error_line(*command, *OPTIONS)
        assert output.startswith(f"The database file {path} is read-only")
        assert f"chmod u+w {path}" in output
    path.chmod(0o600)
    assert run_command("user", "list", *OPTIONS).exit_code == 0


@pytest.fixture
def open_mask() -> Iterator[None]:
    """The umask of most systems: others may read new files."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_mask")
def test_new_files_are_readable_by_the_owner_only(file: Path) -> None:
    for command in COMMANDS[3:6]:
        result = run_command(*command, *OPTIONS)
        assert result.exit_code == 0, result.output
    made = [*file.parent.iterdir(), Path("out.jsonl"), Path("out.backup")]
    assert len(made) > 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
    assert " permissions: " in run_command("doctor", *OPTIONS).stdout
    assert "problem  permissions" not in run_command("doctor", *OPTIONS).stdout


def test_running_server_notices_a_lost_database(file: Path) -> None:
    with running_server(Path("server"), *OPTIONS) as server:
        assert get_health(server) == 200
        delete_files(file)
        for _ in range(3):
            assert get_health(server) == 503
        status, problem = server.request("POST", "/auth/register", REGISTRATION)
        assert (status, problem["code"]) == (503, "database_replaced")
        assert server.error_output.count("Writes are rejected") == 1
        assert server.stop() == 0
    assert "there has been a database" in expect_error_line("serve", "--port", "0", *OPTIONS)


def get_health(server: Server) -> int:
    return server.request("GET", "/health")[0]
