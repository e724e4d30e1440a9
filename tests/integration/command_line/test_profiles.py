"""Profiles of client commands: where the server and the token come from."""

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.errors import KeyringLocked

from tests.harness.command_line import CommandServer, Workspace, run_program
from tests.harness.commands import expect_error_line, run_command
from tests.harness.scripted_server import Answer, running_scripted_server


def write_profiles(home: Path, text: str, *, mode: int = 0o600) -> Path:
    file = home / "config" / "taskstead" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_login_reads_a_token_from_stdin(server: CommandServer, home: Path) -> None:
    result = run_command("login", server.url, "--with-token", stdin=f"{server.token}\n")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f'token = "{server.token}"' in (home / "config/taskstead/config.toml").read_text()
    assert run_command("list").exit_code == 0


@pytest.mark.parametrize(("token", "exit_code"), [("tsk_unknown", 4), ("", 2), ("a b", 2)])
def test_login_rejects_a_wrong_token(
    server: CommandServer, home: Path, token: str, exit_code: int
) -> None:
    line = expect_error_line(
        "login", server.url, "--with-token", stdin=f"{token}\n", exit_code=exit_code
    )
    assert token not in line or not token
    assert not (home / "config").exists()


def test_login_accepts_a_token_without_account_scope(server: CommandServer) -> None:
    token = server.make_token("tasks:read")
    assert run_command("login", server.url, "--with-token", stdin=token).exit_code == 0
    assert run_command("list").exit_code == 0


def test_login_needs_a_terminal_for_the_password(server: CommandServer) -> None:
    assert "--with-token" in expect_error_line("login", server.url, exit_code=2)


def test_login_needs_an_address() -> None:
    assert "https://" in expect_error_line("login", "--with-token", exit_code=2, stdin="x")


def test_login_keeps_other_profiles(server: CommandServer, home: Path) -> None:
    other = '# Home\n[profiles.home]\nurl = "http://127.0.0.1:1"  # a comment\n'
    file = write_profiles(home, other)
    login = ("login", server.url, "--with-token", "--profile", "work")
    run_command(*login, stdin=server.token)
    run_command(*login, stdin=server.token)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(other)
    assert text.count("[profiles.work]") == 1


@pytest.mark.parametrize(
    "header",
    [
        '[profiles."work"]',
        "[ profiles . work ] # a comment",
        "['profiles'.'work']",
    ],
)
def test_login_replaces_a_quoted_profile(server: CommandServer, home: Path, header: str) -> None:
    file = write_profiles(home, f'{header}\nurl = "http://127.0.0.1:1"\n')
    login = ("login", server.url, "--with-token", "--profile", "work")
    assert run_command(*login, stdin=server.token).exit_code == 0
    profiles = tomllib.loads(file.read_text(encoding="utf-8"))["profiles"]
    assert profiles == {"work": {"url": server.url, "token": server.token}}


@pytest.mark.parametrize(
    "text",
    ['profiles.work.url = "https://a.example"\n', '[profiles]\nwork = { url = "a.example" }\n'],
)
def test_profile_that_is_no_table_is_not_replaced(
    server: CommandServer, home: Path, text: str
) -> None:
    file = write_profiles(home, text)
    login = ("login", server.url, "--with-token", "--profile", "work")
    assert "[profiles.work]" in expect_error_line(*login, stdin=server.token, exit_code=2)
    assert file.read_text(encoding="utf-8") == text


def test_login_keeps_a_symbolic_link(server: CommandServer, home: Path) -> None:
    target = home / "dotfiles.toml"
    file = write_profiles(home, "")
    file.rename(target)
    file.symlink_to(target)
    run_command("login", server.url, "--with-token", stdin=server.token)
    assert file.is_symlink()
    assert server.token in target.read_text(encoding="utf-8")


