"""``taskstead user``: accounts managed by the administrator of the server."""

import asyncio
import sqlite3
from contextlib import closing

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.db.factory import open_database
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.schemas.workspaces import MemberAdd, WorkspaceCreate
from taskstead.services.workspaces.workspaces import add_member, create_workspace
from tests.harness.commands import (
    PASSWORD,
    create_user,
    expect_error_line,
    run_at_terminal,
    run_command,
)
from tests.harness.contexts import make_write_context
from tests.harness.settings import make_settings

EMAIL = "ada@example.com"
OTHER_PASSWORD = "another long secret"


def log_in(database_url: str, email: str, password: str) -> int:
    """Log in over the API. Return the status."""

    async def run() -> int:
        app = create_app(make_settings(database_url))
        transport = httpx2.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http,
        ):
            credentials = {"email": email, "password": password}
            return (await http.post("/auth/login", json=credentials)).status_code

    return asyncio.run(run())


async def share_workspace(database_url: str, owner: str, member: str) -> str:
    """Create a workspace with an owner and an editor. Return its id."""
    database = await open_database(database_url, pool_size=1, wait_seconds=30)
    try:
        principal = await find_principal_by_email(database, owner)
        assert principal is not None
        ctx = make_write_context(database, principal)
        made = await create_workspace(ctx, WorkspaceCreate(name="Shared"))
        await add_member(ctx, made["id"], MemberAdd(email=member))
        return str(made["id"])
    finally:
        await database.close()


def test_first_account_is_administrator(database_url: str) -> None:
    options = ("--password-stdin", "--database-url", database_url)
    result = run_command("user", "create", "Ada@Example.COM", *options, stdin=f"{PASSWORD}\r\n")
    assert result.stdout == f"Created the administrator account {EMAIL}.\n"
    assert log_in(database_url, EMAIL, PASSWORD) == 200


def test_accounts_are_created_with_name_and_role(database_url: str) -> None:
    url = ("--database-url", database_url)
    create_user(EMAIL, database_url)
    options = ("--name", "Grace Höpper", "--password-stdin", *url)
    second = run_command("user", "create", "grace@example.com", *options, stdin=PASSWORD)
    assert second.stdout.startswith("Created the account ")
    third = ("--admin", "--password-stdin", *url)
    run_command("user", "create", "linus@example.com", *third, stdin=PASSWORD)
    lines = run_command("user", "list", *url).stdout.splitlines()
    assert [line.split("\t")[:4] for line in lines] == [
        [EMAIL, "ada", "administrator", "active"],
        ["grace@example.com", "Grace Höpper", "user", "active"],
        ["linus@example.com", "linus", "administrator", "active"],
    ]


def test_password_is_changed(database_url: str) -> None:
    create_user(EMAIL, database_url)
    options = ("--password-stdin", "--database-url", database_url)
    result = run_command("user", "set-password", EMAIL, *options, stdin=f"{OTHER_PASSWORD}\n")
    assert result.stdout == f"Set the password of {EMAIL} and ended its sessions.\n"
    assert log_in(database_url, EMAIL, PASSWORD) == 401
    assert log_in(database_url, EMAIL, OTHER_PASSWORD) == 200


def test_account_is_disabled_and_enabled(database_url: str) -> None:
    create_user("admin@example.com", database_url)
    create_user(EMAIL, database_url)
    url = ("--database-url", database_url)
    assert run_command("user", "disable", EMAIL, *url).exit_code == 0
    assert log_in(database_url, EMAIL, PASSWORD) == 403
    assert "\tdisabled\t" in run_command("user", "list", *url).stdout
    assert run_command("user", "enable", EMAIL, *url).exit_code == 0
    assert log_in(database_url, EMAIL, PASSWORD) == 200


def test_last_administrator_cannot_be_disabled_or_deleted(database_url: str) -> None:
    url = ("--database-url", database_url)
    create_user(EMAIL, database_url)
    create_user("grace@example.com", database_url)
    for arguments in (("disable", EMAIL), ("delete", EMAIL, "--yes")):
        output = expect_error_line("user", *arguments, *url)
        assert output == "This is the last administrator. Make another user an administrator first."
    assert log_in(database_url, EMAIL, PASSWORD) == 200


def test_disabled_administrator_does_not_count(database_url: str) -> None:
    url = ("--database-url", database_url)
    create_user(EMAIL, database_url)
    options = ("--admin", "--password-stdin", *url)
    run_command("user", "create", "linus@example.com", *options, stdin=PASSWORD)
    assert run_command("user", "disable", EMAIL, *url).exit_code == 0
    output = expect_error_line("user", "disable", "linus@example.com", *url)
    assert "last administrator" in output
    assert run_command("user", "delete", EMAIL, "--yes", *url).exit_code == 0


