"""``taskstead doctor``: the report and the exit code."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from taskstead.db.factory import get_sqlite_path
from tests.harness.commands import create_user, run_command


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset TASKSTEAD_RATE_LIMITS, which ``doctor`` would report, and use a free port."""
    monkeypatch.delenv("TASKSTEAD_RATE_LIMITS", raising=False)
    monkeypatch.setenv("TASKSTEAD_PORT", "0")


def run_doctor(*options: str) -> tuple[int, dict[str, list[str]]]:
    """Return the exit code, and the levels of each check."""
    result = run_command("doctor", "--json", *options)
    found: dict[str, list[str]] = {}
    for finding in json.loads(result.stdout):
        found.setdefault(finding["check"], []).append(finding["level"])
        assert bool(finding["fix"]) is (finding["level"] != "ok"), finding
    return result.exit_code, found


def test_sound_installation_has_no_findings(empty_database_url: str) -> None:
    create_user("ada@example.com", empty_database_url)
    code, found = run_doctor("--database-url", empty_database_url)
    # The tests' PostgreSQL is configured for speed without durability, which the doctor reports.
    server = found.pop("postgresql", ["ok"])
    assert {level for levels in found.values() for level in levels} == {"ok"}, found
    assert code == ("problem" in server)
    assert {"database", "log", "migrations", "search index", "jobs", "trash"} <= set(found)


def test_text_report_has_a_line_per_finding(folder: Path) -> None:
    url = f"sqlite:///{folder / 'new' / 'taskstead.db'}"
    create_user("ada@example.com", url)
    (folder / "new" / "taskstead.db").chmod(0o644)
    result = run_command("doctor", "--database-url", url)
    assert result.exit_code == 1
    wrong = [line for line in result.stdout.splitlines() if not line.startswith("ok ")]
    file = f"{folder}/new/taskstead.db"
    expected_line = (
        f"problem  permissions: {file} can be read or changed by others. Run `chmod 600 {file}`."
    )
    assert wrong == [expected_line]


def test_repair_of_a_sound_search_index_reports_ok(empty_database_url: str) -> None:
    create_user("ada@example.com", empty_database_url)
    _, found = run_doctor("--repair", "--database-url", empty_database_url)
    assert found["search index"] == ["ok", "ok"]


def test_misspelt_setting_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKSTEAD_PROT", "1")
    assert run_doctor() == (1, {"settings": ["problem"]})


def test_missing_file_is_a_warning(folder: Path) -> None:
    code, found = run_doctor("--database-url", "sqlite:///x/y.db")
    assert (code, found["database"]) == (0, ["warning"])
    assert not (folder / "x").exists()


def test_unreachable_server_is_a_problem() -> None:
    code, found = run_doctor("--database-url", "postgresql://x@127.0.0.1:1/x")
    assert (code, found["database"]) == (1, ["problem"])


def test_file_that_is_no_database_is_a_problem(folder: Path) -> None:
    (folder / "text.db").write_text("This is no database, but some text of some length." * 100)
    code, found = run_doctor("--database-url", f"sqlite:///{folder / 'text.db'}")
    assert (code, found["database"]) == (1, ["problem"])


def test_database_without_tables_is_reported(empty_database_url: str) -> None:
    if empty_database_url.startswith("sqlite"):
        path = Path(get_sqlite_path(empty_database_url))
        path.parent.mkdir(mode=0o700)
        path.touch(mode=0o600)
    _, found = run_doctor("--database-url", empty_database_url)
    assert found["migrations"] == ["warning"]
    assert "log" not in found, "there is no table to check"


def test_damaged_file_is_reported(folder: Path) -> None:
    file = folder / "new" / "taskstead.db"
    create_user("ada@example.com", f"sqlite:///{file}")
    with contextlib.closing(sqlite3.connect(file)) as connection:
        where = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_members_user_id'"
        (page,) = connection.execute(where).fetchone()
    data = bytearray(file.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    file.write_bytes(data)
    code, found = run_doctor("--database-url", f"sqlite:///{file}")
    assert code == 1
    assert "problem" in found["integrity"]
