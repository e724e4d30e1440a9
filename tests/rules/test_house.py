"""Project rules that no linter covers, checked in the syntax trees of all modules.

ruff checks docstrings, print and so on, and import-linter checks the layers. Both are configured in
pyproject.toml.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.rules.sources import PACKAGE, Source, list_nodes, name_of, parse

Rule = Callable[[list[Source]], Iterator[str]]

_TIMES = {"datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.today"}
_UUIDS = {"uuid1", "uuid4", "uuid6", "uuid7", "uuid.uuid1", "uuid.uuid4", "uuid.uuid7"}
_MAX_MODULES = 15
_CLOCKS = _TIMES | _UUIDS
# The verbs of SQL statements and subqueries; not those of FOR UPDATE or ON DELETE.
_SQL_VERBS = re.compile(r"(?:^|[();])\s*(SELECT|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_LAST_PARTS = {name.rpartition(".")[2] for name in _CLOCKS}


def find_http_exceptions(sources: list[Source]) -> Iterator[str]:
    """Errors are classes of errors/. Only exception handlers use those of the framework.

    The client of the commands handles the HTTPException of the standard library.
    """
    for source in sources:
        if source.layer not in {"", "client"} and not source.path.endswith(
            "/http/responses/exception_handlers.py"
        ):
            yield from find_imported(source, "HTTPException")


def find_slow_middleware(sources: list[Source]) -> Iterator[str]:
    """BaseHTTPMiddleware costs more than a query, so middleware is plain ASGI."""
    for source in sources:
        if source.layer:
            yield from find_imported(source, "BaseHTTPMiddleware")


def find_reading_on_import(sources: list[Source]) -> Iterator[str]:
    """Importing a module reads no settings, environment or files, and creates no application."""
    forbidden = {"Settings", "load_settings", "FastAPI", "create_app", "open", "getenv"}
    forbidden |= {"environ", "read_text", "read_bytes"}
    for source in sources:
        if not source.layer:
            continue
        for node in walk_on_import(parse(source.text)):
            # A name alone may be an annotation or a base class. Only a call has an effect.
            used = node.func if isinstance(node, ast.Call) else node
            is_read = isinstance(node, ast.Call) or (
                isinstance(node, ast.Attribute) and node.attr == "environ"
            )
            if is_read and name_of(used) in forbidden:
                yield f"{source.path}:{node.lineno}: {name_of(used)} runs on import"


def find_selects_outside_queries(sources: list[Source]) -> Iterator[str]:
    """Every SELECT is in queries/, except for those of the job queue, engines and migrations."""
    for source in sources:
        if source.layer and source.layer not in {"queries", "jobs", "db", "migrations"}:
            yield from find_statements(source, {"select"})


def find_lists_read_by_faces(sources: list[Source]) -> Iterator[str]:
    """Faces read through use cases in services/. They query only single rows (``get_...``)."""
    for source in sources:
        if source.layer != "faces":
            continue
        for node in list_nodes(source.text):
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                is_query = f"{name}.".startswith("taskstead.queries.")
                if is_query and not name.rpartition(".")[2].startswith("get_"):
                    yield f"{source.path}:{node.lineno}: {name}"


def find_writes_outside_services(sources: list[Source]) -> Iterator[str]:
    """Every write is in services/, except for those of the job queue, engines and migrations."""
    for source in sources:
        if source.layer and source.layer not in {"services", "jobs", "db", "migrations"}:
            yield from find_statements(source, {"insert", "update", "delete"})


def find_orm(sources: list[Source]) -> Iterator[str]:
    """Statements use SQLAlchemy Core. Sessions of the ORM cost more than the queries."""
    for source in sources:
        if source.layer:
            yield from find_imported(source, "sqlalchemy.orm")


def find_engines_outside_migrations(sources: list[Source]) -> Iterator[str]:
    """Only migrations use Alembic and SQLAlchemy engines. Everything else uses Database."""
    for source in sources:
        is_migrating = source.layer == "migrations" or source.path.endswith("/db/migrate.py")
        if source.layer and not is_migrating:
            for name in ("alembic", "create_engine", "create_async_engine"):
                yield from find_imported(source, name)


def find_clocks(sources: list[Source]) -> Iterator[str]:
    """Only clock.py reads the clock, and only ids.py creates ids."""
    for source in sources:
        if not source.layer or source.layer in {"clock", "ids"}:
            continue
        for node in list_nodes(source.text):
            # Only few names end like that of a clock, and writing a name out is slow.
            if (
                isinstance(node, ast.Attribute | ast.Name)
                and name_of(node) in _LAST_PARTS
                and ast.unparse(node) in _CLOCKS
            ):
                yield f"{source.path}:{node.lineno}: {ast.unparse(node)}"


def find_uses_of_get_now(sources: list[Source]) -> Iterator[str]:
    """Only app.py, the commands and the access log use the machine's clock.

    All other modules receive a clock. Logging is configured before there is an application.
    """
    allowed = {f"{PACKAGE}/app.py", f"{PACKAGE}/clock.py", f"{PACKAGE}/observability/logging.py"}
    for source in sources:
        if not source.layer or source.layer == "cli" or source.path in allowed:
            continue
        for node in list_nodes(source.text):
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
            elif isinstance(node, ast.Attribute):
                names = {node.attr}
            else:
                continue
            if "get_now" in names:
                yield f"{source.path}:{node.lineno}: get_now"


def find_functions_in_schemas(sources: list[Source]) -> Iterator[str]:
    """schemas/ has models and field types. Its functions are private validators.

    base.py may share functions that pydantic calls.
    """
    for source in sources:
        if source.layer != "schemas" or source.path.endswith("/schemas/base.py"):
            continue
        for node in parse(source.text).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
                yield f"{source.path}:{node.lineno}: {node.name}"


def find_http_in_errors(sources: list[Source]) -> Iterator[str]:
    """Errors know no HTTP. http/responses/error_mapping.py has their statuses and headers."""
    forbidden = {"status", "status_code", "headers", "media_type"}
    for source in sources:
        if source.layer != "errors":
            continue
        for node in list_nodes(source.text):
            if isinstance(node, ast.Attribute | ast.Name):
                name = name_of(node)
            elif isinstance(node, ast.arg | ast.keyword):
                name = node.arg or ""
            else:
                continue
            if name in forbidden:
                yield f"{source.path}:{node.lineno}: {name}"


def find_large_folders(sources: list[Source]) -> Iterator[str]:
    """A folder has at most 15 modules, so that one listing shows what an area consists of."""
    folders = Counter(
        source.path.rpartition("/")[0]
        for source in sources
        if source.layer and source.layer != "migrations"
    )
    for folder, count in folders.items():
        if count > _MAX_MODULES:
            yield f"{folder}: {count} modules"


def find_imported(source: Source, wanted: str) -> Iterator[str]:
    """Find imports of a name or a module, and its use as an attribute of a module."""
    for node in list_nodes(source.text):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names} | {node.module or ""}
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and wanted in {"HTTPException", "BaseHTTPMiddleware"}:
            names = {node.attr}
        else:
            continue
        if any(name == wanted or name.startswith(f"{wanted}.") for name in names):
            yield f"{source.path}:{node.lineno}: {wanted}"


def find_statements(source: Source, verbs: set[str]) -> Iterator[str]:
    """Find functions of SQLAlchemy, methods of tables and SQL texts that make such statements."""
    origins = list_origins(source.text)
    for node in list_nodes(source.text):
        if not isinstance(node, ast.stmt | ast.expr):
            continue
        found: set[str] = set()
        if isinstance(node, ast.ImportFrom) and is_sqlalchemy(node.module or ""):
            found = {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute):
            owner = resolve_name(node.value, origins)
            is_table = owner.endswith("table") or owner.startswith("taskstead.tables.")
            found = {node.attr} if is_table or is_sqlalchemy(owner) else set()
        elif isinstance(node, ast.Call) and node.args:
            function = resolve_name(node.func, origins)
            if is_sqlalchemy(function) and function.endswith(".text"):
                found = list_sql_verbs(node.args[0])
        if found & verbs:
            yield f"{source.path}:{node.lineno}: {', '.join(sorted(found & verbs))}"


def is_sqlalchemy(name: str) -> bool:
    """Return whether a dotted name is SQLAlchemy or a part of it."""
    return f"{name}.".startswith("sqlalchemy.")


def list_sql_verbs(node: ast.expr) -> set[str]:
    """Return the verbs of the statements and subqueries in an SQL text, in lower case."""
    parts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return {verb.lower() for verb in _SQL_VERBS.findall(" ".join(map(str, parts)))}


@cache
def list_origins(text: str) -> dict[str, str]:
    """Return the imported names and the tables of a file, with their full dotted names."""
    origins: dict[str, str] = {}
    for node in list_nodes(text):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            origins |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and name_of(node.value.func) in {"Table", "table"}
        ):
            origins |= {name_of(target): "table" for target in node.targets}
    return origins


def resolve_name(node: ast.expr, origins: dict[str, str]) -> str:
    """Return a dotted name in full, or its last parts if it begins with another expression."""
    if isinstance(node, ast.Attribute):
        return f"{resolve_name(node.value, origins)}.{node.attr}"
    return origins.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def walk_on_import(tree: ast.AST) -> Iterator[ast.expr]:
    """Walk the expressions that run when the module is imported, without function bodies."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            defaults = (*node.args.defaults, *filter(None, node.args.kw_defaults))
            for part in (*node.decorator_list, *defaults):
                yield from walk_on_import(ast.Expression(part))
            continue
        if isinstance(node, ast.expr):
            yield node
        yield from walk_on_import(node)


