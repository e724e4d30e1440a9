"""``taskstead import``: imported tasks, rejected lines and the report of both."""

import asyncio
import contextlib
import json
import re
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from taskstead.db.database import Database
from taskstead.db.factory import open_database
from taskstead.domain.principal import Principal
from taskstead.ids import make_id
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.queries.tasks.tasks import find_task
from taskstead.schemas.workspaces import MemberAdd, WorkspaceCreate
from taskstead.services.tasks.trash import trash_task
from taskstead.services.workspaces.workspaces import add_member, create_workspace
from taskstead.tables.tasks import TaskDetailRow
from tests.harness.commands import (
    SECONDS,
    create_user,
    expect_error_line,
    run_at_terminal,
    run_command,
    wait_until,
)
from tests.harness.contexts import make_write_context
from tests.harness.paths import PROGRAM
from tests.harness.settings import WAIT_SECONDS

EMAIL = "ada@example.com"
SQLITE = "sqlite:///x.db"

FULL: dict[str, Any] = {
    "title": "Ship it: \N{ROCKET} café / 日本語",
    "description": " two spaces\tand a tab \r\nnext line\u2028and another  ",
    "priority": 1,
    "category": "Größe",
    "tags": ["b", "Ärger"],
    "due_date": "2026-12-01T09:00:00+01:00",
    "status": "in_progress",
}

# Rejected lines, and the beginning of the error for each.
BAD_LINES = [
    (b'{"title": "x", "priority": 9}', "/priority: Input should be less than or equal to 5"),
    (b"no json", "not JSON: Expecting value at column 1"),
    (b'{"title": "\xff"}', "not UTF-8: invalid byte 0xff at column 12"),
    (b'["title"]', "not a JSON object"),
    (
        b'{"title": "x", "titel/a": 1}',
        "/titel~1a: unknown field; the fields are id, number, title, description, status",
    ),
    (b'{"title": "x", "title": "y"}', "/title: repeated key"),
    (b"{}", "/title: Field required"),
    (b'{"title": " "}', "/title: String should have at least 1 character"),
    (
        b'{"title": "x", "tags": ["a", 1], "priority": "3"}',
        "/priority: Input should be a valid integer (and 1 more)",
    ),
    (b'{"title": "x", "tags": ["a", 1]}', "/tags/1: Input should be a valid string"),
    (b'{"title": "x", "due_date": "2026-02-30"}', "/due_date: "),
    (b'{"title": "x", "status": "later"}', "/status: Input should be 'todo', 'in_progress'"),
    (b'{"title": "\\ud800"}', "/title: "),
    (b'{"title": "x\\u0000"}', "/title: NUL characters are not allowed in text"),
    (b'{"title": "x", "revision": 1}', "/revision: unknown field"),
    (b'{"title": "x", "number": 0}', "/number: "),
    (
        b'{"title": "x", "parent": "01a1fbe6-20bc-7000-8e52-ea79cce82543"}',
        "/parent: The parent, task 01a1fbe6-20bc-7000-8e52-ea79cce82543, does not exist",
    ),
    (b"[" * 100_000, "invalid JSON: "),
    (b'{"priority": ' + b"1" * 5000 + b"}", "invalid JSON: "),
    # Unprintable characters are not printed.
    (b'  {"title": "x", "\\u001b[2J": 1}  ', "/\N{REPLACEMENT CHARACTER}[2J: unknown field"),
]

Result = TypeVar("Result")


