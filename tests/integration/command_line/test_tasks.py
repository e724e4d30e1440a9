"""Commands for tasks, with their output in a pipe."""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.harness.command_line import Workspace, parse_lines, run_program
from tests.harness.commands import run_command
from tests.harness.paths import PROGRAM
from tests.harness.scripted_server import running_breaking_proxy


def run(*arguments: str, stdin: str = "") -> str:
    """Run a command that must succeed. Return its standard output."""
    result = run_command(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_add_sets_all_fields(workspace: Workspace) -> None:
    parent = workspace.add("Shopping")
    options = ("--due", "2026-12-01", "--priority", "2", "--category", "Household")
    more = ("--tag", "errand", "--tag", "now, or later", "--parent", parent)
    number = run("add", "Buy", "oat milk", *options, *more, "--description", "Two litres", "-q")
    task = workspace.get(number.strip())
    assert task["parent"] == workspace.get(parent)["id"]
    assert (task["title"], task["description"]) == ("Buy oat milk", "Two litres")
    assert (task["due_date"], task["priority"]) == ("2026-12-01", 2)
    assert (task["category"]["name"], task["tags"]) == ("Household", ["errand", "now, or later"])


def test_add_takes_the_title_literally(workspace: Workspace) -> None:
    number = run("add", "--quiet", "--", "-p1 #Home tomorrow").strip()
    assert workspace.get(number)["title"] == "-p1 #Home tomorrow"


def test_add_reads_the_description_from_stdin(workspace: Workspace) -> None:
    number = run("add", "Plan", "--description", "-", "--quiet", stdin="one\ntwo\n").strip()
    assert workspace.get(number)["description"] == "one\ntwo\n"


def test_add_sets_a_repeat_rule(workspace: Workspace) -> None:
    rule = "FREQ=WEEKLY;BYDAY=MO"
    options = ("--due", "2026-11-30", "--repeat", rule, "--repeat-mode", "each")
    task = workspace.get(run("add", "Bins", *options, "--quiet").strip())
    assert (task["repeat_rule"], task["repeat_mode"]) == (rule, "each")


@pytest.mark.parametrize("command", ["quick", "q"])
def test_quick_add_reads_the_line(workspace: Workspace, command: str) -> None:
    task = workspace.get(run(command, "Buy", "milk", "p2", "--quiet").strip())
    assert (task["title"], task["priority"]) == ("Buy milk", 2)


def test_quick_dry_run_shows_fields_and_spans(workspace: Workspace) -> None:
    lines = run("quick", "Buy milk p2", "--dry-run").splitlines()
    assert "title\tBuy milk" in lines
    assert "priority\tp2\t9\t11" in lines
    assert workspace.request("GET", "/api/v1/tasks")["items"] == []


def test_quick_error_marks_the_position(workspace: Workspace) -> None:
    result = run_command("quick", "Buy milk p1 p2")
    assert (result.exit_code, result.stdout) == (7, "")
    assert result.stderr.splitlines()[-2:] == ["  Buy milk p1 p2", "              ^^"]
    assert workspace.request("GET", "/api/v1/tasks")["items"] == []


def test_list_is_tab_separated_in_a_pipe(workspace: Workspace) -> None:
    fields = {"due_date": "2026-12-01", "category": "Home", "tags": ["a", "b"], "priority": 1}
    workspace.add("Tab\tand\nline", **fields)
    assert run("list") == "1\tTab\\tand\\nline\t2026-12-01\t1\tHome\ta, b\n"


def test_list_shows_open_tasks_only(workspace: Workspace) -> None:
    workspace.add("Done", status="done")
    workspace.add("Cancelled", status="cancelled")
    workspace.add("Begun", status="in_progress")
    workspace.add("To do")
    assert run("list", "--sort", "number", "--fields", "title") == "Begun\nTo do\n"


def test_list_stops_at_the_limit(workspace: Workspace) -> None:
    for title in "abc":
        workspace.add(title)
    result = run_command("list", "--limit", "2", "--quiet", "--sort", "number")
    assert result.stdout == "1\n2\n"
    shown = run_command("list", "--limit", "2", "--sort", "number").stderr
    assert shown == "More tasks match. Add --all or --limit N.\n"


def test_list_at_its_limit_is_complete(workspace: Workspace) -> None:
    workspace.add("a")
    workspace.add("b")
    assert run_command("list", "--limit", "2").stderr == ""


def test_list_of_all_reads_every_page(workspace: Workspace) -> None:
    operations = [{"op": "create", "task": {"title": f"Task {n}"}} for n in range(205)]
    workspace.request("POST", "/api/v1/tasks/bulk", {"operations": operations})
    listed = run("list", "--all", "--quiet", "--sort", "number").split()
    assert listed == [str(number) for number in range(1, 206)]


def test_closed_pipe_ends_the_list_quietly(workspace: Workspace) -> None:
    operations = [{"op": "create", "task": {"title": "x" * 500}} for _ in range(300)]
    workspace.request("POST", "/api/v1/tasks/bulk", {"operations": operations})
    command = f"{shlex.quote(PROGRAM)} list --all | head -n 1"
    result = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)
    assert (len(result.stdout.splitlines()), result.stderr) == (1, "")


