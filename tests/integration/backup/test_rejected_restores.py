"""Rejected backups and restores: one error line, and nothing is changed.

Accepted are empty databases, and backups of older versions.
"""

import gzip
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import inspect

from taskstead.db.factory import get_sqlite_path
from taskstead.db.migrate import (
    ensure_migrated,
    find_revision_at,
    get_head,
    make_sqlite_engine,
    run_migrations,
)
from taskstead.formats.backup import BackupHeader, BackupTable
from tests.harness.commands import expect_error_line, run_at_terminal, run_command
from tests.harness.untyped import Row
from tests.integration.backup.copies import back_up, fail_to_restore, read_all, restore, rewrite
from tests.integration.log.world import World


@pytest.fixture
async def backup(world: World, tmp_path: Path) -> Path:
    """A backup with rows in every table."""
    await back_up(world.server.settings.effective_database_url, tmp_path / "b")
    return tmp_path / "b"


def change_text(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: gzip.compress(gzip.decompress(content).replace(old, new, 1))


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "last byte": (lambda content: content[:-1], "damaged or incomplete"),
    "text": (change_text(b'"Below"', b'"Above"'), "damaged or incomplete"),
    "other file": (lambda _: b'{"title": "x"}\n', "not a backup"),
    "format": (change_text(b'"taskstead_backup":1', b'"taskstead_backup":2'), "newer version"),
    "newer": (change_text(b'"revision":"0', b'"revision":"9'), "newer version of Taskstead"),
}


@pytest.mark.parametrize("kind", DAMAGES)
async def test_incomplete_or_corrupt_file_is_rejected(
    kind: str, small_backup: bytes, tmp_path: Path
) -> None:
    damage, reason = DAMAGES[kind]
    target = tmp_path / "new" / "taskstead.db"
    url = f"sqlite:///{target}"
    file = tmp_path / "bad"
    file.write_bytes(damage(small_backup))
    assert reason in await fail_to_restore(url, file)
    assert not target.exists()
    assert reason in await fail_to_restore(url, Path("-"), stdin=damage(small_backup))


