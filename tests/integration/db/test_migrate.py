"""Migrations on both engines: empty database to head, concurrency, data migrations and errors."""

import asyncio
import contextlib
import json
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Inspector, create_engine, event, inspect, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import taskstead.tables.all  # noqa: F401 - fills the metadata
from taskstead.db.factory import open_database
from taskstead.db.migrate import (
    MigrationError,
    check_migrated,
    ensure_migrated,
    find_revision_at,
    get_head,
)
from taskstead.tables.metadata import metadata
from taskstead.tables.tasks import tasks
from tests.harness.untyped import untyped
from tests.integration.db.things import run_outside

pytestmark = pytest.mark.engines("sqlite", "postgresql")

# The search index and its vocabulary, which are not in the metadata.
SEARCH_TABLES = ("task_search", "search_word")
A, B, C, D = (f"'{letter * 8}{f'-{letter * 4}' * 3}-{letter * 12}'" for letter in "abcd")
NOW = "'2026-12-01T09:00:00.000000Z'"
FIRST_ROWS = f"""
INSERT INTO workspaces (id, name, is_personal, revision, last_number, created_at, updated_at)
VALUES ({A}, 'Home', FALSE, 4, 1, {NOW}, {NOW});
INSERT INTO categories
(workspace_id, id, name, name_key, position, is_archived, revision, created_at, updated_at)
VALUES ({A}, {B}, 'C', 'c', 1, FALSE, 1, {NOW}, {NOW});
INSERT INTO tasks
(workspace_id, id, number, title, description, status, priority, category_id, position, revision,
created_by, created_at, updated_at)
VALUES ({A}, {C}, 1, 'Ärger', '', 'todo', 3, {B}, 'a', 2, {A}, {NOW}, {NOW});
INSERT INTO tags (workspace_id, id, name, name_key, revision, created_at, updated_at)
VALUES ({A}, {D}, 'T', 't', 3, {NOW}, {NOW});
INSERT INTO task_tags (workspace_id, task_id, tag_id) VALUES ({A}, {C}, {D})
""".split(";")
CHECK_ERRORS = (sqlite3.IntegrityError, asyncpg.CheckViolationError)
MIGRATE = """
import asyncio, sys
from taskstead.db.migrate import ensure_migrated
print("ready", flush=True)
sys.stdin.readline()
print(asyncio.run(ensure_migrated(sys.argv[1])))
"""


@pytest.fixture
def url(empty_url: str) -> str:
    """The URL of a database without tables."""
    return empty_url


async def run_with_sqlalchemy(url: str, act: Callable[[Connection], Any]) -> Any:
    """Call a function with a connection of SQLAlchemy's engine."""
    if url.startswith("sqlite:"):
        with create_engine(url, poolclass=NullPool).begin() as connection:
            return act(connection)
    engine = create_async_engine(url.replace("://", "+asyncpg://"), poolclass=NullPool)
    async with engine.begin() as opened:
        return await opened.run_sync(act)


def is_ours(name: str | None, kind: str, *_: object) -> bool:
    """Return whether to compare an object, for Alembic's ``include_name``."""
    return kind != "table" or name is None or not name.startswith(SEARCH_TABLES)


def list_tables(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if is_ours(name, "table")}


def describe_index(index: Any) -> str:
    # SQL conditions compare equal only to themselves, so compare their text.
    options = {name: str(option) for name, option in index.get("dialect_options", {}).items()}
    return repr({**index, "dialect_options": options})


def describe_table(inspector: Inspector, table: str) -> dict[str, Any]:
    """Describe a table as far as SQLAlchemy's inspector can, in a stable order."""
    columns = {
        column["name"]: {**column, "type": repr(column["type"]), "comment": None}
        for column in inspector.get_columns(table)
    }
    return {
        "columns": columns,
        "key": inspector.get_pk_constraint(table),
        "foreign keys": sorted(map(repr, inspector.get_foreign_keys(table))),
        "unique": sorted(map(repr, inspector.get_unique_constraints(table))),
        "checks": sorted(map(repr, inspector.get_check_constraints(table))),
        "indexes": sorted(map(describe_index, inspector.get_indexes(table))),
    }


def describe_schema(connection: Connection) -> dict[str, Any]:
    inspector = inspect(connection)
    names = list_tables(connection) - {"alembic_version"}
    return {name: describe_table(inspector, name) for name in names}