def test_list_takes_a_filter(workspace: Workspace) -> None:
    workspace.add("Milk", category="Home")
    workspace.add("Report", category="Work")
    workspace.add("Old report", category="Work", status="done")
    assert run("list", "#Work", "--fields", "title") == "Report\n"


def test_filter_with_a_status_lists_done_tasks(workspace: Workspace) -> None:
    workspace.add("Old report", status="done")
    assert run("list", "is:done", "--fields", "title") == "Old report\n"


def test_saved_filter_is_listed_in_its_order(workspace: Workspace) -> None:
    for title in ("Water", "Milk"):
        workspace.add(title, category="Home")
    workspace.add("Report", category="Work")
    workspace.request(
        "POST", "/api/v1/filters", {"name": "Näxt", "filter": "#Home", "sort": "title"}
    )
    assert run("list", "--saved", "NÄXT", "--fields", "title") == "Milk\nWater\n"
    assert run("list", "--saved", "näxt", "--sort", "-title", "-q").splitlines() == ["1", "2"]


def test_own_saved_filter_precedes_a_shared_one(workspace: Workspace) -> None:
    workspace.add("Milk", category="Home")
    workspace.add("Report", category="Work")
    for text, shared in (("#Home", True), ("#Work", False)):
        body = {"name": "Next", "filter": text, "shared": shared}
        workspace.request("POST", "/api/v1/filters", body)
    assert run("list", "--saved", "Next", "--fields", "title") == "Report\n"


