"""Query plans with 100,000 tasks: frequent listings use an index.

The number of statements does not depend on the page size.
"""

import re
import sqlite3
from typing import Any

import asyncpg
import pytest

from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.db.factory import get_sqlite_path
from taskstead.db.sql.statements import POSTGRESQL, SQLITE, CompiledStatement, compile_statement
from taskstead.domain.principal import Principal
from taskstead.domain.sorting import parse_sort
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.queries.tasks.filters import build_conditions
from taskstead.queries.tasks.listing import build_listing, complete_sort
from taskstead.queries.tasks.statements import build_query
from taskstead.schemas.tasks.listing import TaskListing
from taskstead.tables.tasks import tasks
from tests.harness.client import Client
from tests.integration.db.test_statement_plans import list_statements_with_ids

pytestmark = pytest.mark.engines("sqlite", "postgresql")

# An index of tasks or task_tags with the workspace as the only condition.
WHOLE_WORKSPACE_ON_POSTGRESQL = re.compile(
    r"on (tasks|task_tags)( \w+)?  \(cost.*\n\s+Index Cond: \(workspace_id = \$\d\)$", re.MULTILINE
)
SEEDS = 100
COPIES = 1000

# Parameters of a listing, and the index that must serve it.
HOT: list[tuple[dict[str, Any], str]] = [
    ({}, "uq_tasks_number"),
    ({"sort": "created_at"}, "ix_tasks_created"),
    ({"sort": "position"}, "ix_tasks_position"),
    ({"status": ["in_progress"], "priority": [1], "sort": "title"}, "ix_tasks_status"),
    ({"due_before": "2026-01-03", "sort": "title"}, "ix_tasks_due"),
    ({"category": ["category 7"], "sort": "title"}, "ix_tasks_category"),
    ({"tag": ["tag 7"], "sort": "title"}, "ix_task_tags_tag"),
    ({"parent": "7", "sort": "title"}, "ix_tasks_parent"),
    ({"assignee": "me", "sort": "title"}, "ix_tasks_assignee"),
    ({"deleted": "only", "sort": "title"}, "ix_tasks_deleted"),
    ({"q": "seldom", "sort": "title"}, "task_search"),
    ({"filter": ""}, "uq_tasks_number"),
    ({"filter": "is:open"}, "uq_tasks_number"),
    ({"filter": "status:in_progress p1", "sort": "title"}, "ix_tasks_status"),
    ({"filter": "due<2026-01-03", "sort": "title"}, "ix_tasks_due"),
    ({"filter": "due:..2026-01-03 is:open !p1 no:assignee", "sort": "title"}, "ix_tasks_due"),
    ({"filter": '#"category 7"', "sort": "title"}, "ix_tasks_category"),
    ({"filter": '#"category 7" (p1 or -x) has:due', "sort": "title"}, "ix_tasks_category"),
    ({"filter": '@"tag 7"', "sort": "title"}, "ix_task_tags_tag"),
    ({"filter": '@"tag 7" (is:done or overdue)', "sort": "title"}, "ix_task_tags_tag"),
    ({"filter": "parent:7", "sort": "title"}, "ix_tasks_parent"),
    ({"filter": "assignee:me", "sort": "title"}, "ix_tasks_assignee"),
    ({"filter": "is:trashed", "sort": "title"}, "ix_tasks_deleted"),
    ({"filter": "seldom", "sort": "title"}, "task_search"),
]

# Columns that differ in each copy of a task. ``n`` numbers the copies.
SQLITE_CHANGES = {
    "id": f"substr(id, 1, 24) || printf('%012d', number * {COPIES} + n)",
    "number": f"number + {SEEDS} * n",
    "position": "position || printf('%04d', n)",
}
POSTGRESQL_CHANGES = {
    "id": f"(substr(id::text, 1, 24) || lpad((number * {COPIES} + n)::text, 12, '0'))::uuid",
    "number": f"number + {SEEDS} * n",
    "position": "position || lpad(n::text, 4, '0')",
}


async def seed(owner: Client) -> None:
    """Create the tasks to copy."""
    for number in range(SEEDS):
        await owner.create_task(
            title=f"Task {number}",
            status=["todo", "done", "done", "in_progress", "cancelled"][number % 5],
            priority=1 + number % 4,
            due_date=f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}",
            category=f"category {number}",
            tags=[f"tag {number}"],
        )


def make_copy_sql(changes: dict[str, str], numbers: str) -> str:
    """Return the SQL that copies every task many times."""
    names = [column.name for column in tasks.c]
    values = ", ".join(changes.get(name, name) for name in names)
    return f"INSERT INTO tasks ({', '.join(names)}) SELECT {values} FROM tasks, {numbers}"


def make_tags_copy_sql(new_id: str) -> str:
    """Return the SQL that gives each copy the tags of its original."""
    return (
        "INSERT INTO task_tags (workspace_id, task_id, tag_id) "
        f"SELECT task_tags.workspace_id, {new_id}, tag_id FROM task_tags "
        "JOIN tasks ON tasks.workspace_id = task_tags.workspace_id AND tasks.id = task_id, numbers"
    )