@contextmanager
def watching_statements() -> Iterator[dict[str, dict[str, Any]]]:
    """Record the settings that are in effect when statements that change tables are executed."""
    found: dict[str, dict[str, Any]] = {}
    wanted = {
        "sqlite": ["PRAGMA foreign_keys", "PRAGMA synchronous"],
        "postgresql": ["SHOW lock_timeout"],
    }

    def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(("CREATE TABLE", "ALTER TABLE")):
            found[statement] = {
                sql: connection.exec_driver_sql(sql).scalar()
                for sql in wanted[connection.dialect.name]
            }

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_empty_database_is_migrated_to_the_head(url: str) -> None:
    assert await find_revision_at(url) is None
    with pytest.raises(MigrationError, match="taskstead db upgrade"):
        await check_migrated(url)
    assert await ensure_migrated(url)
    assert await find_revision_at(url) == get_head()
    await check_migrated(url)
    assert not await ensure_migrated(url)
    tables = await run_with_sqlalchemy(url, list_tables)
    assert tables == {*metadata.tables, "alembic_version"}


async def test_alembic_detects_no_difference(url: str) -> None:
    await ensure_migrated(url)

    def compare(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))

    assert await run_with_sqlalchemy(url, compare) == []


async def test_migrated_tables_equal_the_metadata(
    url: str, engine: str, request: pytest.FixtureRequest
) -> None:
    # This includes checks, keys and partial indexes, which Alembic does not compare.
    await ensure_migrated(url)
    migrated = await run_with_sqlalchemy(url, describe_schema)
    if engine == "sqlite":
        other = url.replace("things.db", "other.db")
    else:
        server = request.getfixturevalue("postgres_server")
        name = f"created_{secrets.token_hex(4)}"
        other = server.create_database(name)
        request.addfinalizer(lambda: server.drop_database(name))
    await run_with_sqlalchemy(other, metadata.create_all)
    created = await run_with_sqlalchemy(other, describe_schema)
    assert migrated.keys() == created.keys()
    for name, table in created.items():
        for part, expected in table.items():
            assert migrated[name][part] == expected, f"{part} of {name}"


async def test_many_threads_migrate_at_once(url: str) -> None:
    results = await asyncio.gather(*(ensure_migrated(url) for _ in range(4)))
    assert True in results
    assert await find_revision_at(url) == get_head()


def test_processes_migrate_at_once(url: str) -> None:
    program = [sys.executable, "-c", MIGRATE, url]
    with contextlib.ExitStack() as stack:
        migrators = [
            stack.enter_context(
                subprocess.Popen(
                    program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
            )
            for _ in range(3)
        ]
        for migrator in migrators:
            assert migrator.stdout is not None
            assert migrator.stdout.readline() == b"ready\n"
        outputs = [migrator.communicate(b"go\n") for migrator in migrators]
    assert {output for output, _ in outputs} <= {b"True\n", b"False\n"}
    assert {errors for _, errors in outputs} == {b""}
    assert asyncio.run(find_revision_at(url)) == get_head()


@pytest.mark.parametrize("revision", ["9999", "0999"])
async def test_newer_database_is_rejected(url: str, revision: str) -> None:
    await ensure_migrated(url)
    await run_outside(url, f"UPDATE alembic_version SET version_num = '{revision}'")
    for act in (ensure_migrated, check_migrated):
        with pytest.raises(MigrationError, match="newer version"):
            await act(url)
    assert await find_revision_at(url) == revision


async def test_failed_migration_is_rolled_back(url: str) -> None:
    await run_outside(url, "CREATE TABLE tasks (id INTEGER)")
    with pytest.raises(MigrationError, match="tasks") as caught:
        await ensure_migrated(url)
    assert "\n" not in str(caught.value)
    assert await run_with_sqlalchemy(url, list_tables) == {"tasks"}
    await run_outside(url, "DROP TABLE tasks")
    assert await ensure_migrated(url)


def migrate_to_first(connection: Connection) -> None:
    migrate_to(connection, "0001")


def migrate_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "taskstead:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def insert_change(
    revision: int, *, kind: str = "task", action: str = "updated", fields: str = "{}"
) -> str:
    columns = "workspace_id, revision, kind, entity_id, action, batch_id, at, fields"
    values = f"{A}, {revision}, '{kind}', {B}, '{action}', {C}, {NOW}, '{fields}'"
    return f"INSERT INTO changes ({columns}) VALUES ({values})"