def test_logout_keeps_a_token_that_it_did_not_create(server: CommandServer) -> None:
    token = server.make_token("tasks:read", "account:read")
    run_command("login", server.url, "--with-token", stdin=token)
    result = run_command("logout")
    assert (result.exit_code, "still valid" in result.stderr) == (0, True)
    assert server.server.request("GET", "/api/v1/tokens/current", token=token)[0] == 200
    assert run_command("list").exit_code == 4


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_token_that_others_can_read_is_refused(
    server: CommandServer, home: Path, mode: int
) -> None:
    text = f'[profiles.default]\nurl = "{server.url}"\ntoken = "{server.token}"\n'
    file = write_profiles(home, text, mode=mode)
    assert f"chmod 600 {file}" in expect_error_line("list", exit_code=4)


def test_file_is_not_read_if_the_environment_has_everything(
    workspace: Workspace, home: Path
) -> None:
    del workspace
    write_profiles(home, "[profiles.default", mode=0o644)
    assert run_command("list").exit_code == 0


def test_file_without_tokens_may_be_readable(server: CommandServer, home: Path) -> None:
    command = f"printf '%s\\\\n' {server.token}"
    text = f'[profiles.default]\nurl = "{server.url}"\ntoken_command = "{command}"\n'
    write_profiles(home, text, mode=0o644)
    assert run_command("list").exit_code == 0


@pytest.mark.parametrize("command", ["false", "true", "no-such-program", "'"])
def test_failed_token_command_is_not_signed_in(
    server: CommandServer, home: Path, command: str
) -> None:
    write_profiles(home, f'[profiles.default]\nurl = "{server.url}"\ntoken_command = "{command}"\n')
    assert "token_command" in expect_error_line("list", exit_code=4)


@pytest.mark.parametrize(
    "text",
    [
        "[profiles.default",
        '[profiles.default]\nurl = "http://127.0.0.1:1"\npassword = "x"\n',
        '[profiles.default]\ntoken_command = "x"\n',
        "[profiles.default]\nurl = 1\n",
        "profiles = 1\n",
        '[profiles]\ndefault = "x"\n',
    ],
)
def test_invalid_file_is_wrong_usage(home: Path, text: str) -> None:
    write_profiles(home, text)
    assert "config.toml" in expect_error_line("list", exit_code=2)


class MemoryKeyring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    """Use a keyring in memory instead of that of the system."""
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_keyring_keeps_the_token_out_of_the_file(
    server: CommandServer, home: Path, memory_keyring: MemoryKeyring
) -> None:
    login = ("login", server.url, "--with-token", "--keyring")
    assert run_command(*login, stdin=server.token).exit_code == 0
    assert list(memory_keyring.passwords.values()) == [server.token]
    assert server.token not in (home / "config/taskstead/config.toml").read_text()
    assert run_command("list").exit_code == 0
    run_command("logout")
    assert memory_keyring.passwords == {}


