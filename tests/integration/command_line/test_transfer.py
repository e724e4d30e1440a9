"""The commands import, export, restore, undo and api, and what a command imports."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.command_line import CommandServer, Workspace, parse_lines, run_program
from tests.harness.commands import SECONDS, run_command
from tests.harness.paths import PROGRAM

SERVER_PACKAGES = ("asyncpg", "fastapi", "pydantic", "rich", "sqlalchemy", "starlette", "uvicorn")


def test_exported_file_is_imported_again(workspace: Workspace, home: Path) -> None:
    workspace.add("First", tags=["a"])
    workspace.add("Second", status="done")
    assert run_command("export", "tasks.csv").exit_code == 0
    other = workspace.server.make_workspace()
    result = run_command("import", "tasks.csv", "--workspace", other.id)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "2 tasks imported, 0 skipped, 0 lines rejected.\n"
    assert [task["title"] for task in other.request("GET", "/api/v1/tasks")["items"]] == [
        "Second",
        "First",
    ]
    assert (home / "tasks.csv").stat().st_mode & 0o777 == 0o600


def test_import_reads_stdin(workspace: Workspace) -> None:
    lines = '{"title": "a"}\n{"title": "b"}\n'
    assert run_program("import", "-", stdin=lines).returncode == 0
    assert len(workspace.request("GET", "/api/v1/tasks")["items"]) == 2


def test_invalid_lines_are_reported(workspace: Workspace, home: Path) -> None:
    (home / "tasks.jsonl").write_text('{"title": "a"}\n{"title": ""}\n', encoding="utf-8")
    result = run_command("import", "tasks.jsonl")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("line 2: /title: ")
    assert len(workspace.request("GET", "/api/v1/tasks")["items"]) == 1


def test_preview_imports_nothing(workspace: Workspace, home: Path) -> None:
    lines = "title,priority,category\nMilk,2,Home\nBread,nine,Home\nEggs,1,\n"
    (home / "tasks.csv").write_text(lines, encoding="utf-8")
    result = run_command("import", "tasks.csv", "--preview")
    assert result.exit_code == 3
    assert result.stdout == "Milk\ttodo\t\t2\tHome\t\nEggs\ttodo\t\t1\t\t\n"
    assert result.stderr.startswith("line 3: /priority: ")
    assert "2 tasks can be read, 1 line cannot. Nothing was imported" in result.stderr
    assert workspace.request("GET", "/api/v1/tasks")["items"] == []
    assert workspace.request("GET", "/api/v1/categories")["items"] == []


def test_preview_shows_twenty_tasks(workspace: Workspace) -> None:
    del workspace
    lines = "".join(f'{{"title": "{n}"}}\n' for n in range(30))
    result = run_command("import", "-", "--preview", "--json", stdin=lines)
    assert [task["title"] for task in parse_lines(result.stdout)] == [str(n) for n in range(20)]
    assert result.exit_code == 0


def test_preview_of_an_export_has_no_errors(workspace: Workspace, home: Path) -> None:
    parent = workspace.add("a", due_date="2026-12-01", tags=["x"])
    workspace.add("b", parent=int(parent))
    run_command("export", "tasks.jsonl")
    other = workspace.server.make_workspace()
    result = run_command("import", "tasks.jsonl", "--preview", "--workspace", other.id)
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2), result.stderr
    assert (home / "tasks.jsonl").exists()


def test_preview_reports_what_the_server_rejects(workspace: Workspace) -> None:
    id_ = "01a1fbe6-1f00-7000-8c4f-000000000001"
    workspace.add("a", id=id_)
    line = json.dumps({"title": "b", "id": id_})
    result = run_command("import", "-", "--preview", stdin=line)
    assert result.exit_code == 3
    assert result.stderr.startswith("line 1: ")


def test_preview_of_another_format_is_one_sentence(workspace: Workspace) -> None:
    del workspace
    result = run_command("import", "-", "--preview", stdin="[1]")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def test_missing_file_is_a_failure(workspace: Workspace) -> None:
    del workspace
    assert run_command("import", "missing.csv").exit_code == 1


def test_unknown_format_is_a_failure(workspace: Workspace) -> None:
    del workspace
    result = run_command("import", "tasks.xml", "--json")
    assert result.exit_code == 1
    assert "tasks.xml" in parse_lines(result.stdout)[0]["detail"]


def test_failed_export_leaves_the_file(
    workspace: Workspace, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del workspace
    (home / "tasks.csv").write_text("old", encoding="utf-8")
    monkeypatch.setenv("TASKSTEAD_TOKEN", "tsk_unknown")
    assert run_command("export", "tasks.csv").exit_code == 4
    assert (home / "tasks.csv").read_text(encoding="utf-8") == "old"


def test_export_includes_the_trash_but_for_todotxt(workspace: Workspace) -> None:
    run_command("delete", workspace.add("Trashed"))
    assert "Trashed" in run_command("export").stdout
    assert run_command("export", "--format", "todotxt").stdout == ""
    assert run_command("export", "--no-trash").stdout == ""


def test_export_takes_a_filter(workspace: Workspace) -> None:
    workspace.add("Milk", category="Home")
    workspace.add("Report", category="Work")
    exported = parse_lines(run_command("export", "--filter", "#Work").stdout)
    assert [task["title"] for task in exported] == ["Report"]


def test_restore_of_a_backup_file_opens_the_database(home: Path) -> None:
    (home / "12").write_bytes(b"no backup")
    options = ("--yes", "--database-url", f"sqlite:///{home}/x.db")
    assert "backup" in run_command("restore", "./12", *options).stderr


def test_undo_undoes_the_last_command(workspace: Workspace) -> None:
    numbers = [workspace.add(title) for title in "ab"]
    run_command("done", *numbers)
    assert run_command("undo").exit_code == 0
    assert [workspace.get(number)["status"] for number in numbers] == ["todo", "todo"]


def test_second_undo_undoes_the_undo(workspace: Workspace) -> None:
    number = workspace.add("a")
    run_command("done", number)
    run_command("undo")
    run_command("undo")
    assert workspace.get(number)["status"] == "done"


def test_undo_leaves_changes_of_other_tokens(workspace: Workspace, server: CommandServer) -> None:
    number = workspace.add("a")
    run_command("done", number)
    body, header = {"title": "b"}, {"Taskstead-Workspace": workspace.id}
    server.server.request("PATCH", f"/api/v1/tasks/{number}", body, server.session, header)
    run_command("undo")
    task = workspace.get(number)
    assert (task["title"], task["status"]) == ("b", "todo")


@pytest.mark.parametrize("batch", ["", "ä", "a b", "x?y"])
def test_undo_of_an_impossible_batch_changes_nothing(workspace: Workspace, batch: str) -> None:
    number = workspace.add("a")
    result = run_command("undo", batch)
    assert (result.exit_code, result.stdout) == (2, "")
    assert workspace.get(number)["deleted_at"] is None


def test_undo_of_a_named_batch(workspace: Workspace) -> None:
    number = workspace.add("a")
    run_command("edit", number, "--title", "b")
    batch = workspace.request("GET", "/api/v1/activity?limit=1")["items"][0]["batch"]
    run_command("edit", number, "--priority", "1")
    assert run_command("undo", batch).exit_code == 0
    task = workspace.get(number)
    assert (task["title"], task["priority"]) == ("a", 1)


def test_undo_dry_run_changes_nothing(workspace: Workspace) -> None:
    number = workspace.add("a")
    run_command("done", number)
    assert "status: todo → done" in run_command("undo", "--dry-run").stdout
    assert workspace.get(number)["status"] == "done"


def test_conflict_of_an_undo_is_reported(workspace: Workspace) -> None:
    number = workspace.add("a")
    run_command("edit", number, "--title", "b")
    batch = workspace.request("GET", "/api/v1/activity?limit=1")["items"][0]["batch"]
    run_command("edit", number, "--title", "c")
    assert run_command("undo", batch).exit_code == 6
    assert run_command("undo", batch, "--force").exit_code == 0
    assert workspace.get(number)["title"] == "a"


def test_undo_dry_run_shows_conflicts(workspace: Workspace) -> None:
    number = workspace.add("a")
    run_command("edit", number, "--title", "b")
    batch = workspace.request("GET", "/api/v1/activity?limit=1")["items"][0]["batch"]
    run_command("edit", number, "--title", "c")
    result = run_command("undo", batch, "--dry-run")
    assert "title: a → b" in result.stdout
    assert f"task {workspace.get(number)['id']}: " in result.stderr
    assert result.exit_code == 6


def test_undo_says_how_many_changes(workspace: Workspace) -> None:
    run_command("done", workspace.add("a"))
    assert run_command("undo").stderr.startswith("Undid 1 change of the batch ")


def create_tasks(workspace: Workspace, number: int) -> None:
    for start in range(0, number, 1000):
        operations = [
            {"op": "create", "task": {"title": str(n)}}
            for n in range(start, min(number, start + 1000))
        ]
        workspace.request("POST", "/api/v1/tasks/bulk", {"operations": operations})


def test_undo_of_many_changes_undoes_the_command(workspace: Workspace) -> None:
    create_tasks(workspace, 1001)
    lines = "".join(f"{number}\n" for number in range(1, 1002))
    assert run_command("delete", "-", stdin=lines).exit_code == 0
    assert run_command("undo").stderr == (
        "Undid 1,001 changes of 2 batches. To undo this undo: taskstead undo\n"
    )
    assert [workspace.get(number)["deleted_at"] for number in ("1", "1001")] == [None, None]
    run_command("undo")
    assert None not in [workspace.get(number)["deleted_at"] for number in ("1", "1001")]


def test_undo_of_an_import_undoes_all_of_it(workspace: Workspace, home: Path) -> None:
    ids = [f"01a1fbe6-1f00-7000-8c4f-{n:012x}" for n in range(300)]
    lines = [
        json.dumps({"id": id_, "title": "x", "parent": ids[0] if n else None})
        for n, id_ in enumerate(ids)
    ]
    (home / "tasks.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert run_command("import", "tasks.jsonl").exit_code == 0
    assert run_command("undo", "--dry-run").exit_code == 0
    assert run_command("undo").stderr.startswith("Undid 300 changes of 2 batches.")
    assert workspace.request("GET", "/api/v1/tasks")["items"] == []


def test_undo_stops_at_a_conflict(workspace: Workspace) -> None:
    create_tasks(workspace, 1001)
    lines = "".join(f"{number}\n" for number in range(1, 1002))
    run_command("done", "-", stdin=lines)
    path, body = "/api/v1/tasks/1", {"status": "cancelled"}
    header = {"Taskstead-Workspace": workspace.id}
    workspace.server.server.request("PATCH", path, body, workspace.server.session, header)
    preview = run_command("undo", "--dry-run", "--quiet")
    assert (preview.exit_code, "task " in preview.stderr) == (6, True)
    result = run_command("undo")
    assert result.exit_code == 6
    assert result.stderr.startswith("Undid 1 change of the batch ")
    assert result.stderr.endswith("\n1 batch of 2 could not be undone.\n")


def test_undo_without_a_change_finds_nothing(server: CommandServer, workspace: Workspace) -> None:
    del workspace
    token = server.make_token("tasks:read", "tasks:write", "account:read")
    result = run_program("undo", TASKSTEAD_TOKEN=token)
    assert (result.returncode, result.stdout) == (3, "")


def test_history_lists_the_changes_of_a_task(workspace: Workspace) -> None:
    number = workspace.add("a")
    run_command("edit", number, "--title", "b")
    first, second = run_command("history", number).stdout.splitlines()
    assert "updated\ttitle: a → b\t" in first
    assert "created\t\t" in second


def test_api_sends_body_and_headers(workspace: Workspace) -> None:
    number = workspace.add("a")
    path = f"/api/v1/tasks/{number}"
    result = run_command(
        *("api", "patch", path, "--data", '{"title": "b"}', "--header", "If-Match: *", "--include")
    )
    assert result.exit_code == 0
    head, _, body = result.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 200 OK\n")
    assert json.loads(body)["title"] == "b"


def test_api_reads_the_body_from_stdin(workspace: Workspace) -> None:
    result = run_command("api", "POST", "/api/v1/tasks", "--data", "-", stdin='{"title": "x"}')
    assert json.loads(result.stdout)["title"] == "x"
    assert len(workspace.request("GET", "/api/v1/tasks")["items"]) == 1


def test_api_prints_the_problem_document(workspace: Workspace) -> None:
    del workspace
    result = run_command("api", "GET", "/api/v1/tasks/999")
    assert (result.exit_code, json.loads(result.stdout)["status"]) == (3, 404)


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("list", "--limit", "5", "--sort", "number"),
        ("add", "x", "--priority", "1", "--tag", "a"),
        ("edit", "1", "--clear", "due"),
        ("done", "1"),
        ("undo",),
        ("activity",),
        ("export",),
        ("import", "tasks.jsonl"),
        ("whoami",),
        ("api", "GET", "/api/v1/tasks"),
        ("--version",),
        ("--help",),
        ("list", "--help"),
    ],
    ids=" ".join,
)
def test_command_imports_no_large_package(
    workspace: Workspace, home: Path, command: tuple[str, ...]
) -> None:
    workspace.add("x")
    (home / "tasks.jsonl").write_text('{"title": "a"}\n', encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-X", "importtime", PROGRAM, *command],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", result.stderr, re.MULTILINE))
    assert "taskstead.cli.main" in imported
    assert imported & set(SERVER_PACKAGES) == set()
