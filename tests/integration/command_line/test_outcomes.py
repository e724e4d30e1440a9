"""The exit code of each command for each outcome, and the JSON that it prints."""

import subprocess
from collections.abc import Iterator

import pytest
import typer

from taskstead.cli.main import app
from tests.harness.command_line import CommandServer, Workspace, parse_lines
from tests.harness.commands import run_command
from tests.harness.paths import PROGRAM
from tests.harness.scripted_server import Answer, ScriptedServer, running_scripted_server

PROBLEM = {"title": "T", "detail": "It failed.", "code": "c", "errors": []}
# Commands that send at least one request, with arguments.
COMMANDS = {
    "add": ("add", "x"),
    "quick": ("quick", "x"),
    "list": ("list",),
    "today": ("today",),
    "inbox": ("inbox",),
    "upcoming": ("upcoming",),
    "show": ("show", "1"),
    "history": ("history", "1"),
    "search": ("search", "x"),
    "edit": ("edit", "1", "--title", "x"),
    "done": ("done", "1"),
    "reopen": ("reopen", "1"),
    "skip": ("skip", "1"),
    "delete": ("delete", "1"),
    "restore": ("restore", "1"),
    "undo": ("undo",),
    "activity": ("activity",),
    "import": ("import", "tasks.jsonl"),
    "export": ("export",),
    "whoami": ("whoami",),
    "api": ("api", "GET", "/api/v1/tasks"),
}
# Commands of the server, of profiles (test_profiles.py), and an alias.
OTHER_COMMANDS = {
    *("serve", "worker", "doctor", "backup", "db", "user", "login", "logout", "q"),
}
# tests/unit/client/test_errors.py has the other statuses. 429 is repeated three times.
OUTCOMES = {401: 4, 403: 5, 404: 3, 409: 6, 422: 7, 429: 8, 500: 1}
EVERY_COMMAND = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())


@pytest.fixture(autouse=True)
def task_file(home: object) -> None:
    """Write a file to import into the working directory."""
    del home
    with open("tasks.jsonl", "w", encoding="utf-8") as file:  # noqa: PTH123 - a relative path
        file.write('{"title": "Imported"}\n')


@pytest.fixture(scope="module")
def scripted_server() -> Iterator[ScriptedServer]:
    """A server that answers every request with its first answer."""
    with running_scripted_server(Answer()) as server:
        yield server