class BrokenKeyring(MemoryKeyring):
    """A keyring that is locked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(f"{service} {username} {len(password)}")


@pytest.fixture(params=[FailKeyring, BrokenKeyring])
def broken_keyring(request: pytest.FixtureRequest) -> Iterator[None]:
    """Use a keyring that does not exist, or that is locked."""
    before = keyring.get_keyring()
    keyring.set_keyring(request.param())
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("broken_keyring")
def test_missing_keyring_is_one_sentence(server: CommandServer, home: Path) -> None:
    login = ("login", server.url, "--with-token", "--keyring")
    assert "keyring" in expect_error_line(*login, stdin=server.token)
    write_profiles(home, f'[profiles.default]\nurl = "{server.url}"\nkeyring = true\n')
    assert "keyring" in expect_error_line("list")


def test_profiles_are_chosen_by_name(server: CommandServer, home: Path) -> None:
    dead = '[profiles.dead]\nurl = "http://127.0.0.1:1"\n'
    own = f'[profiles.own]\nurl = "{server.url}"\ntoken = "{server.token}"\n'
    write_profiles(home, f'profile = "dead"\n{dead}{own}')
    assert run_command("list").exit_code == 4
    assert run_command("list", "--profile", "own").exit_code == 0


def test_environment_chooses_the_profile(
    server: CommandServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profiles(home, f'[profiles.own]\nurl = "{server.url}"\ntoken = "{server.token}"\n')
    monkeypatch.setenv("TASKSTEAD_PROFILE", "own")
    assert run_command("list").exit_code == 0


def test_option_precedes_the_environment(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.add("x")
    other = workspace.server.make_workspace()
    monkeypatch.setenv("TASKSTEAD_WORKSPACE", other.id)
    assert run_command("list").stdout == ""
    assert run_command("list", "--workspace", workspace.id, "--quiet").stdout == "1\n"


@pytest.mark.parametrize("has_url", [False, True])
def test_chosen_profile_does_not_use_the_environment(
    server: CommandServer, home: Path, monkeypatch: pytest.MonkeyPatch, *, has_url: bool
) -> None:
    write_profiles(home, f'[profiles.own]\nurl = "{server.url}"\ntoken = "{server.token}"\n')
    monkeypatch.setenv("TASKSTEAD_TOKEN", "tsk_of_another_server")
    with running_scripted_server(Answer()) as other:
        if has_url:
            monkeypatch.setenv("TASKSTEAD_URL", other.url)
        assert run_command("list", "--profile", "own").exit_code == 0
        assert other.received == []


@pytest.mark.parametrize("source", ["option", "environment"])
def test_token_of_a_profile_stays_with_its_origin(
    server: CommandServer, home: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    write_profiles(home, f'[profiles.default]\nurl = "{server.url}"\ntoken = "{server.token}"\n')
    with running_scripted_server(Answer()) as other:
        options = ("--url", other.url) if source == "option" else ()
        if source == "environment":
            monkeypatch.setenv("TASKSTEAD_URL", other.url)
        line = expect_error_line("list", *options, exit_code=4)
        assert other.received == []
    assert server.url in line


def test_server_commands_ignore_the_variables() -> None:
    variables = {f"TASKSTEAD_{name}": "x" for name in ("URL", "TOKEN", "WORKSPACE", "PROFILE")}
    result = run_program("db", "current", "--database-url", "sqlite:///x.db", **variables)
    assert "is not a setting" not in result.stderr


def test_completion_uses_names_that_commands_have_seen(workspace: Workspace) -> None:
    workspace.add("x", category="Household", tags=["errand", "evening"])
    run_command("list")
    completed = run_program(
        _TASKSTEAD_COMPLETE="complete_bash",
        COMP_WORDS="taskstead add x --tag e",
        COMP_CWORD="4",
        TASKSTEAD_URL="http://127.0.0.1:1",
    )
    assert (completed.stdout.split(), completed.stderr) == (["errand", "evening"], "")


@pytest.mark.parametrize("typed", ["", "ho", "home\\ i", '"home i', "'home i"])
def test_completed_name_is_quoted_for_bash(workspace: Workspace, typed: str) -> None:
    name = "home improvements; $(reboot) `x` \"y\" 'z' \\ *"
    workspace.add("x", category=name)
    run_command("list")
    completed = run_program(
        _TASKSTEAD_COMPLETE="complete_bash",
        COMP_WORDS=f"taskstead\nadd\nx\n--category\n{typed}",
        COMP_CWORD="4",
    )
    quote = typed[:1] if typed[:1] in {'"', "'"} else ""
    script = f"printf %s {quote}{completed.stdout.strip()}{quote}"
    shown = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, check=True)
    assert (shown.stdout, completed.stderr) == (name, "")


@pytest.mark.parametrize(
    ("shell", "variables"),
    [
        ("zsh", {"_TYPER_COMPLETE_ARGS": "taskstead add x --category "}),
        ("powershell", {"_TYPER_COMPLETE_ARGS": "taskstead add x --category"}),
    ],
)
def test_name_with_quotes_is_not_completed_for(
    workspace: Workspace, shell: str, variables: dict[str, str]
) -> None:
    workspace.add("x", category='a"; reboot #')
    workspace.add("x", category="two words")
    run_command("list")
    completed = run_program(_TASKSTEAD_COMPLETE=f"complete_{shell}", **variables)
    assert "two words" in completed.stdout
    assert "reboot" not in completed.stdout


def test_completion_without_a_cache_prints_nothing() -> None:
    completed = run_program(
        _TASKSTEAD_COMPLETE="complete_bash",
        COMP_WORDS="taskstead add x --category H",
        COMP_CWORD="4",
    )
    assert (completed.stdout.strip(), completed.stderr) == ("", "")