async def test_rows_survive_all_migrations(url: str) -> None:
    await run_with_sqlalchemy(url, migrate_to_first)
    assert await find_revision_at(url) == "0001"
    await run_outside(url, *FIRST_ROWS)
    assert await ensure_migrated(url)
    for table in ("workspaces", "categories", "tasks", "tags", "task_tags"):
        assert await run_outside(url, f"SELECT count(*) FROM {table}") == [(1,)]
    found = await run_outside(url, "SELECT title, title_key FROM tasks")
    assert found == [("Ärger", "arger\x01ärger")]


async def test_search_index_is_rebuilt(url: str, engine: str) -> None:
    await run_with_sqlalchemy(url, migrate_to_first)
    await run_outside(url, *FIRST_ROWS, "UPDATE tasks SET title = 'Ночь', description = 'long'")
    await run_with_sqlalchemy(url, lambda connection: migrate_to(connection, "0007"))
    if engine == "sqlite":
        read = "SELECT title, tags, description FROM task_search"
        spoil = "UPDATE task_search SET title = '00043d', tags = '0000000'"
    else:
        read = "SELECT words FROM task_search"
        spoil = "UPDATE task_search SET words = CAST('00043d:1A' AS tsvector)"
    whole = await run_outside(url, read)
    assert "ночь" in str(whole)
    await run_outside(url, spoil)
    assert await ensure_migrated(url)
    assert await run_outside(url, read) == whole


async def test_due_dates_and_places_are_derived(url: str) -> None:
    await run_with_sqlalchemy(url, lambda connection: migrate_to(connection, "0008"))
    await run_outside(url, *FIRST_ROWS)
    await run_outside(
        url,
        f"""
        INSERT INTO tasks
        (workspace_id, id, number, title, description, status, priority, due_date, due_time_zone,
        due_kind, due_at, position, revision, created_by, created_at, updated_at)
        VALUES ({A}, {D}, 2, 'T', '', 'todo', 3, '2099-01-01T20:00:00', 'America/Los_Angeles',
        'floating', '2099-01-01T20:00:00.000000Z', 'b00', 2, {A}, {NOW}, {NOW})
        """,
    )
    assert await ensure_migrated(url)
    database = await open_database(url, pool_size=1, wait_seconds=5)
    try:
        (task,) = await database.fetch_all(
            untyped(select(tasks.c.due_kind, tasks.c.due_at).where(tasks.c.due_date.is_not(None))),
            {},
        )
        assert task == {"due_kind": "instant", "due_at": datetime(2099, 1, 2, 4, tzinfo=UTC)}
    finally:
        await database.close()
    # The next new task gets the number 62, the first whose key sorts after "b00".
    assert await run_outside(url, "SELECT last_place FROM workspaces") == [(61,)]


async def test_vocabulary_is_filled(url: str) -> None:
    await run_with_sqlalchemy(url, migrate_to_first)
    texts = "UPDATE tasks SET title = 'Café', description = 'long ago'"
    await run_outside(url, *FIRST_ROWS, texts, "UPDATE tags SET name = 'Weekly'")
    await run_with_sqlalchemy(url, lambda connection: migrate_to(connection, "0008"))
    assert await ensure_migrated(url)
    words = await run_outside(url, "SELECT word FROM search_words ORDER BY word")
    assert words == [("ago",), ("cafe",), ("long",), ("weekly",)]
    keys = await run_outside(url, "SELECT key FROM search_word_keys WHERE word = 'cafe'")
    assert {key for (key,) in keys} == {"cafe", "afe", "cfe", "cae", "caf"}


async def test_names_and_titles_get_their_keys(url: str) -> None:
    await run_with_sqlalchemy(url, migrate_to_first)
    await run_outside(url, *FIRST_ROWS)
    names = {"1": "✅", "2": "✅\ufe0f", "3": "✅\ufe0e", "4": "Äpfel\u200b"}
    for digit, name in names.items():
        id_ = D.replace("d", digit)
        columns = "workspace_id, id, name, name_key, revision, created_at, updated_at"
        await run_outside(
            url,
            f"INSERT INTO tags ({columns}) "
            f"VALUES ({A}, {id_}, '{name}', '{name.casefold()}', 3, {NOW}, {NOW})",
        )
    assert await ensure_migrated(url)
    read = "SELECT name_key, sort_key FROM tags ORDER BY id"
    assert await run_outside(url, read) == [
        ("✅", "✅"),
        ("✅\ufe0f", "✅"),
        ("✅\ufe0e", "✅"),
        ("äpfel", "apfel\x01äpfel"),
        ("t", "t"),
    ]
    assert await run_outside(url, "SELECT title_key FROM tasks") == [("arger\x01ärger",)]
    assert await run_outside(url, "SELECT sort_key FROM categories") == [("c",)]