@pytest.fixture
def fake(scripted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    """Let commands use the scripted server."""
    monkeypatch.setenv("TASKSTEAD_URL", scripted_server.url)
    monkeypatch.setenv("TASKSTEAD_TOKEN", "secret")
    return scripted_server


def test_table_has_all_commands() -> None:
    commands: dict[str, object] = vars(typer.main.get_command(app))["commands"]
    assert COMMANDS.keys() | OTHER_COMMANDS == commands.keys()


@EVERY_COMMAND
@pytest.mark.parametrize("status", OUTCOMES)
def test_error_has_its_exit_code(
    fake: ScriptedServer, command: tuple[str, ...], status: int
) -> None:
    fake.answers[:] = [Answer(status, PROBLEM, {"Retry-After": "0"})]
    result = run_command(*command)
    assert result.exit_code == OUTCOMES[status]
    assert result.stderr.splitlines()[-1] == "It failed."


@EVERY_COMMAND
def test_error_is_json_with_the_option(fake: ScriptedServer, command: tuple[str, ...]) -> None:
    fake.answers[:] = [Answer(404, PROBLEM)]
    (problem,) = parse_lines(run_command(*command, "--json").stdout)
    assert problem.get("problem", problem)["detail"] == "It failed."


@EVERY_COMMAND
def test_command_without_a_server_is_not_signed_in(command: tuple[str, ...]) -> None:
    result = run_command(*command, "--json")
    assert result.exit_code == 4
    assert "taskstead login URL" in result.stderr
    (problem,) = parse_lines(result.stdout)
    assert problem["code"] == "not_signed_in"


def test_unreachable_server_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKSTEAD_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TASKSTEAD_TOKEN", "secret")
    result = run_command("add", "Buy", "milk", "--json")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[:2] == ["Not saved:", "Buy milk"]
    (problem,) = parse_lines(result.stdout)
    assert problem["code"] == "server_unreachable"


@pytest.mark.parametrize(
    "command",
    [
        ("show", "milk"),
        ("done", "1", "#2"),
        ("done", "-"),
        ("delete", "0"),
        ("skip", "https://tasks.example.org/t/1"),
        ("edit", "1", "--due", "2026-12-01", "--clear", "due"),
        ("login", "http://127.0.0.1:1"),
        ("add", "x", "--parent", "milk"),
        ("import", "tasks.jsonl", "--strict"),
        ("export", "--database-url", "sqlite:///x.db"),
        ("api", "GET", "api/v1/tasks"),
        ("api", "GET", "https://tasks.example.org/"),
        ("api", "GET", "/", "--header", "Authorization: Bearer x"),
        ("api", "GET", "/", "--header", "no header"),
        ("list", "--profile", "unknown"),
        ("list", "--url", "ftp://127.0.0.1"),
        ("restore", "a.backup", "b.backup"),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("workspace")
def test_invalid_argument_is_wrong_usage(command: tuple[str, ...]) -> None:
    result = run_command(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        ("lisst",),
        ("add",),
        ("list", "--limit", "many"),
        ("list", "--no-such-option"),
        ("done", "1", "--profile"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_json_with_the_option(command: tuple[str, ...]) -> None:
    result = run_command(command[0], "--json", *command[1:])
    (problem,) = parse_lines(result.stdout)
    assert (result.exit_code, problem["code"]) == (2, "usage")
    assert result.stderr.splitlines()[-1] == f"Error: {problem['detail']}"


def test_json_after_two_dashes_is_an_argument() -> None:
    assert run_command("list", "--limit", "many", "--", "--json").stdout == ""


@pytest.mark.parametrize(
    "command",
    [
        ("--version",),
        ("list", "--help"),
        ("list",),
        ("list", "--json"),
        ("export",),
        ("export", "-"),
    ],
    ids=" ".join,
)
def test_full_disk_is_one_sentence(workspace: Workspace, command: tuple[str, ...]) -> None:
    workspace.add("x")
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        result = subprocess.run(
            [PROGRAM, *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert result.returncode == 1
    assert result.stderr == "The output cannot be written: No space left on device.\n"


def test_invalid_value_is_reported(workspace: Workspace) -> None:
    del workspace
    result = run_command("add", "x", "--due", "soon")
    assert result.exit_code == 7
    assert "/due_date" in result.stderr


def test_token_without_scope_is_forbidden(
    server: CommandServer, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    del workspace
    monkeypatch.setenv("TASKSTEAD_TOKEN", server.make_token("tasks:read"))
    assert run_command("list").exit_code == 0
    assert run_command("add", "x").exit_code == 5
    assert run_command("whoami").exit_code == 5


def test_revoked_token_is_not_signed_in(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    del workspace
    monkeypatch.setenv("TASKSTEAD_TOKEN", "tsk_unknown")
    assert run_command("list").exit_code == 4


def test_single_failed_reference_has_its_own_code(workspace: Workspace) -> None:
    number = workspace.add("x")
    run_command("delete", number)
    assert run_command("done", "999").exit_code == 3
    assert run_command("done", number).exit_code == 6


@pytest.mark.parametrize(
    ("command", "names"),
    [
        (("add", "x"), {"number", "title"}),
        (("list",), {"number", "title"}),
        (("today",), {"number", "title"}),
        (("inbox",), {"number", "title"}),
        (("show", "1"), {"number", "description"}),
        (("history", "1"), {"revision", "fields"}),
        (("search", "task"), {"number", "title"}),
        (("edit", "1", "--priority", "1"), {"number", "title"}),
        (("done", "1"), {"status", "task", "problem"}),
        (("reopen", "1"), {"status", "task", "problem"}),
        (("delete", "1"), {"status", "task", "problem"}),
        (("activity",), {"revision", "fields"}),
        (("undo", "--dry-run"), {"revision", "fields"}),
        (("import", "tasks.jsonl"), {"state", "result"}),
        (("export",), {"number", "title"}),
        (("whoami",), {"server", "user", "workspace", "token"}),
        (("api", "GET", "/api/v1/tasks/1"), {"number", "title"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_json_has_the_objects_of_the_api(
    workspace: Workspace, command: tuple[str, ...], names: set[str]
) -> None:
    workspace.add("First task", due_date="2020-01-01")
    result = run_command(*command, "--json")
    assert result.exit_code == 0
    lines = parse_lines(result.stdout)
    assert lines
    assert all(names <= line.keys() for line in lines)


def test_json_of_several_changes_has_all_results(workspace: Workspace) -> None:
    number = workspace.add("x")
    result = run_command("done", "999", number, "--json")
    assert result.exit_code == 3
    assert [line["status"] for line in parse_lines(result.stdout)] == [404, 200]


FOREIGN_ANSWERS = [b"<html>", b"[]", b"{}", b'"x"', b'{"items": 5}', b'{"items": ["x"]}', b"\xff"]


@EVERY_COMMAND
@pytest.mark.parametrize("body", FOREIGN_ANSWERS)
def test_answer_of_another_program_is_one_sentence(
    fake: ScriptedServer, command: tuple[str, ...], body: bytes
) -> None:
    if command[0] in {"export", "api"}:
        pytest.skip("prints any text")
    fake.answers[:] = [Answer(200, body)]
    result = run_command(*command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "not one of Taskstead" in result.stderr


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"errors": ["x"], "conflicts": 5}'])
def test_foreign_error_has_the_code_of_its_status(fake: ScriptedServer, body: bytes) -> None:
    fake.answers[:] = [Answer(404, body)]
    assert run_command("list").exit_code == 3


def test_failure_after_a_part_reports_both(fake: ScriptedServer) -> None:
    result = {"status": 204, "id": "x", "task": None, "problem": None}
    first = {"results": [result] * 1000, "batch": "b"}
    fake.answers[:] = [Answer(200, first), Answer(500, PROBLEM)]
    references = "".join(f"{number}\n" for number in range(1, 1502))
    printed = run_command("delete", "-", stdin=references)
    assert printed.exit_code == 3
    assert printed.stdout.split() == [str(number) for number in range(1, 1001)]
    assert printed.stderr == "It failed.\nThe other 501 tasks of 1,501 may be unchanged.\n"


def test_json_escapes_control_characters(workspace: Workspace) -> None:
    workspace.add("a\x1b]52;\x9b\u202eb")
    shown = run_command("list", "--json").stdout
    assert "a\\u001b]52;\\u009b\\u202eb" in shown
    assert parse_lines(shown)[0]["title"] == "a\x1b]52;\x9b\u202eb"
