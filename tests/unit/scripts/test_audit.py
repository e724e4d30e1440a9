"""The vulnerability check: queries, reports, and an unreachable database."""

import json
from typing import Any

import pytest

from scripts import audit
from scripts.audit import find_vulnerabilities

PINS = {"good": {("1.0", "")}, "bad": {("2.0", "python_version < '3.12'"), ("3.0", "")}}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Return one advisory, for bad 2.0."""
    names = [(query["package"]["name"], query["version"]) for query in question["queries"]]
    assert names == [("bad", "2.0"), ("bad", "3.0"), ("good", "1.0")]
    return {"results": [{"vulns": [{"id": "GHSA-1"}]}, {}, {}]}


def test_advisories_are_reported_unless_ignored_with_a_reason() -> None:
    (found,) = find_vulnerabilities(PINS, answer, {})
    assert found.startswith("bad 2.0: GHSA-1;")
    assert list(find_vulnerabilities(PINS, answer, {"GHSA-1": "we do not use that part"})) == []
    assert len(list(find_vulnerabilities(PINS, answer, {"GHSA-2": "old"}))) == 2


def test_invalid_response_is_an_error() -> None:
    with pytest.raises(ValueError, match="length"):
        list(find_vulnerabilities(PINS, lambda _: {"results": []}, {}))


def test_unreachable_database_is_reported_without_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # No server listens on this port.
    audit.main("http://127.0.0.1:1/")
    assert "NOT checked" in capsys.readouterr().out


def test_ignored_advisories_have_reasons() -> None:
    assert all(len(reason) > 20 for reason in audit.IGNORED.values()), json.dumps(audit.IGNORED)
