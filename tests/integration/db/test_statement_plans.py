"""Query plans of statements with given ids or numbers: rows are found by an index.

SQLite's planner reads the whole workspace if that saves a sort, or if a branch of an OR does not
name the workspace. Its plans do not depend on the number of rows as long as ANALYZE is not run. The
server does not run it.
"""

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Delete, Select, Update
from sqlalchemy.sql.selectable import CompoundSelect

import taskstead.jobs
import taskstead.queries
import taskstead.services
from taskstead.db.sql.query import Query
from taskstead.db.sql.statements import SQLITE, compile_statement
from taskstead.db.sql.types import ListOf
from taskstead.queries.history import compaction as log_compaction
from taskstead.queries.system import checks

pytestmark = pytest.mark.engines("sqlite", "postgresql")

# Tables that grow with the use of a workspace. "later" and "children" are aliases.
WHOLE_WORKSPACE = re.compile(
    r"(SCAN|SEARCH) (tasks|changes|task_tags|tags|later|children)"
    r"( USING (COVERING )?INDEX \w+( \(workspace_id=\?\))?)?( LEFT-JOIN)?$"
)
# Statements that concern few rows although they have no list of ids.
OTHERS = {
    "checks.FIND_NEWEST": checks.FIND_NEWEST,
    "log_compaction.LIST_ENTITIES": log_compaction.LIST_ENTITIES,
}
EXEMPT = {
    # A category or a tag is looked up among those in the trash, too.
    "queries.tasks.filters._FILED_UNDER",
    # Similar names are searched among all names, only if a filter names something unknown.
    "queries.tasks.filter_names._LIST_CANDIDATES",
}


def list_statements(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the statements in a module's variable, which may be a collection."""
    if isinstance(value, Query):
        yield from list_statements(name, value.statement)
    elif isinstance(value, Select | CompoundSelect | Update | Delete):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from list_statements(f"{name}[{key}]", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from list_statements(f"{name}[{index}]", item)


def list_statements_with_ids() -> Iterator[tuple[str, Any]]:
    """Yield all statements that have a list parameter."""
    for package in (taskstead.queries, taskstead.services, taskstead.jobs):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module_name = info.name.removeprefix("taskstead.")
            for variable, value in vars(importlib.import_module(info.name)).items():
                for name, statement in list_statements(f"{module_name}.{variable}", value):
                    binds = statement.compile(dialect=SQLITE).binds.values()
                    if name not in EXEMPT and any(isinstance(b.type, ListOf) for b in binds):
                        yield name, statement


def test_statements_with_ids_do_not_read_the_whole_workspace(sqlite_template: Path) -> None:
    file = sqlite3.connect(sqlite_template)
    plans = {}
    for name, statement in [*list_statements_with_ids(), *list_statements("others", OTHERS)]:
        compiled = compile_statement(statement, SQLITE)
        values = [None] * len(compiled.names)
        rows = file.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values).fetchall()
        plans[name] = [row[3] for row in rows]
    file.close()
    assert len(plans) > 30
    wrong = {
        name: plan
        for name, plan in plans.items()
        if any(WHOLE_WORKSPACE.match(step) for step in plan)
    }
    assert wrong == {}