@pytest.fixture(scope="session")
def small_backup(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a backup with one account."""
    folder = tmp_path_factory.mktemp("backup")
    (folder / "t.db").write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{folder / 't.db'}"
    result = run_command(
        *("user", "create", "a@example.com", "--name", "Below", "--password-stdin"),
        *("--database-url", url),
        stdin="a good long secret\n",
    )
    assert result.exit_code == 0, result.output
    assert run_command("backup", str(folder / "b"), "--database-url", url).exit_code == 0
    return (folder / "b").read_bytes()


# A row that is referenced but missing, a duplicate row, a row without a required value.
# The kinds of the change log that versions before revision 0015 did not know.
NEW_KINDS = ("occurrence", "filter")
WRONG_ROWS: dict[str, Callable[[list[Row]], list[Row]]] = {
    "categories": lambda _: [],
    "users": lambda rows: rows * 2,
    "tasks": lambda rows: [{**row, "title": None} for row in rows],
}


async def test_existing_data_is_kept_without_replace(backup: Path, database_url: str) -> None:
    before = await read_all(database_url)
    line = await fail_to_restore(database_url, backup)
    assert "already has accounts" in line
    line = await fail_to_restore(database_url, backup, "--replace")
    assert line == "There is no terminal to confirm --replace. Add --yes."
    assert await read_all(database_url) == before


@pytest.mark.parametrize("name", WRONG_ROWS)
async def test_invalid_rows_roll_back_the_restore(
    name: str, backup: Path, database_url: str
) -> None:
    before = await read_all(database_url)
    change = WRONG_ROWS[name]
    rewrite(backup, change_rows=lambda table, rows: change(rows) if table == name else rows)
    line = await fail_to_restore(database_url, backup, "--replace", "--yes")
    if name == "categories" and database_url.startswith("sqlite"):
        # On SQLite, a restore checks all foreign keys together, after it has written the rows.
        assert "refers to a missing row of categories. Nothing was changed." in line
    else:
        assert line.startswith("The restore failed and was rolled back: ")
    assert await read_all(database_url) == before


async def test_empty_database_with_tables_is_accepted(
    backup: Path, database_url: str, other_url: str
) -> None:
    if other_url.startswith("sqlite:///"):
        Path(get_sqlite_path(other_url)).parent.mkdir()
    await ensure_migrated(other_url)
    await restore(other_url, backup)
    assert (await read_all(other_url))["tasks"] == (await read_all(database_url))["tasks"]


def list_columns(revision: str, file: Path) -> dict[str, set[str]]:
    """Return the columns of all tables at a revision."""
    engine = make_sqlite_engine(str(file))
    with engine.begin() as connection:
        run_migrations(connection, revision)
        found = inspect(connection).get_multi_columns()
    return {str(key[1]): {column["name"] for column in columns} for key, columns in found.items()}


async def test_backup_of_an_older_version_is_migrated(
    backup: Path, other_url: str, database_url: str, tmp_path: Path
) -> None:
    old = list_columns("0003", tmp_path / "old.db")
    assert "oldest_revision" not in old["workspaces"]

    def make_older(header: BackupHeader) -> BackupHeader:
        tables = {
            name: BackupTable(
                {column: kind for column, kind in table.columns.items() if column in old[name]},
                table.rows,
            )
            for name, table in header.tables.items()
            if name in old
        }
        return msgspec.structs.replace(header, revision="0003", tables=tables)

    def forget(name: str, rows: list[Row]) -> list[Row]:
        return [
            {column: value for column, value in row.items() if column in old[name]}
            for row in rows
            # The older version accepts only the kinds that it knows.
            if name in old and row.get("kind") not in NEW_KINDS
        ]

    rewrite(backup, make_older, forget)
    await restore(other_url, backup)
    assert await find_revision_at(other_url) == get_head()
    restored, before = await read_all(other_url), await read_all(database_url)
    before["changes"] = [row for row in before["changes"] if row["kind"] not in NEW_KINDS]
    for row in before["tasks"]:
        row.update({column: None for column in row if column.startswith("repeat_")})
    for name in ("workspaces", "tasks", "changes", "access_tokens"):
        assert restored[name] == before[name], name


@pytest.fixture
def empty_database(sqlite_template: Path, tmp_path: Path) -> tuple[str, str]:
    """The options of a command for a database without accounts."""
    (tmp_path / "t.db").write_bytes(sqlite_template.read_bytes())
    return "--database-url", f"sqlite:///{tmp_path / 't.db'}"


def test_missing_database_is_not_backed_up(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'no.db'}"
    output = expect_error_line("backup", str(tmp_path / "b"), "--database-url", url)
    assert "There is no database at" in output
    assert list(tmp_path.iterdir()) == []


def test_unreachable_database_is_not_backed_up(tmp_path: Path) -> None:
    options = ("--database-url", "postgresql://postgres@127.0.0.1:9/none")
    assert "cannot be used" in expect_error_line("backup", str(tmp_path / "b"), *options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("command", "verb"), [("backup", "written"), ("restore", "read")])
def test_missing_folder_is_reported(
    command: str, verb: str, tmp_path: Path, empty_database: tuple[str, str]
) -> None:
    output = expect_error_line(command, str(tmp_path / "no" / "b"), *empty_database)
    assert f"cannot be {verb}: No such file" in output
    assert not (tmp_path / "no").exists()


def test_backup_is_not_written_to_a_terminal(empty_database: tuple[str, str]) -> None:
    code, seen = run_at_terminal("backup", "-", *empty_database)
    assert (code, "cannot be written to a terminal" in seen) == (1, True)


def test_replacing_existing_data_needs_confirmation(
    small_backup: bytes, tmp_path: Path, empty_database: tuple[str, str]
) -> None:
    (tmp_path / "b").write_bytes(small_backup)
    command = ("restore", str(tmp_path / "b"), "--replace", *empty_database)
    code, seen = run_at_terminal(*command, keys=(("[y/N]", "n\n"),))
    assert (code, "Aborted" in seen) == (1, True), seen
    assert run_command("user", "list", *empty_database).output == ""


def test_backup_does_not_overwrite_files_unless_forced(
    tmp_path: Path, empty_database: tuple[str, str]
) -> None:
    file = tmp_path / "b"
    file.write_bytes(b"precious")
    line = expect_error_line("backup", str(file), *empty_database)
    assert "--force" in line
    assert file.read_bytes() == b"precious"
    assert run_command("backup", str(file), "--force", *empty_database).exit_code == 0
    assert file.read_bytes() != b"precious"
