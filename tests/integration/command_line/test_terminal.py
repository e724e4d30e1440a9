"""Client commands on a terminal: tables, hostile titles, colors, and questions."""

import re
import stat
from pathlib import Path

import pytest

from tests.harness.command_line import EMAIL, CommandServer, Workspace
from tests.harness.commands import (
    PASSWORD,
    run_at_terminal,
    run_command,
    run_in_terminal,
)
from tests.harness.paths import PROGRAM
from tests.harness.scripted_server import DROPPED, Answer, running_scripted_server

HOSTILE = "a\x1b]52;c;\x07b\x9bc\x7f\u202ed\u2066e\nf\tg"
ESCAPED = r"a\x1b]52;c;\x07b\x9bc\x7f\u202ed\u2066e\nf\tg"
STYLE = re.compile("\x1b\\[[0-9]*m")
LOGIN = (("E-mail: ", f"{EMAIL}\n"), ("Password: ", f"{PASSWORD}\n"))


def run(*arguments: str, **environment: str) -> str:
    """Run a command that must succeed on a terminal. Return its output with line feeds."""
    exit_code, output = run_in_terminal([PROGRAM, *arguments], (), environment)
    assert exit_code == 0, output
    return output.replace("\r\n", "\n")


def test_list_is_a_table_with_a_heading(workspace: Workspace) -> None:
    workspace.add("Buy oat milk", tags=["errand"], priority=2)
    lines = [line.rstrip() for line in STYLE.sub("", run("list")).splitlines()]
    assert lines == [
        "No.  Title         Priority  Tags",
        "1    Buy oat milk  2         errand",
    ]


def test_title_is_shortened_to_the_terminal(workspace: Workspace) -> None:
    workspace.add("x" * 300, category="Home")
    lines = STYLE.sub("", run("list", COLUMNS="60")).splitlines()
    assert {len(line) for line in lines} <= set(range(61))
    assert "…" in lines[1]
    assert lines[1].endswith("Home")


def test_wide_characters_keep_the_columns_aligned(workspace: Workspace) -> None:
    workspace.add("牛乳を買う", category="Home")
    workspace.add("ab", category="Home")
    lines = STYLE.sub("", run("list")).splitlines()
    # Each of the five wide characters takes two columns.
    assert lines[2].index("Home") == lines[1].index("Home") - 5


@pytest.mark.parametrize(
    "command", [("list",), ("show", "1"), ("search", "hostile"), ("activity",), ("done", "1")]
)
def test_control_characters_are_escaped(workspace: Workspace, command: tuple[str, ...]) -> None:
    workspace.add(HOSTILE, description="hostile\x1b[2J\x9b2J\u202e")
    output = STYLE.sub("", run(*command, COLUMNS="400"))
    assert ESCAPED in output
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", output)


@pytest.mark.parametrize("format_", ["jsonl", "csv", "todotxt"])
def test_export_to_a_terminal_is_escaped(workspace: Workspace, format_: str) -> None:
    workspace.add("a\x1b]52;\x9b\u202ez", description="\x9b2J")
    output = run("export", "-", "--format", format_)
    assert "\\x9b" in output
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", output)
    assert len(output.splitlines()) == (2 if format_ == "csv" else 1)


def test_export_is_not_escaped_in_a_pipe(workspace: Workspace) -> None:
    workspace.add("a\x9b\u202ez")
    assert '"a\x9b\u202ez"' in run_command("export", "-").stdout


def test_error_message_is_escaped(workspace: Workspace) -> None:
    del workspace
    exit_code, output = run_at_terminal("add", "x", "--due", "\x1b]0;title\x07")
    assert exit_code == 7
    assert "\x1b" not in output


def test_title_is_not_escaped_in_a_pipe(workspace: Workspace) -> None:
    workspace.add("a\x1bb\u202ec")
    assert run_command("list", "--fields", "title").stdout == "a\x1bb\u202ec\n"


def test_json_on_a_terminal_has_no_control_characters(workspace: Workspace) -> None:
    workspace.add(HOSTILE)
    output = run("list", "--json")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", output)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colors_are_switched_off(workspace: Workspace, environment: dict[str, str]) -> None:
    workspace.add("x", priority=1)
    assert "\x1b" not in run("list", **environment)