def run_on_database(url: str, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Run a coroutine function on an open database."""

    async def run() -> Result:
        database = await open_database(url, pool_size=1, wait_seconds=WAIT_SECONDS)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


async def get_principal(database: Database, email: str) -> Principal:
    principal = await find_principal_by_email(database, email)
    assert principal is not None
    return principal


def list_tasks(
    url: str, email: str = EMAIL, workspace_id: str | None = None
) -> list[TaskDetailRow]:
    """Return all tasks of a workspace, oldest first."""

    async def read(database: Database) -> list[TaskDetailRow]:
        workspace = workspace_id or (await get_principal(database, email)).workspace_id
        rows: list[TaskDetailRow] = []
        while row := await find_task(database, workspace, str(len(rows) + 1)):
            rows.append(row)
        return rows

    return run_on_database(url, read)


def list_titles(url: str) -> list[str]:
    return [row["title"] for row in list_tasks(url)]


def make_lines(tasks: Iterable[Any]) -> bytes:
    return "".join(json.dumps(task, ensure_ascii=False) + "\n" for task in tasks).encode()


def number_titles(count: int) -> bytes:
    return make_lines({"title": f"Task {number}"} for number in range(1, count + 1))


@pytest.fixture
def user_url(sqlite_file: Path) -> str:
    """The URL of an SQLite database with an account."""
    url = f"sqlite:///{sqlite_file}"
    create_user(EMAIL, url)
    return url


def test_all_fields_are_imported(database_url: str, folder: Path) -> None:
    create_user(EMAIL, database_url)
    tasks = [FULL, *({"title": f"Task {number}", "category": "GRÖSSE"} for number in range(1200))]
    (folder / "tasks.jsonl").write_bytes(make_lines(tasks))
    options = ("--user", EMAIL, "--database-url", database_url)
    result = run_command("import", "tasks.jsonl", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.fullmatch(
        r"1,201 tasks imported, 0 skipped, 0 lines rejected, in \d+\.\d s\n", result.stdout
    )
    first, *others = list_tasks(database_url)
    assert {
        name: value
        for name, value in first.items()
        if name in FULL and name not in ("category", "tags")
    } == {name: value for name, value in FULL.items() if name not in ("category", "tags")}
    assert first["category_name"] == "Größe"
    assert sorted(first["tags"]) == ["b", "Ärger"]
    assert [task["title"] for task in others] == [task["title"] for task in tasks[1:]]
    assert {task["category_id"] for task in others} == {first["category_id"]}


def test_import_prints_bad_lines_and_skips_them(user_url: str) -> None:
    lines = [b'\xef\xbb\xbf{"title": "first"}\r', b"\r", *(line for line, _ in BAD_LINES)]
    lines.append(b'\t{"title": " the last one "}')
    options = ("--user", EMAIL, "--database-url", user_url)
    result = run_command("import", "-", *options, stdin=b"\n".join(lines))
    assert result.exit_code == 1
    refused = f"{len(BAD_LINES)} lines rejected"
    assert result.stdout.startswith(f"2 tasks imported, 0 skipped, {refused}, in ")
    assert list_titles(user_url) == ["first", "the last one"]
    reported = sorted(result.stderr.splitlines(), key=lambda line: int(re.findall(r"\d+", line)[0]))
    assert len(reported) == len(BAD_LINES)
    for number, (line, (_, reason)) in enumerate(zip(reported, BAD_LINES, strict=True), start=3):
        assert line.startswith(f"line {number}: {reason}")


def test_strict_import_with_a_bad_line_imports_nothing(user_url: str, folder: Path) -> None:
    (folder / "bad.jsonl").write_bytes(number_titles(700) + b"{}\n")
    nowhere = make_lines([{"title": "x", "parent": make_id()}])
    (folder / "orphan.jsonl").write_bytes(number_titles(700) + nowhere)
    options = ("--user", EMAIL, "--strict", "--database-url", user_url)
    bad = run_command("import", "bad.jsonl", *options)
    assert bad.exit_code == 1
    assert "line 701: /title: Field required" in bad.stderr
    assert "Nothing was imported" in bad.stderr
    assert bad.stdout.startswith("0 tasks imported, 0 skipped, 1 line rejected, in ")
    orphan = run_command("import", "orphan.jsonl", *options)
    assert orphan.stderr.startswith("line 701: /parent: The parent, task")
    assert orphan.stdout.startswith("0 tasks imported, 0 skipped, 1 line rejected, in ")
    assert list_titles(user_url) == []


def test_strict_import_is_one_transaction(user_url: str) -> None:
    options = ("--user", EMAIL, "--strict", "--database-url", user_url)
    result = run_command("import", "-", *options, stdin=number_titles(700))
    assert result.exit_code == 0
    assert result.stdout.startswith("700 tasks imported")
    # One transaction is one batch of the log, with one time.
    assert len({task["created_at"] for task in list_tasks(user_url)}) == 1


def test_second_import_with_key_adds_nothing(user_url: str) -> None:
    options = ("--user", EMAIL, "--key", "title", "--database-url", user_url)
    lines = number_titles(600) + make_lines([{"title": "twice"}, {"title": " twice "}])
    first = run_command("import", "-", *options, stdin=lines)
    assert first.stdout.startswith("602 tasks imported, 0 skipped, 0 lines rejected")

    async def trash_first(database: Database) -> None:
        ctx = make_write_context(database, await get_principal(database, EMAIL))
        await trash_task(ctx, "1")

    run_on_database(user_url, trash_first)
    second = run_command("import", "-", *options, stdin=lines)
    assert second.exit_code == 0
    assert second.stdout.startswith("1 task imported, 601 skipped, 0 lines rejected")
    assert list_titles(user_url)[602:] == ["Task 1"]
    strict = run_command("import", "-", *options, "--strict", stdin=lines)
    assert strict.stdout.startswith("0 tasks imported, 602 skipped, 0 lines rejected")


def share_workspace(url: str, email: str, role: str) -> str:
    """Create two accounts, and a workspace that they share. Return its id."""
    for name in (EMAIL, email):
        create_user(name, url)

    async def share(database: Database) -> str:
        ctx = make_write_context(database, await get_principal(database, EMAIL))
        workspace = await create_workspace(ctx, WorkspaceCreate(name="Shared"))
        member = MemberAdd.model_validate({"email": email, "role": role})
        await add_member(ctx, workspace["id"], member)
        return str(workspace["id"])

    return run_on_database(url, share)


def test_editor_imports_into_a_shared_workspace(database_url: str) -> None:
    email = "editor@example.com"
    workspace_id = share_workspace(database_url, email, "editor")
    options = ("--workspace", workspace_id.upper(), "--database-url", database_url)
    task = make_lines([{"title": "ours"}])
    result = run_command("import", "-", "--user", email, *options, stdin=task)
    assert result.exit_code == 0, result.output
    assert [row["title"] for row in list_tasks(database_url, workspace_id=workspace_id)] == ["ours"]
    assert list_tasks(database_url, email) == []


def test_viewer_cannot_import_into_a_shared_workspace(database_url: str) -> None:
    email = "viewer@example.com"
    workspace_id = share_workspace(database_url, email, "viewer")
    options = ("--workspace", workspace_id, "--database-url", database_url)
    output = expect_error_line("import", "-", "--user", email, *options)
    assert output.startswith("viewer@example.com is a viewer of the workspace")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("missing.jsonl", "--user", EMAIL), "missing.jsonl cannot be read: No such file"),
        ((".", "--user", EMAIL), ". cannot be read: Is a directory"),
        (("-", "--user", "nobody@example.com"), "No account has the address nobody@example.com"),
        (("-", "--user", "nobody"), "nobody is not an e-mail address"),
        (("-", "--user", EMAIL, "--workspace", "mine"), "mine is not a valid workspace id"),
        (("-", "--user", EMAIL, "--workspace", make_id()), "ada@example.com is not a member of"),
    ],
    ids=[
        "missing-file",
        "folder",
        "unknown-user",
        "invalid-address",
        "invalid-workspace-id",
        "unknown-workspace",
    ],
)
def test_impossible_imports_are_reported(
    arguments: tuple[str, ...], part: str, user_url: str
) -> None:
    assert part in expect_error_line("import", *arguments, "--database-url", user_url)


def test_key_other_than_title_is_a_usage_error(user_url: str) -> None:
    options = ("--user", EMAIL, "--key", "id", "--database-url", user_url)
    assert run_command("import", "-", *options).exit_code == 2


def test_interrupted_import_reports_what_was_imported(user_url: str) -> None:
    options = ["--user", EMAIL, "--database-url", user_url]
    with subprocess.Popen(
        [PROGRAM, "import", "-", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(number_titles(600).decode())
        process.stdin.flush()
        wait_until(lambda: len(list_titles(user_url)) == 500, "the first chunk")
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        assert process.stderr is not None
        output = process.stderr.read()
    assert output.startswith("Interrupted: 500 tasks imported, 0 skipped, 0 lines rejected")
    assert "Traceback" not in output
    assert len(list_titles(user_url)) == 500


def test_terminal_shows_a_progress_bar(user_url: str, folder: Path) -> None:
    (folder / "tasks.jsonl").write_bytes(number_titles(1100) + b'{"title": "[red]x", "y": 1}\n')
    options = ("--user", EMAIL, "--database-url", user_url)
    code, seen = run_at_terminal("import", "tasks.jsonl", *options)
    assert code == 1
    assert "━" in seen
    assert "line 1101: /y: unknown field" in seen
    assert "1,100 tasks imported, 0 skipped, 1 line rejected" in seen
