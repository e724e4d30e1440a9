"""Check of error responses: problem documents (RFC 9457)."""

from datetime import datetime
from typing import Any

import httpx2

FIELDS = {"type", "title", "status", "detail", "code", "request_id", "timestamp"}


def check_problem(
    answer: httpx2.Response, status: int, code: str, pointer: str | None = None
) -> dict[str, Any]:
    """Check that a response is a problem document (RFC 9457) with this status and code.

    Args:
        answer: the response.
        status: its status.
        code: its stable code.
        pointer: a pointer that must occur in ``errors``; None to skip this check.
    """
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert set(problem) - {"errors", "workspaces"} == FIELDS
    assert (problem["status"], problem["code"]) == (status, code), problem
    assert problem["type"] == f"/docs/errors#{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert datetime.fromisoformat(problem["timestamp"]).tzinfo is not None
    for wrong in problem.get("errors", []):
        optional = {"start", "end", "expected"}
        assert set(wrong) - optional == {"pointer", "message", "code"}
        assert ("start" in wrong) == ("end" in wrong)
        assert wrong["message"]
        assert wrong["code"]
    if pointer is not None:
        pointers = [wrong["pointer"] for wrong in problem["errors"]]
        assert pointer in pointers, f"{pointer} is not among {pointers}"
    return problem