async def test_color_is_renamed(url: str, engine: str) -> None:
    before = {
        1: (
            "category",
            '{"name":[null,"\\"colour\\":ü"],"colour":[null,"#aabbcc"],"position":[null,1]}',
        ),
        2: ("tag", '{"colour":["#aabbcc",null]}'),
        3: ("tag", '{"name":["colour","color"]}'),
        # A change of a task has no field with this name. The migration does not read it.
        4: ("task", '{"colour":[1,2]}'),
    }
    await run_with_sqlalchemy(url, lambda connection: migrate_to(connection, "0013"))
    await run_outside(url, *FIRST_ROWS, "UPDATE tags SET colour = '#aabbcc'")
    for revision, (kind, fields) in before.items():
        await run_outside(url, insert_change(revision, kind=kind, fields=fields))
    assert await ensure_migrated(url)
    assert await run_outside(url, "SELECT color FROM tags") == [("#aabbcc",)]
    assert await run_outside(url, "SELECT color FROM categories") == [(None,)]
    after = await run_outside(url, "SELECT revision, fields FROM changes ORDER BY revision")
    assert {revision: json.loads(fields) for revision, fields in after} == {
        1: {"name": [None, '"colour":ü'], "color": [None, "#aabbcc"], "position": [None, 1]},
        2: {"color": ["#aabbcc", None]},
        3: {"name": ["colour", "color"]},
        4: {"colour": [1, 2]},
    }
    if engine == "sqlite":
        assert await run_outside(url, "PRAGMA integrity_check") == [("ok",)]


async def test_log_accepts_new_kinds_but_no_new_actions(url: str) -> None:
    await run_with_sqlalchemy(url, lambda connection: migrate_to(connection, "0013"))
    await run_outside(url, *FIRST_ROWS)
    with pytest.raises(CHECK_ERRORS, match="kind"):
        await run_outside(url, insert_change(1, kind="filter"))
    assert await ensure_migrated(url)
    await run_outside(url, insert_change(1, kind="filter"))
    with pytest.raises(CHECK_ERRORS, match="action"):
        await run_outside(url, insert_change(2, action="copied"))


async def test_open_connection_reads_the_changed_definition(tmp_path: Path) -> None:
    # PostgreSQL needs no test, because the migration does not write its catalog directly.
    url = f"sqlite:///{tmp_path / 'things.db'}"
    await run_with_sqlalchemy(url, lambda connection: migrate_to(connection, "0013"))
    await run_outside(url, *FIRST_ROWS)
    with contextlib.closing(
        sqlite3.connect(tmp_path / "things.db", isolation_level=None)
    ) as opened:
        with pytest.raises(CHECK_ERRORS, match="kind"):
            opened.execute(insert_change(1, kind="filter"))
        assert await ensure_migrated(url)
        opened.execute(insert_change(1, kind="filter"))


async def test_dangling_references_are_detected(tmp_path: Path) -> None:
    # PostgreSQL always enforces its foreign keys.
    url = f"sqlite:///{tmp_path / 'things.db'}"
    await run_with_sqlalchemy(url, migrate_to_first)
    await run_outside(url, *FIRST_ROWS, "DELETE FROM tags")
    with pytest.raises(MigrationError, match="task_tags"):
        await ensure_migrated(url)
    assert await find_revision_at(url) == "0001"
    await run_outside(url, "DELETE FROM task_tags")
    assert await ensure_migrated(url)


async def test_settings_during_table_changes(url: str, engine: str) -> None:
    with watching_statements() as found:
        await ensure_migrated(url)
    assert found
    for settings in found.values():
        if engine == "postgresql":
            # While a migration waits for a lock, all later queries queue behind it. The wait must
            # be short.
            assert settings == {"SHOW lock_timeout": "10s"}
        else:
            # With enforced foreign keys, dropping a table to rebuild it would delete the rows that
            # refer to it.
            assert settings == {"PRAGMA foreign_keys": 0, "PRAGMA synchronous": 2}