# Each rule with a file that violates it. Rules depend on the path, too.
RULES: dict[Rule, list[tuple[str, str]]] = {
    find_http_exceptions: [
        ("src/taskstead/faces/api/tasks/tasks.py", "from fastapi import HTTPException"),
        (
            "src/taskstead/http/responses/pagination.py",
            "import fastapi\nraise fastapi.HTTPException(404)",
        ),
    ],
    find_slow_middleware: [
        (
            "src/taskstead/http/middleware/request_context.py",
            "from starlette.middleware.base import BaseHTTPMiddleware as Base",
        ),
    ],
    find_reading_on_import: [
        ("src/taskstead/app.py", "app = create_app(Settings())"),
        ("src/taskstead/app.py", "app = FastAPI()"),
        ("src/taskstead/faces/api/tasks/tasks.py", "settings = load_settings()"),
        ("src/taskstead/faces/api/tasks/tasks.py", "from os import getenv\nX = getenv('X')"),
        ("src/taskstead/faces/api/tasks/tasks.py", "class A:\n    limit = int(os.environ['X'])"),
        ("src/taskstead/faces/api/tasks/tasks.py", "def f(limit=os.environ.get('X')): ..."),
        ("src/taskstead/db/postgresql/pool.py", "if True:\n    X = Path('x').read_text()"),
    ],
    find_selects_outside_queries: [
        ("src/taskstead/services/tasks/create.py", "from sqlalchemy import select, update"),
        ("src/taskstead/services/tasks/create.py", "from sqlalchemy import select as read"),
        ("src/taskstead/services/tasks/create.py", "import sqlalchemy as sa\nsa.select(x)"),
        ("src/taskstead/services/tasks/create.py", "import sqlalchemy\nsqlalchemy.sql.select(x)"),
        ("src/taskstead/services/audit.py", "from sqlalchemy import sql\nsql.select(x)"),
        (
            "src/taskstead/services/tasks/create.py",
            "from taskstead.tables.tasks import tasks\ntasks.select()",
        ),
        (
            "src/taskstead/services/tasks/create.py",
            "from taskstead.tables import tasks as tables\ntables.tasks.select()",
        ),
        ("src/taskstead/services/entity_writer.py", "entity.table.select()"),
        ("src/taskstead/tables/tasks.py", "tasks = Table('tasks', metadata)\ntasks.select()"),
        (
            "src/taskstead/services/tasks/create.py",
            "from sqlalchemy import text as sql\nsql('SELECT 1')",
        ),
        (
            "src/taskstead/services/tasks/create.py",
            "import sqlalchemy as sa\nsa.text(f'with x as (select {y}) delete from x')",
        ),
    ],
    find_lists_read_by_faces: [
        (
            "src/taskstead/faces/api/tasks/tasks.py",
            "from taskstead.queries.tasks.listing import list_tasks",
        ),
        ("src/taskstead/faces/web/home.py", "from taskstead.queries.tasks import listing"),
        ("src/taskstead/faces/web/home.py", "from taskstead import queries"),
        ("src/taskstead/faces/web/home.py", "import taskstead.queries.tasks.listing"),
    ],
    find_writes_outside_services: [
        ("src/taskstead/queries/tasks/tasks.py", "from sqlalchemy import update"),
        (
            "src/taskstead/http/responses/etags.py",
            "from sqlalchemy.dialects.postgresql import insert",
        ),
        (
            "src/taskstead/queries/tasks/tasks.py",
            "from sqlalchemy.dialects import postgresql\npostgresql.insert(x)",
        ),
        ("src/taskstead/queries/tasks/tasks.py", "import sqlalchemy as sa\nsa.delete(x)"),
        (
            "src/taskstead/queries/tasks/tasks.py",
            "from taskstead.tables.tasks import tasks\ntasks.update()",
        ),
        ("src/taskstead/queries/entities.py", "statement = entity.table.delete()"),
        (
            "src/taskstead/queries/tasks/tasks.py",
            "from sqlalchemy import text\ntext('with x as (select 1) delete from tasks')",
        ),
    ],
    find_orm: [
        ("src/taskstead/queries/tasks/tasks.py", "from sqlalchemy.orm import Session"),
        ("src/taskstead/tables/tasks.py", "from sqlalchemy import orm"),
    ],
    find_engines_outside_migrations: [
        ("src/taskstead/app.py", "from alembic import command"),
        ("src/taskstead/app.py", "import alembic.config"),
        (
            "src/taskstead/db/postgresql/pool.py",
            "def f():\n    from sqlalchemy import create_engine",
        ),
    ],
    find_http_in_errors: [
        (
            "src/taskstead/errors/__init__.py",
            "class NotFoundError(TasksteadError):\n    status = 404",
        ),
        ("src/taskstead/errors/base.py", "class A:\n    status: ClassVar[int]"),
        ("src/taskstead/errors/base.py", "def __init__(self, detail, *, headers=None): ..."),
        ("src/taskstead/errors/base.py", "def f(self):\n    self.media_type = 'text/plain'"),
        ("src/taskstead/errors/database.py", "super().__init__(detail, headers={})"),
    ],
    find_clocks: [
        ("src/taskstead/services/tasks/create.py", "at = datetime.now(UTC)"),
        ("src/taskstead/services/tasks/create.py", "import uuid\nid = uuid.uuid4()"),
    ],
    find_uses_of_get_now: [
        ("src/taskstead/services/tasks/create.py", "from taskstead.clock import Clock, get_now"),
        ("src/taskstead/jobs/queue.py", "from taskstead.clock import get_now as read_clock"),
        ("src/taskstead/http/rate_limits.py", "from taskstead import clock\nx = clock.get_now()"),
        ("src/taskstead/observability/metrics.py", "from taskstead.clock import get_now"),
    ],
    find_functions_in_schemas: [
        ("src/taskstead/schemas/tasks/tasks.py", "def render_task(row): ..."),
        ("src/taskstead/schemas/tasks/tasks.py", "async def load_task(): ..."),
    ],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_source_follows_rule(rule: Rule, sources: list[Source]) -> None:
    assert list(rule(sources)) == [], rule.__doc__


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_detects_a_violation(rule: Rule) -> None:
    samples = [Source(path, text) for path, text in RULES[rule]]
    assert [sample for sample in samples if not list(rule([sample]))] == []


def test_rules_accept_valid_code() -> None:
    harmless = """
from fastapi import APIRouter
router = APIRouter()
def load(settings: Settings) -> str:
    return os.environ["X"] + Path("x").read_text()
make = lambda: Settings()
from taskstead.services.tasks import update
update.update_task(x)
values.update(x)
names.insert(0, x)
response.headers.update(x)
cache.delete(x)
selector.select()
text("SELECT 1")
@router.delete("/{task}")
def delete(text: str): ...
"""
    source = Source("src/taskstead/faces/api/tasks/tasks.py", harmless)
    assert [found for rule in RULES for found in rule([source])] == []


def test_source_files_are_found(sources: list[Source]) -> None:
    assert any(source.path == f"{PACKAGE}/app.py" for source in sources)


def test_folders_are_small(sources: list[Source]) -> None:
    assert list(find_large_folders(sources)) == [], find_large_folders.__doc__
    folder = f"{PACKAGE}/services/tasks"
    crowded = [Source(f"{folder}/module_{number}.py", "") for number in range(_MAX_MODULES + 1)]
    assert list(find_large_folders(crowded)) == [f"{folder}: 16 modules"]
