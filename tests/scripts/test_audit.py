"""The audit asks for every pinned version, reports what it is told, and can be unable to ask."""

import json
from typing import Any

import pytest

from scripts import audit
from scripts.audit import find_vulnerabilities

PINS = {"good": {("1.0", "")}, "bad": {("2.0", "python_version < '3.12'"), ("3.0", "")}}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Know one advisory, for bad 2.0."""
    names = [(query["package"]["name"], query["version"]) for query in question["queries"]]
    assert names == [("bad", "2.0"), ("bad", "3.0"), ("good", "1.0")]
    return {"results": [{"vulns": [{"id": "GHSA-1"}]}, {}, {}]}


def test_advisories_are_reported_unless_ignored_with_a_reason() -> None:
    (found,) = find_vulnerabilities(PINS, answer, {})
    assert found.startswith("bad 2.0: GHSA-1;")
    assert list(find_vulnerabilities(PINS, answer, {"GHSA-1": "we do not use that part"})) == []
    assert len(list(find_vulnerabilities(PINS, answer, {"GHSA-2": "old"}))) == 2


def test_a_database_that_says_nonsense_counts_as_out_of_reach() -> None:
    with pytest.raises(ValueError, match="length"):
        list(find_vulnerabilities(PINS, lambda _: {"results": []}, {}))


def test_being_unable_to_ask_is_said_and_fails_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # A port on which nothing listens.
    audit.main("http://127.0.0.1:1/")
    assert "NOT looked for" in capsys.readouterr().out


def test_every_reason_is_one() -> None:
    assert all(len(reason) > 20 for reason in audit.IGNORED.values()), json.dumps(audit.IGNORED)