@pytest.mark.parametrize("arguments", [("--saved", "Next"), ("today", "--saved", "Next")])
def test_wrong_use_of_a_saved_filter_is_reported(
    workspace: Workspace, arguments: tuple[str, ...]
) -> None:
    del workspace
    result = run_command("list", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "saved" in result.stderr


def test_filter_error_marks_the_position(workspace: Workspace) -> None:
    del workspace
    result = run_command("list", "due:soon")
    assert (result.exit_code, result.stdout) == (7, "")
    assert result.stderr.splitlines()[-2:] == ["  due:soon", "      ^^^^"]


def test_status_in_quotation_marks_is_text(workspace: Workspace) -> None:
    workspace.add("About is:done")
    workspace.add("About is:done", status="done")
    assert run("list", '"is:done"', "--fields", "status") == "todo\n"


def test_today_lists_due_and_overdue_tasks(workspace: Workspace) -> None:
    workspace.add("Overdue", due_date="2020-01-02")
    workspace.add("Later", due_date="9999-01-01")
    workspace.add("Sometime")
    workspace.add("Done", due_date="2020-01-01", status="done")
    assert run("today", "--fields", "title") == "Overdue\n"


def test_inbox_lists_tasks_without_category(workspace: Workspace) -> None:
    workspace.add("Sorted", category="Home")
    workspace.add("Unsorted")
    assert run("inbox", "--fields", "title") == "Unsorted\n"


def test_upcoming_lists_the_next_week(workspace: Workspace) -> None:
    workspace.add("Overdue", due_date="2020-01-02")
    workspace.add("Later", due_date="9999-01-01")
    assert run("upcoming") == ""


def test_search_finds_done_tasks_too(workspace: Workspace) -> None:
    workspace.add("Buy oat milk", status="done")
    workspace.add("Write report")
    assert run("search", "oat", "milk", "--fields", "title,status") == "Buy oat milk\tdone\n"


def test_show_prints_the_task_and_its_subtasks(workspace: Workspace) -> None:
    parent = workspace.add("Move house", description="Two\nlines")
    workspace.add("Pack", parent=int(parent))
    lines = run("show", parent).splitlines()
    assert {"title\tMove house", "description\tTwo\\nlines", "subtask\t2 Pack"} <= set(lines)


@pytest.mark.parametrize("form", ["{number}", "{id}", "{url}/t/{number}", "{url}/t/{id}"])
def test_reference_has_three_forms(workspace: Workspace, form: str) -> None:
    task = workspace.get(workspace.add("Here"))
    reference = form.format(**task, url=workspace.server.url)
    assert run("show", reference, "--quiet") == "1\n"


def test_edit_changes_what_the_options_name(workspace: Workspace) -> None:
    number = workspace.add("Old", tags=["a", "b"], category="Home", priority=1)
    options = ("--title", "New", "--add-tag", "c", "--remove-tag", "a", "--clear", "category")
    run("edit", number, *options)
    task = workspace.get(number)
    assert (task["title"], task["tags"], task["category"]) == ("New", ["b", "c"], None)
    assert task["priority"] == 1


def test_edit_clears_each_field(workspace: Workspace) -> None:
    parent = int(workspace.add("Parent"))
    fields = {"due_date": "2026-12-01T09:00:00", "due_time_zone": "Europe/Berlin"}
    more = {"priority": 1, "category": "A", "tags": ["b"], "parent": parent, "description": "c"}
    number = workspace.add("Task", **fields, **more)
    names = ("due", "priority", "category", "tags", "parent", "description")
    run("edit", number, *(word for name in names for word in ("--clear", name)))
    task = workspace.get(number)
    assert [task["due_date"], task["due_time_zone"], task["category"], task["parent"]] == [None] * 4
    assert (task["priority"], task["tags"], task["description"]) == (3, [], "")


def test_edit_opens_the_editor(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    number = workspace.add("Old title", tags=["x, y", "z"], description="Old text")
    monkeypatch.setenv("EDITOR", "sed -i -e s/Old/New/ -e '/^due/s/$/ 2026-12-01/'")
    run("edit", number)
    task = workspace.get(number)
    assert (task["title"], task["description"]) == ("New title", "New text")
    assert (task["due_date"], task["tags"]) == ("2026-12-01", ["x, y", "z"])


@pytest.mark.parametrize("editor", ["true", "truncate -s 0"])
def test_edit_without_a_change_saves_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, editor: str
) -> None:
    number = workspace.add("Line\nbreak", tags=["a,b"], description="text\n")
    before = workspace.get(number)
    monkeypatch.setenv("VISUAL", editor)
    assert run_command("edit", number).stderr == "Nothing was changed.\n"
    assert workspace.get(number) == before


def test_edit_of_windows_line_endings_saves_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = workspace.add("a", description="one\r\ntwo\rthree")
    monkeypatch.setenv("VISUAL", "sed -i 's/$/\\r/'")
    assert run_command("edit", number).stderr == "Nothing was changed.\n"


def test_edit_refuses_text_that_is_not_utf8(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = workspace.add("a")
    monkeypatch.setenv("VISUAL", "sed -i '2,$!s/a$/\\xfc/'")
    result = run_command("edit", number)
    assert result.exit_code == 7
    kept = Path(result.stderr.split()[-1])
    assert b"title: \xfc" in kept.read_bytes()
    kept.unlink()
    assert workspace.get(number)["title"] == "a"


@pytest.mark.parametrize(
    ("command", "exit_code"), [(("add", "x", "--description", "-"), 7), (("done", "-"), 2)]
)
def test_input_that_is_not_utf8_is_one_sentence(
    workspace: Workspace, command: tuple[str, ...], exit_code: int
) -> None:
    del workspace
    result = run_command(*command, stdin=b"\xfc\n")
    assert result.exit_code == exit_code
    assert result.stderr == "Standard input is not valid UTF-8.\n"


def test_edit_opens_no_editor_for_json(workspace: Workspace) -> None:
    result = run_command("edit", workspace.add("x"), "--json")
    assert result.exit_code == 2
    assert parse_lines(result.stdout)[0]["code"] == "usage"


def test_edit_detects_a_change_by_somebody_else(
    workspace: Workspace, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = workspace.add("Old")
    server = workspace.server
    script = (
        f"curl -sf {server.url}/api/v1/tasks/{number} -X PATCH -H 'Authorization: Bearer "
        f"{server.token}' -H 'Taskstead-Workspace: {workspace.id}' -H 'Content-Type: "
        'application/json\' -d \'{"priority": 1}\' -o /dev/null && sed -i s/Old/Mine/ "$1"'
    )
    (home / "editor.sh").write_text(script, encoding="utf-8")
    monkeypatch.setenv("EDITOR", "sh editor.sh")
    result = run_command("edit", number)
    assert result.exit_code == 6
    assert "title: Mine" in result.stderr
    assert workspace.get(number)["title"] == "Old"


def test_done_completes_several_tasks(workspace: Workspace) -> None:
    numbers = [workspace.add(title) for title in "ab"]
    assert run("done", *numbers, "--quiet") == "1\n2\n"
    assert [workspace.get(number)["status"] for number in numbers] == ["done", "done"]


@pytest.mark.parametrize(
    ("choice", "status"), [("complete", "done"), ("keep", "todo"), (None, "todo")]
)
def test_done_chooses_what_happens_to_subtasks(
    workspace: Workspace, choice: str | None, status: str
) -> None:
    parent = workspace.add("a")
    child = workspace.add("b", parent=int(parent))
    run("done", parent, *(() if choice is None else ("--subtasks", choice)))
    assert workspace.get(child)["status"] == status


@pytest.mark.parametrize("command", ["done", "delete"])
def test_open_subtasks_are_refused(workspace: Workspace, command: str) -> None:
    parent = workspace.add("a")
    workspace.add("b", parent=int(parent))
    assert run_command(command, parent, "--subtasks", "refuse").exit_code == 6
    assert workspace.get(parent)["status"] == "todo"


def test_delete_keeps_subtasks(workspace: Workspace) -> None:
    parent = workspace.add("a")
    child = workspace.add("b", parent=int(parent))
    run("delete", parent, "--subtasks", "keep")
    assert workspace.get(child)["deleted_at"] is None
    assert workspace.get(parent)["deleted_at"] is not None


def test_done_completes_the_named_occurrence_only(workspace: Workspace) -> None:
    number = workspace.add("Bins", due_date="2026-11-30", repeat_rule="FREQ=DAILY")
    assert run_command("done", number, "--occurrence", "2026-11-29").exit_code == 6
    run("done", number, "--occurrence", "2026-11-30")
    assert run_command("done", number, "--occurrence", "2026-11-30").exit_code == 6


def test_several_changes_are_one_batch(workspace: Workspace) -> None:
    numbers = [workspace.add(title) for title in "ab"]
    run("done", *numbers)
    activity = workspace.request("GET", "/api/v1/activity?limit=2")["items"]
    assert activity[0]["batch"] == activity[1]["batch"]


def test_repeated_reference_counts_once(workspace: Workspace) -> None:
    number = workspace.add("a")
    assert run("done", number, number, "--quiet") == "1\n"


def test_references_come_from_stdin(workspace: Workspace) -> None:
    for title in "abc":
        workspace.add(title)
    listed = run("list")
    assert run("done", "-", "--quiet", stdin=f"{listed}\n").split() == ["3", "2", "1"]


def test_failed_references_are_reported(workspace: Workspace) -> None:
    number = workspace.add("a")
    result = run_command("done", "998", number, "999", "--quiet")
    assert (result.exit_code, result.stdout) == (3, f"{number}\n")
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        "998",
        "999",
        "2 of 3 tasks could not be changed.",
    ]


def test_lost_answer_changes_each_task_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = [{"op": "create", "task": {"title": f"Task {n}"}} for n in range(297)]
    workspace.request("POST", "/api/v1/tasks/bulk", {"operations": operations})
    lines = "".join(f"{number}\n" for number in range(1, 301))
    with running_breaking_proxy(workspace.server.server.port) as proxy:
        monkeypatch.setenv("TASKSTEAD_URL", proxy.url)
        result = run_command("done", "-", "--quiet", stdin=lines)
        assert len(proxy.received) == 2
    assert (result.exit_code, len(result.stdout.splitlines())) == (3, 297)
    history = workspace.request("GET", "/api/v1/tasks/1/history")["items"]
    assert [change["action"] for change in history] == ["updated", "created"]


def test_reopen_sets_the_status_to_todo(workspace: Workspace) -> None:
    number = workspace.add("a", status="cancelled")
    run("reopen", number)
    assert workspace.get(number)["status"] == "todo"


def test_skip_moves_the_due_date(workspace: Workspace) -> None:
    number = workspace.add("Bins", due_date="2026-11-30", repeat_rule="FREQ=DAILY")
    run("skip", number)
    assert workspace.get(number)["due_date"] == "2026-12-01"


def test_done_moves_a_repeating_task_on(workspace: Workspace) -> None:
    fields = {"due_date": "2026-11-30", "repeat_rule": "FREQ=DAILY", "repeat_mode": "each"}
    number = workspace.add("Bins", **fields)
    run("done", number)
    task = workspace.get(number)
    assert (task["status"], task["due_date"]) == ("todo", "2026-12-01")


def test_skip_of_a_task_without_a_rule_is_reported(workspace: Workspace) -> None:
    result = run_command("skip", workspace.add("Once"))
    assert result.exit_code == 6, result.output


def test_delete_and_restore_use_the_trash(workspace: Workspace) -> None:
    number = workspace.add("a")
    assert run("delete", number) == f"{number}\n"
    assert workspace.get(number)["deleted_at"] is not None
    run("restore", number)
    assert workspace.get(number)["deleted_at"] is None


def test_restore_reads_references_from_a_pipe(workspace: Workspace) -> None:
    number = workspace.add("a")
    workspace.request("POST", "/api/v1/tasks/bulk", {"operations": [{"op": "trash", "id": 1}]})
    assert run_program("restore", "-", "--quiet", stdin=f"{number}\n").stdout == f"{number}\n"
