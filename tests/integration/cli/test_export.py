"""``taskstead export``: exported files, their import, and errors."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from taskstead.ids import make_id
from tests.harness.commands import create_user, expect_error_line, run_command
from tests.harness.paths import PROGRAM
from tests.integration.cli.test_import import (
    EMAIL,
    FULL,
    SQLITE,
    list_tasks,
    make_lines,
    number_titles,
)

OTHER = "grace@example.com"

pytestmark = pytest.mark.usefixtures("sqlite_file")


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_exported_tasks_can_be_imported(database_url: str, folder: Path, ending: str) -> None:
    for email in (EMAIL, OTHER):
        create_user(email, database_url)
    url = ("--database-url", database_url)
    root = make_id()
    # More than a chunk of the import lies between a task and its parent.
    lines = make_lines(
        [{**FULL, "parent": root}, {"title": "Old", "deleted_at": "2020-01-01T00:00Z"}]
    )
    lines += number_titles(600) + make_lines([{"id": root, "title": "Root", "tags": ["=1", "a,b"]}])
    (folder / "in.jsonl").write_bytes(lines)
    result = run_command("import", "in.jsonl", "--user", EMAIL, *url)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    first, second = f"first.{ending}", f"second.{ending}"
    assert run_command("export", first, "--user", EMAIL, *url).exit_code == 0
    assert run_command("import", first, "--user", OTHER, *url).exit_code == 0
    assert run_command("export", second, "--user", OTHER, *url).exit_code == 0
    content = (folder / first).read_bytes()
    assert (folder / second).read_bytes() == content
    assert sorted(path.name for path in folder.glob("*.part")) == []
    again = run_command("import", first, "--user", EMAIL, "--on-conflict", "replace", *url)
    assert again.stdout.startswith("0 tasks imported, 603 skipped, 0 lines rejected")
    piped = run_command("export", "--user", EMAIL, "--format", ending, "--no-trash", *url)
    assert piped.stdout_bytes != content
    assert b'"Old"' not in piped.stdout_bytes


def test_todotxt_file_is_imported(folder: Path) -> None:
    create_user(EMAIL, SQLITE)
    (folder / "todo.txt").write_text("(A) Buy milk +Home @errand\nx Done\n")
    options = ("--user", EMAIL, "--database-url", SQLITE)
    assert run_command("import", "todo.txt", *options).exit_code == 0
    found = [(task["title"], task["status"], task["priority"]) for task in list_tasks(SQLITE)]
    assert found == [("Buy milk", "todo", 1), ("Done", "done", 3)]


def test_standard_input_has_the_given_format() -> None:
    create_user(EMAIL, SQLITE)
    options = ("--format", "csv", "--user", EMAIL, "--database-url", SQLITE)
    assert run_command("import", "-", *options, stdin="title\nC\n").exit_code == 0
    assert [(task["title"], task["status"]) for task in list_tasks(SQLITE)] == [("C", "todo")]


def test_exported_todotxt_file_equals_the_imported_one(folder: Path) -> None:
    for email in (EMAIL, OTHER):
        create_user(email, SQLITE)
    url = ("--database-url", SQLITE)
    lines = b"(A) 2020-01-02 Buy milk +Home @errand due:2026-12-01\n"
    lines += b"x 2020-01-03 2020-01-02 Paint fence pri:B\n"
    (folder / "todo.txt").write_bytes(lines)
    trashed = make_lines([{"title": "Old", "deleted_at": "2020-01-01T00:00Z"}])
    assert run_command("import", "-", "--user", EMAIL, *url, stdin=trashed).exit_code == 0
    assert run_command("import", "todo.txt", "--user", EMAIL, *url).exit_code == 0
    assert run_command("export", "out.TXT", "--user", EMAIL, *url).exit_code == 0
    assert (folder / "out.TXT").read_bytes() == lines
    assert run_command("import", "out.TXT", "--user", OTHER, *url).exit_code == 0
    piped = run_command("export", "--format", "todotxt", "--user", OTHER, *url)
    assert piped.stdout_bytes == lines
    whole = run_command("export", "--format", "todotxt", "--trash", "--user", EMAIL, *url)
    assert b"Old" in whole.stdout_bytes


@pytest.mark.parametrize("command", ["import", "export"])
@pytest.mark.parametrize("name", ["out.xml", "todo"])
def test_unknown_file_extension_is_rejected(command: str, name: str, folder: Path) -> None:
    create_user(EMAIL, SQLITE)
    options = ("--user", EMAIL, "--database-url", SQLITE)
    if command == "import":
        (folder / name).write_bytes(make_lines([{"title": "A"}]))
    line = expect_error_line(command, name, *options)
    assert "--format" in line
    assert name in line
    assert (folder / name).exists() == (command == "import")
    if command == "export":
        assert run_command(command, name, "--format", "csv", *options).exit_code == 0


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b'[\n{"title": "A"},\n{"title": "B"}\n]\n', "the file is a JSON array, not JSON Lines"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "iCalendar files cannot be imported"),
    ],
)
def test_file_of_another_format_is_rejected(content: bytes, part: str, folder: Path) -> None:
    create_user(EMAIL, SQLITE)
    options = ("--user", EMAIL, "--database-url", SQLITE)
    (folder / "in.jsonl").write_bytes(content)
    assert part in expect_error_line("import", "in.jsonl", *options)
    assert list_tasks(SQLITE) == []


def test_assignees_who_are_not_members_are_reported() -> None:
    create_user(EMAIL, SQLITE)
    line = json.dumps({"title": "x", "assignee": make_id()})
    options = ("--user", EMAIL, "--database-url", SQLITE)
    result = run_command("import", "-", *options, stdin=f"{line}\n")
    assert result.exit_code == 0
    assert "1 task imported without assignee" in result.output


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("import", "bad.csv"), "line 1: unknown column 'color'"),
        (("export", "nowhere/out.csv"), "nowhere/out.csv cannot be written: No such file"),
        (("export", "--workspace", make_id()), "ada@example.com is not a member of"),
    ],
    ids=["unknown-column", "missing-folder", "unknown-workspace"],
)
def test_impossible_exports_are_reported(
    arguments: tuple[str, ...], part: str, folder: Path
) -> None:
    create_user(EMAIL, SQLITE)
    (folder / "bad.csv").write_text("title,color\nx,red\n")
    options = ("--user", EMAIL, "--database-url", SQLITE)
    assert part in expect_error_line(*arguments, *options)


def test_closed_output_pipe_is_no_error() -> None:
    create_user(EMAIL, SQLITE)
    options = ("--user", EMAIL, "--database-url", SQLITE)
    run_command("import", "-", *options, stdin=number_titles(2000))
    with subprocess.Popen(
        [PROGRAM, "export", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert b'"Task 1"' in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


OUTPUT_COMMANDS = pytest.mark.parametrize(
    "command", [("export", "--user", EMAIL), ("backup",)], ids=lambda c: c[0]
)


@OUTPUT_COMMANDS
def test_special_file_is_not_replaced(
    command: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Examples are ``>(gpg …)`` and ``/dev/null``, which root could replace."""
    monkeypatch.setenv("TASKSTEAD_DATABASE_URL", SQLITE)
    create_user(EMAIL, SQLITE)
    assert run_command("import", "-", "--user", EMAIL, stdin=number_titles(3)).exit_code == 0
    os.mkfifo(folder / "pipe")
    reader = os.open(folder / "pipe", os.O_RDWR | os.O_NONBLOCK)
    result = run_command(command[0], "pipe", *command[1:])
    assert result.exit_code == 0, result.output
    assert len(os.read(reader, 1 << 16)) > 100
    os.close(reader)
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)
    assert [path.name for path in folder.glob("*pipe*")] == ["pipe"]


@OUTPUT_COMMANDS
def test_folder_is_rejected_as_an_output_file(
    command: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKSTEAD_DATABASE_URL", SQLITE)
    create_user(EMAIL, SQLITE)
    (folder / "sub").mkdir()
    line = expect_error_line(command[0], "sub", *command[1:])
    assert line.endswith("sub cannot be written: Is a directory.")