def test_account_is_deleted(database_url: str) -> None:
    url = ("--database-url", database_url)
    for email in (EMAIL, "grace@example.com", "linus@example.com"):
        create_user(email, database_url)
    workspace_id = asyncio.run(share_workspace(database_url, "grace@example.com", EMAIL))
    command = ("user", "delete", "grace@example.com", "--yes", *url)
    output = expect_error_line(*command)
    assert f"{workspace_id} (Shared: {EMAIL})" in output
    assert "--hand-over" in output
    output = expect_error_line(*command, "--hand-over", f"{workspace_id}=linus@example.com")
    assert "must be a member" in output
    assert "WORKSPACE=EMAIL" in expect_error_line(*command, "--hand-over", workspace_id)
    result = run_command(*command, "--hand-over", f"{workspace_id}={EMAIL}")
    assert result.stdout.startswith("Deleted the account grace@example.com.")
    assert log_in(database_url, "grace@example.com", PASSWORD) == 401
    lines = run_command("user", "list", *url).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == [EMAIL, "linus@example.com"]
    assert "No account has" in expect_error_line(*command)


@pytest.mark.usefixtures("sqlite_file")
def test_deletion_without_a_terminal_needs_yes() -> None:
    url = ("--database-url", "sqlite:///x.db")
    for email in (EMAIL, "grace@example.com"):
        create_user(email, "sqlite:///x.db")
    assert "--yes" in expect_error_line("user", "delete", "grace@example.com", *url)
    assert "grace" in run_command("user", "list", *url).stdout


@pytest.mark.usefixtures("sqlite_file")
def test_deletion_is_confirmed_in_a_terminal() -> None:
    url = ("--database-url", "sqlite:///x.db")
    for email in (EMAIL, "grace@example.com"):
        create_user(email, "sqlite:///x.db")
    for key, code in (("n", 1), ("y", 0)):
        keys = (("permanently?", f"{key}\n"),)
        found, seen = run_at_terminal("user", "delete", "grace@example.com", *url, keys=keys)
        assert found == code, seen
    assert "grace" not in run_command("user", "list", *url).stdout


@pytest.mark.usefixtures("sqlite_file")
def test_terminal_asks_for_the_password_without_showing_it() -> None:
    url = ("--database-url", "sqlite:///x.db")
    # The space after the colon is printed once echo is off.
    keys = (("Password: ", f"{PASSWORD}\n"), ("Again: ", f"{PASSWORD}\n"))
    code, seen = run_at_terminal("user", "create", EMAIL, *url, keys=keys)
    assert code == 0, seen
    assert "administrator account" in seen
    assert PASSWORD not in seen


@pytest.mark.usefixtures("sqlite_file")
def test_terminal_shows_a_table_of_users() -> None:
    url = ("--database-url", "sqlite:///x.db")
    create_user(EMAIL, "sqlite:///x.db")
    code, seen = run_at_terminal("user", "list", *url)
    assert code == 0
    assert "E-mail" in seen
    assert EMAIL in seen


def test_password_without_a_terminal_is_an_error() -> None:
    output = expect_error_line("user", "create", EMAIL, "--database-url", "sqlite:///x.db")
    assert "--password-stdin" in output


@pytest.mark.parametrize(
    ("arguments", "stdin", "part"),
    [
        (("create", "not-an-address", "--password-stdin"), PASSWORD, "is not an e-mail address"),
        (("create", EMAIL, "--password-stdin"), "short", "10 to 256 characters"),
        (("create", EMAIL, "--password-stdin"), "", "10 to 256 characters"),
        (("create", EMAIL, "--password-stdin"), b"\xff\xfe\xff", "is not UTF-8"),
        (("create", EMAIL, "--password-stdin"), "password123", "most common"),
        (("create", EMAIL, "--password-stdin"), PASSWORD, f"with the address {EMAIL} already"),
        (("create", "b@example.com", "--name", " ", "--password-stdin"), PASSWORD, "The name must"),
        (("set-password", "b@example.com", "--password-stdin"), PASSWORD, "No account has"),
        (("disable", "b@example.com"), "", "No account has the address b@example.com."),
        (("enable", "b@example.com"), "", "No account has the address b@example.com."),
    ],
)
@pytest.mark.usefixtures("sqlite_file")
def test_errors_are_reported_in_one_sentence(
    arguments: tuple[str, ...], stdin: str | bytes, part: str
) -> None:
    create_user(EMAIL, "sqlite:///x.db")
    output = expect_error_line("user", *arguments, "--database-url", "sqlite:///x.db", stdin=stdin)
    assert part in output


@pytest.mark.usefixtures("sqlite_file")
def test_control_characters_in_names_are_escaped() -> None:
    url = ("--database-url", "sqlite:///x.db")
    create_user(EMAIL, "sqlite:///x.db")
    # Names with control characters are rejected now. Earlier versions accepted them.
    with closing(sqlite3.connect("x.db", isolation_level=None)) as connection:
        connection.execute("UPDATE users SET name = ?", ["E\x1b[2Jve\tX"])
    (line,) = run_command("user", "list", *url).stdout.splitlines()
    assert line.split("\t")[1] == "E�[2Jve�X"
