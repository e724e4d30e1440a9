"""Files of commands: unfinished output files and temporary files."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.commands import create_user, expect_error_line, run_command
from tests.integration.db.sqlite.test_faults import file_size_limit

OPTIONS = ("--database-url", "sqlite:///x.db")
# Writes a file until its standard input ends.
WRITER = """
import sys
from taskstead.cli.files import open_target
with open_target(sys.argv[1]) as file:
    file.write(b"something")
    file.flush()
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def writing(target: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that writes a file and does not finish before its input ends."""
    command = [sys.executable, "-c", WRITER, str(target)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


@pytest.fixture
def folder_of_backups(sqlite_file: Path) -> Path:
    """An empty folder, and a database with an account."""
    create_user("owner@example.com", OPTIONS[1])
    backups = sqlite_file.with_name("backups")
    backups.mkdir()
    return backups


def test_next_backup_removes_the_file_of_a_killed_one(folder_of_backups: Path) -> None:
    with writing(folder_of_backups / "monday.backup") as process:
        process.kill()
    (part,) = folder_of_backups.iterdir()
    others = [part.with_name(name) for name in (".notes.part", "part", f"x{part.name}")]
    for other in others:
        other.touch()
    tuesday = folder_of_backups / "tuesday.backup"
    assert run_command("backup", str(tuesday), *OPTIONS).exit_code == 0
    assert {*folder_of_backups.iterdir()} == {tuesday, *others}


def test_backup_in_progress_is_not_removed(folder_of_backups: Path) -> None:
    target = folder_of_backups / "other.backup"
    with writing(target) as process:
        backup = folder_of_backups / "one.backup"
        assert run_command("backup", str(backup), *OPTIONS).exit_code == 0
        assert not target.exists()
        process.communicate("")
    assert process.returncode == 0
    assert {*folder_of_backups.iterdir()} == {backup, target}


def test_restore_names_a_full_temporary_folder(folder_of_backups: Path) -> None:
    backup = folder_of_backups / "one.backup"
    assert run_command("backup", str(backup), *OPTIONS).exit_code == 0
    content = backup.read_bytes()
    with file_size_limit(100):
        output = expect_error_line("restore", "-", "--replace", "--yes", *OPTIONS, stdin=content)
    assert output.startswith(f"The backup cannot be copied to {tempfile.gettempdir()}: ")
    assert "TMPDIR" in output
    assert run_command("user", "list", *OPTIONS).stdout.startswith("owner@example.com")