def copy_on_sqlite(path: str) -> None:
    """Copy the tasks of an SQLite database."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TEMP TABLE numbers (n INTEGER)")
    connection.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(1, COPIES)])
    connection.execute("CREATE TEMP TABLE seeds AS SELECT id, number FROM tasks")
    connection.execute(make_copy_sql(SQLITE_CHANGES, "numbers"))
    connection.execute(
        make_tags_copy_sql(SQLITE_CHANGES["id"].replace("id,", "task_id,"))
        + " WHERE tasks.id IN (SELECT id FROM seeds)"
    )
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


async def copy_on_postgresql(url: str) -> None:
    """Copy the tasks of a PostgreSQL database."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        f"CREATE TEMP TABLE numbers AS SELECT generate_series(1, {COPIES - 1}) n"
    )
    await connection.execute("CREATE TEMP TABLE seeds AS SELECT id, number FROM tasks")
    await connection.execute(make_copy_sql(POSTGRESQL_CHANGES, "numbers"))
    # Statistics left over from an earlier test can describe these tables as empty. PostgreSQL would
    # then choose a nested loop that runs for minutes.
    await connection.execute("ANALYZE")
    await connection.execute(
        make_tags_copy_sql(POSTGRESQL_CHANGES["id"].replace("id::", "task_id::"))
        + " WHERE tasks.id IN (SELECT id FROM seeds)"
    )
    await connection.execute("ANALYZE")
    await connection.close()


def compile_listing(
    principal: Principal, parameters: dict[str, Any], dialect: str
) -> tuple[CompiledStatement, list[Any]]:
    """Return the compiled statement of a listing and its parameter values."""
    given = TaskListing(**parameters)
    sort = complete_sort(parse_sort(given.effective_sort))
    conditions = build_conditions(principal, given, get_now(), dialect=dialect)
    listing = build_query(conditions, build_listing, sort, None, False)  # noqa: FBT003
    compiled = compile_statement(listing.statement, SQLITE if dialect == "sqlite" else POSTGRESQL)
    return compiled, compiled.bind({**conditions.values, "limit": 51})


async def check_plans_of_statements_with_ids(server: asyncpg.Connection) -> None:
    """Check on PostgreSQL that statements with given ids do not scan a whole table."""
    await server.execute("SET plan_cache_mode = force_generic_plan")
    for name, statement in list_statements_with_ids():
        compiled = compile_statement(statement, POSTGRESQL)
        await server.execute(f"PREPARE by_ids AS {compiled.sql}")
        values = ", ".join(["NULL"] * len(compiled.names))
        rows = await server.fetch(f"EXPLAIN EXECUTE by_ids ({values})")
        await server.execute("DEALLOCATE by_ids")
        plan = "\n".join(row[0] for row in rows)
        assert "Seq Scan on tasks" not in plan, f"{name}:\n{plan}"
        assert "Seq Scan on task_tags" not in plan, f"{name}:\n{plan}"
        assert not WHOLE_WORKSPACE_ON_POSTGRESQL.search(plan), f"{name}:\n{plan}"


async def test_frequent_listings_use_their_index(
    owner: Client, database: Database, database_url: str
) -> None:
    await seed(owner)
    principal = await find_principal_by_email(database, "owner@example.com")
    assert principal is not None
    plans: list[str] = []
    if database.dialect == "sqlite":
        path = get_sqlite_path(database_url)
        copy_on_sqlite(path)
        file = sqlite3.connect(path)
        for parameters, _ in HOT:
            compiled, values = compile_listing(principal, parameters, "sqlite")
            rows = file.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values).fetchall()
            plans.append("\n".join(str(row[3]) for row in rows))
        file.close()
    else:
        await copy_on_postgresql(database_url)
        server = await asyncpg.connect(database_url)
        await server.set_type_codec(
            "uuid", schema="pg_catalog", encoder=str, decoder=str, format="text"
        )
        for parameters, _ in HOT:
            compiled, values = compile_listing(principal, parameters, "postgresql")
            rows = await server.fetch(f"EXPLAIN {compiled.sql}", *values)
            plans.append("\n".join(row[0] for row in rows))
        await check_plans_of_statements_with_ids(server)
        await server.close()
    for (parameters, index), plan in zip(HOT, plans, strict=True):
        assert index in plan, f"{parameters}:\n{plan}"
        assert "Seq Scan on tasks" not in plan, f"{parameters}:\n{plan}"
        assert "SCAN tasks" not in plan.replace("SCAN tasks USING", ""), f"{parameters}:\n{plan}"
    page = await owner.get("/api/v1/tasks", params={"limit": 200, "include_total": "true"})
    assert page.json()["total"] == SEEDS * COPIES


@pytest.mark.parametrize("query", ["", "&q=task&sort=relevance,-number", "&tag=tag 1&overdue=true"])
async def test_page_of_200_needs_no_more_statements_than_page_of_1(
    owner: Client, database: Database, query: str
) -> None:
    for number in range(60):
        await owner.create_task(title=f"Task {number}", tags=[f"tag {number % 3}"], category="x")
    counts = []
    for limit in (1, 200):
        before = database.meter.statements
        answer = await owner.get(f"/api/v1/tasks?limit={limit}{query}")
        assert answer.status_code == 200
        counts.append(database.meter.statements - before)
    assert counts == [2, 2], "one for the principal, one for the page"
