"""The check of the lock files, with and without a package registry."""

from pathlib import Path

import pytest

from scripts.check_lock import (
    find_drift,
    find_problems,
    find_unsatisfied,
    parse_pins,
    read_release,
)
from scripts.lock import NODE_FOLDERS, NODE_LOCK, ROOT, SEPARATE

PROJECT = """
[project]
name = "sample"
version = "1"
dependencies = [{dependencies}]
[project.optional-dependencies]
keyring = []
otel = []
[dependency-groups]
build = []
test = []
check = []
bench = []
clients = []
web = []
browser = []
"""
ONE = f"one==1.5 \\\n    --hash=sha256:{'0' * 64}\n    # via sample\n"


def write_project(root: Path, dependencies: str, run: str, dev: str) -> None:
    (root / "requirements").mkdir()
    (root / "pyproject.toml").write_text(PROJECT.format(dependencies=dependencies))
    (root / "requirements" / "run.txt").write_text(run)
    (root / "requirements" / "dev.txt").write_text(dev)
    for name in SEPARATE:
        (root / "requirements" / name).write_text("")
    for folder in NODE_FOLDERS:
        (root / folder).mkdir(parents=True)
        (root / folder / NODE_LOCK).write_text('{"packages": {"": {}}}')


def test_lock_files_of_this_project_have_no_problems() -> None:
    assert list(find_problems(ROOT)) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url registry.example",
        "--extra-index-url=registry.example",
        "--find-links wheels",
        "# from https://registry.example/simple",
        "two @ file:///wheels/two.whl",
        "two @ wheels/two.whl",
    ],
)
def test_urls_are_found(tmp_path: Path, line: str) -> None:
    write_project(tmp_path, "", ONE, f"{ONE}{line}\n")
    assert any("dev.txt:4: contains a URL" in problem for problem in find_problems(tmp_path))


def test_pin_without_hash_is_detected(tmp_path: Path) -> None:
    write_project(tmp_path, "", ONE, f"{ONE}two==1.0\n")
    assert list(find_problems(tmp_path)) == ["requirements/dev.txt: no hash for two==1.0"]


def test_lock_files_that_differ_are_detected(tmp_path: Path) -> None:
    write_project(tmp_path, "", ONE.replace("1.5", "1.4"), ONE)
    assert [problem.split(";")[0] for problem in find_problems(tmp_path)] == [
        "requirements: run.txt and dev.txt differ on one"
    ]


def test_missing_file_is_detected(tmp_path: Path) -> None:
    assert len(list(find_problems(tmp_path))) == 6


def test_urls_and_missing_hashes_of_node_packages_are_found(tmp_path: Path) -> None:
    write_project(tmp_path, "", ONE, ONE)
    package = '"resolved": "https://registry.example/one.tgz"'
    lock = NODE_FOLDERS[0] / NODE_LOCK
    (tmp_path / lock).write_text(f'{{"packages": {{"": {{}}, "one": {{{package}}}}}}}')
    problems = list(find_problems(tmp_path))
    assert f"{lock}:1: contains a URL" in problems[0]
    assert problems[1] == f"{lock}: no hash for one"


@pytest.mark.parametrize(
    ("dependencies", "count"),
    [
        ('"one>=1.5"', 0),
        ('"One>=1.5.0"', 0),
        ('"one[extra]"', 0),
        ('"one>=1.10"', 2),
        ('"two"', 2),
        ('"one>=1,<2"', 2),
    ],
)
def test_unsatisfied_requirements_are_detected(
    tmp_path: Path, dependencies: str, count: int
) -> None:
    write_project(tmp_path, dependencies, ONE, ONE)
    assert len(list(find_unsatisfied(tmp_path))) == count


def test_unneeded_pin_is_reported(tmp_path: Path) -> None:
    write_project(tmp_path, "", ONE, ONE)
    assert [problem.split(";")[0] for problem in find_drift(tmp_path)] == [
        "requirements/dev.txt: one is out of date",
        "requirements/run.txt: one is out of date",
    ]


def test_invalid_lock_file_is_reported(tmp_path: Path) -> None:
    write_project(tmp_path, "", ONE, ONE.replace("0" * 64, "00"))
    (problem,) = find_drift(tmp_path)
    assert "hash" in problem


def test_contradictory_requirements_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", tmp_path.as_uri())
    write_project(tmp_path, '"one>=2", "one<2"', ONE, ONE)
    assert len(list(find_drift(tmp_path))) == 1


def test_direct_requirements_are_checked_without_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    write_project(tmp_path, '"one>=1.6"', ONE, ONE)
    assert len(list(find_drift(tmp_path))) == 2
    assert "only direct requirements were checked" in capsys.readouterr().out


def test_pins_include_environment_markers() -> None:
    text = "One_Two==1.0 ; python_version < '3.12' \\\n    --hash=sha256:00\n"
    assert parse_pins(text) == {"one-two": {("1.0", "python_version < '3.12'")}}


def test_release_is_parsed_as_numbers() -> None:
    assert read_release("2.10rc1") > read_release("2.9")
    assert read_release("3.0") == read_release("3")
