"""Rules for the layout of tests: unit tests mirror the source and need no application."""

import ast
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest

from tests.rules.sources import PACKAGE, Source, list_nodes, name_of

Rule = Callable[[list[Source]], Iterator[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef

_UNIT = "tests/unit"
# Packages whose modules all have a unit test.
_TESTED_PACKAGES = (f"{PACKAGE}/domain/", f"{PACKAGE}/formats/")
# Top-level packages beside `taskstead` that have unit tests.
_OTHER_PACKAGES = {"scripts", "benchmarks"}
_APPLICATION_FIXTURES = {
    *("app", "client", "owner", "server", "database", "database_url", "engine", "settings"),
    *("balancer", "deployment", "postgres_server", "valkey_server", "valkey"),
}
_MAX_NAME_LENGTH = 60


def find_modules_without_unit_tests(sources: list[Source]) -> Iterator[str]:
    """Every module with functions in domain/ and formats/ has a unit test at the same place."""
    paths = {source.path for source in sources}
    for source in sources:
        if not source.path.startswith(_TESTED_PACKAGES) or source.path.endswith("__init__.py"):
            continue
        if not any(isinstance(node, Function) for node in list_nodes(source.text)):
            continue
        module = PurePosixPath(source.path).relative_to(PACKAGE)
        test = f"{_UNIT}/{module.parent}/test_{module.name}"
        if test not in paths:
            yield f"{source.path} has no {test}"


def find_unit_tests_without_module(sources: list[Source]) -> Iterator[str]:
    """Every module of tests/unit has the place and the name of a module or a package."""
    paths = {source.path for source in sources}
    for source in sources:
        path = PurePosixPath(source.path)
        if not source.path.startswith(f"{_UNIT}/") or not path.stem.startswith("test_"):
            continue
        folder = path.parent.relative_to(_UNIT)
        root = "." if folder.parts and folder.parts[0] in _OTHER_PACKAGES else PACKAGE
        name = path.stem.removeprefix("test_")
        mirrored = {f"{name}.py", f"__{name}__.py", f"{name}/__init__.py"}
        if not {str(PurePosixPath(root, folder, each)) for each in mirrored} & paths:
            yield f"{source.path} tests no module {PurePosixPath(root, folder, name)}"


def find_applications_in_unit_tests(sources: list[Source]) -> Iterator[str]:
    """Unit tests use no fixture with a database or an application, and create no application."""
    for source in sources:
        if not source.path.startswith(f"{_UNIT}/"):
            continue
        for node in list_nodes(source.text):
            if isinstance(node, Function) and _is_test_or_fixture(node):
                arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                used = _APPLICATION_FIXTURES & {argument.arg for argument in arguments}
            elif isinstance(node, ast.Call) and name_of(node.func) in {
                *("usefixtures", "getfixturevalue"),
            }:
                names = {part.value for part in node.args if isinstance(part, ast.Constant)}
                used = _APPLICATION_FIXTURES & names
            else:
                used = {"taskstead.app"} & set(_list_imported(node))
            for name in sorted(used):
                yield f"{source.path}: {name}"


def find_long_names_of_tests(sources: list[Source]) -> Iterator[str]:
    """The name of a test has at most 60 characters, so that it fits in a line of a report."""
    for source in sources:
        if not source.path.startswith("tests/"):
            continue
        for node in list_nodes(source.text):
            if (
                isinstance(node, Function)
                and node.name.startswith("test_")
                and len(node.name) > _MAX_NAME_LENGTH
            ):
                yield f"{source.path}:{node.lineno}: {node.name} ({len(node.name)} characters)"


def _is_test_or_fixture(function: Function) -> bool:
    decorators = (
        part.func if isinstance(part, ast.Call) else part for part in function.decorator_list
    )
    return function.name.startswith("test_") or "fixture" in map(name_of, decorators)


def _list_imported(node: ast.AST) -> list[str]:
    """Return the modules and names that a statement imports."""
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


# Each rule with files that violate it. Rules depend on the path, too.
RULES: dict[Rule, list[tuple[str, str]]] = {
    find_modules_without_unit_tests: [
        ("src/taskstead/domain/colors.py", "def parse_color(text): ..."),
        ("src/taskstead/formats/json/colors.py", "class Color:\n    def render(self): ..."),
        ("src/taskstead/formats/yaml.py", "async def render(): ..."),
    ],
    find_unit_tests_without_module: [
        ("tests/unit/test_anything.py", ""),
        ("tests/unit/domain/test_colors.py", ""),
        ("tests/unit/scripts/test_colors.py", ""),
    ],
    find_applications_in_unit_tests: [
        ("tests/unit/domain/test_names.py", "def test_names(owner): ..."),
        ("tests/unit/domain/test_names.py", "async def test_names(*, database): ..."),
        ("tests/unit/db/conftest.py", "@pytest.fixture\ndef url(database_url): ..."),
        ("tests/unit/db/conftest.py", "@pytest.fixture(scope='module')\ndef url(engine): ..."),
        ("tests/unit/domain/test_names.py", "class TestNames:\n    def test_names(self, app): ..."),
        ("tests/unit/domain/test_names.py", "pytestmark = pytest.mark.usefixtures('server')"),
        ("tests/unit/domain/test_names.py", "request.getfixturevalue('client')"),
        ("tests/unit/domain/test_names.py", "from taskstead.app import create_app"),
        ("tests/unit/domain/test_names.py", "def f():\n    from taskstead import app"),
        ("tests/unit/domain/test_names.py", "import taskstead.app"),
    ],
    find_long_names_of_tests: [
        ("tests/docs/test_links.py", f"def test_{'x' * 56}(): ..."),
        ("tests/unit/domain/test_names.py", f"class A:\n    async def test_{'x' * 56}(self): ..."),
    ],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_layout_follows_rule(rule: Rule, sources: list[Source]) -> None:
    assert list(rule(sources)) == [], rule.__doc__


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_detects_a_violation(rule: Rule) -> None:
    samples = [Source(path, text) for path, text in RULES[rule]]
    assert [sample for sample in samples if not list(rule([sample]))] == []


def test_rules_accept_a_valid_layout() -> None:
    sources = [
        Source("src/taskstead/domain/names.py", "def make_key(name): ..."),
        Source("src/taskstead/domain/jobs.py", "State = Literal['done']\nclass A:\n    x: int"),
        Source("src/taskstead/services/labels.py", "def rename(): ..."),
        Source("src/taskstead/cli/doctor/__init__.py", ""),
        Source("benchmarks/__main__.py", "def main(): ..."),
        Source("tests/unit/domain/rows.py", "def make_row(database): ..."),
        Source("tests/unit/domain/test_names.py", f"def test_{'x' * 55}(name): ..."),
        Source("tests/unit/cli/test_doctor.py", "def test_a(tmp_path): ..."),
        Source("tests/unit/benchmarks/test_main.py", "from taskstead import apps"),
        Source("tests/integration/labels/test_names.py", "def test_a(app, owner): ..."),
    ]
    assert [found for rule in RULES for found in rule(sources)] == []