def test_terminal_has_colors(workspace: Workspace) -> None:
    workspace.add("x", priority=1)
    assert "\x1b[31m" in run("list")


def test_login_stores_a_token_and_no_password(server: CommandServer, home: Path) -> None:
    exit_code, output = run_at_terminal("login", server.url, keys=LOGIN)
    assert exit_code == 0, output
    file = home / "config" / "taskstead" / "config.toml"
    text = file.read_text(encoding="utf-8")
    assert "tsk_" in text
    assert PASSWORD not in text + output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run_command("whoami").stdout.splitlines()[:2] == [
        "profile\tdefault",
        f"server\t{server.url}",
    ]


def test_login_creates_a_token_without_power_to_purge(server: CommandServer) -> None:
    run_at_terminal("login", server.url, keys=LOGIN)
    assert "scopes\taccount:read, tasks:read, tasks:write" in run_command("whoami").stdout


def test_login_ends_its_session(server: CommandServer) -> None:
    run_at_terminal("login", server.url, keys=LOGIN)
    lines = run_command("api", "GET", "/api/v1/tokens", "--json").stdout
    assert "Command line on" in lines


def test_logout_deletes_the_token_of_login(server: CommandServer, home: Path) -> None:
    run_at_terminal("login", server.url, keys=LOGIN)
    file = home / "config" / "taskstead" / "config.toml"
    token = re.findall('tsk_[^"]+', file.read_text(encoding="utf-8"))[0]
    assert run_command("logout").exit_code == 0
    assert "tsk_" not in file.read_text(encoding="utf-8")
    assert server.server.request("GET", "/api/v1/tokens/current", token=token)[0] == 401


def list_tokens(server: CommandServer) -> int:
    listed = server.server.request("GET", "/api/v1/tokens?limit=200", token=server.session)[1]
    return sum(token["name"].startswith("Command line on") for token in listed["items"])


def test_second_login_revokes_the_first_token(server: CommandServer) -> None:
    run_at_terminal("login", server.url, keys=LOGIN)
    before = list_tokens(server)
    run_at_terminal("login", server.url, keys=LOGIN)
    assert list_tokens(server) == before
    assert run_command("list").exit_code == 0


def test_token_that_cannot_be_stored_is_revoked(server: CommandServer, home: Path) -> None:
    before = list_tokens(server)
    (home / "config").write_text("a file", encoding="utf-8")
    exit_code, output = run_at_terminal("login", server.url, keys=LOGIN)
    assert exit_code == 1, output
    assert list_tokens(server) == before


def test_lost_answer_leaves_no_token(home: Path) -> None:
    lost = Answer(409, {"code": "answer_not_kept"}, {"Location": "/api/v1/tokens/7"})
    answers = [
        Answer(200, {"access_token": "a"}),
        *(DROPPED, lost, Answer(204, b""), Answer(201, {"token": "tsk_new", "id": "8"})),
        *(Answer(204, b""), Answer(200, {"email": EMAIL})),
    ]
    with running_scripted_server(*answers) as server:
        exit_code, output = run_at_terminal("login", server.url, keys=LOGIN)
        requests = [(request.method, request.path) for request in server.received]
    assert exit_code == 0, output
    assert requests[2:5] == [
        ("POST", "/api/v1/tokens"),
        ("DELETE", "/api/v1/tokens/7"),
        ("POST", "/api/v1/tokens"),
    ]
    assert "tsk_new" in (home / "config/taskstead/config.toml").read_text(encoding="utf-8")


def test_wrong_password_is_not_signed_in(server: CommandServer, home: Path) -> None:
    keys = (LOGIN[0], ("Password: ", "wrong password\n"))
    exit_code, _ = run_at_terminal("login", server.url, keys=keys)
    assert exit_code == 4
    assert not (home / "config").exists()


def test_end_of_input_interrupts_a_question(server: CommandServer) -> None:
    exit_code, _ = run_at_terminal("login", server.url, keys=(("E-mail: ", "\x04"),))
    assert exit_code == 130


def test_interrupt_has_its_exit_code(workspace: Workspace) -> None:
    number = workspace.add("x")
    exit_code, _ = run_at_terminal("edit", number, VISUAL="sh -c 'kill -INT $PPID'")
    assert exit_code == 130
