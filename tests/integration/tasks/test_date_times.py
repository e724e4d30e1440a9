"""Date-times with more fractional digits than the database stores. RFC 3339 does not limit them."""

import pytest

from tests.harness.client import Client
from tests.integration.transfer.files import export, import_all, make_lines

WHOLE = "2026-12-01T10:00:00"
MANY_DIGITS = "." + "123456789" * 5


@pytest.mark.parametrize(
    ("fraction", "offset"), [(".1", ""), (".123456789", "Z"), (MANY_DIGITS, "+01:00")]
)
async def test_due_date_keeps_its_text(owner: Client, fraction: str, offset: str) -> None:
    text = WHOLE + fraction + offset
    task = await owner.create_task(due_date=text)
    assert task["due_date"] == text
    path = f"/api/v1/tasks/{task['id']}"
    await owner.patch(path, {"due_date": "2026-12-02"})
    assert (await owner.patch(path, {"due_date": text})).json()["due_date"] == text
    assert text.encode() in await export(owner, "csv", "")
    query = f"due_after={WHOLE}{offset}&due_before={WHOLE}{fraction}9{offset}".replace("+", "%2B")
    expected = [text] if len(fraction) < 8 else []
    items = (await owner.get(f"/api/v1/tasks?{query}")).json()["items"]
    assert [item["due_date"] for item in items] == expected


async def test_imported_times_may_have_many_digits(owner: Client) -> None:
    at = f"2025-12-01T10:00:00{MANY_DIGITS}Z"
    names = ("created_at", "updated_at", "completed_at", "deleted_at", "due_date")
    line = make_lines({"title": "A", "status": "done", **dict.fromkeys(names, at)})
    job = await import_all(owner, line)
    assert (job["result"], job["errors"]) == ({"created": 1}, [])
    for query, count in (
        ("created_before=2025-12-01T10:00:00Z", 0),
        ("created_before=2025-12-01T10:00:01Z", 1),
        ("completed_after=2025-12-01T10:00:00Z", 1),
        (f"due_on={at}", 1),
    ):
        answer = await owner.get(f"/api/v1/tasks?deleted=include&{query}")
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["items"]) == count, query


async def test_activity_filter_accepts_many_digits(owner: Client) -> None:
    answer = await owner.get(f"/api/v1/activity?since={WHOLE}{MANY_DIGITS}Z")
    assert answer.status_code == 200, answer.text


async def test_tokens_accept_many_digits(owner: Client) -> None:
    expires_at = f"2099-12-01T10:00:00{MANY_DIGITS}Z"
    token = {"name": "A", "scopes": ["tasks:read"], "expires_at": expires_at}
    answer = await owner.post("/api/v1/tokens", token)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("text", [WHOLE + ".Z", WHOLE + "." + "1" * 81])
async def test_invalid_date_times_are_rejected(owner: Client, text: str) -> None:
    answer = await owner.post("/api/v1/tasks", {"title": "A", "due_date": text})
    assert answer.status_code == 422
