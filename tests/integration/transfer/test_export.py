"""``GET /api/v1/tasks/export``: content, streaming, and errors before and during the response."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from taskstead.db.database import Database
from taskstead.services.transfer.export import EXPORT_CHUNK
from tests.harness.client import Client
from tests.harness.untyped import untyped
from tests.integration.tasks.bulk.test_processing import create_many
from tests.integration.transfer.files import EXPORT, export, import_all, make_lines


async def read_titles(client: Client, query: str) -> list[str]:
    lines = (await client.get(EXPORT + query)).text.splitlines()
    return [json.loads(line)["title"] for line in lines]


async def test_export_has_the_requested_format(owner: Client) -> None:
    await owner.create_task()
    for query, accept, kind in (
        ("", "*/*", "application/x-ndjson"),
        ("", "text/csv", "text/csv; charset=utf-8"),
        ("?format=jsonl", "text/csv", "application/x-ndjson"),
        ("?format=csv", "*/*", "text/csv; charset=utf-8"),
        ("?format=todotxt", "*/*", "text/plain; charset=utf-8"),
        ("", "application/json, text/plain, */*", "application/x-ndjson"),
    ):
        answer = await owner.get(EXPORT + query, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        ending = {"text/csv": "csv", "text/plain": "txt"}.get(kind.partition(";")[0], "jsonl")
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith('attachment; filename="tasks-2')
        assert disposition.endswith(f'.{ending}"')


async def test_todotxt_export_uses_the_time_zone_of_the_reader(owner: Client) -> None:
    line = {"title": "Milk", "created_at": "2026-11-21T23:30:00Z", "tags": ["errand"]}
    await import_all(owner, make_lines(line))
    assert await export(owner, "todotxt") == b"2026-11-21 Milk @errand\n"
    shown = await export(owner, "todotxt", "&time_zone=Europe/Berlin")
    assert shown == b"2026-11-22 Milk @errand\n"
    await owner.patch("/auth/me", {"time_zone": "Europe/Berlin"})
    assert await export(owner, "todotxt") == shown


async def test_export_accepts_the_filters_of_the_listing(owner: Client) -> None:
    await owner.create_task(title="Milk", tags=["errand"], priority=1)
    await owner.create_task(title="Bread", tags=["errand"])
    await owner.create_task(title="Trashed", tags=["errand"])
    await owner.delete("/api/v1/tasks/3")
    assert await read_titles(owner, "") == ["Milk", "Bread"]
    assert await read_titles(owner, "?tag=errand&priority=1") == ["Milk"]
    assert await read_titles(owner, "?q=bread") == ["Bread"]
    assert await read_titles(owner, "?q=%22") == []
    assert await read_titles(owner, "?deleted=only") == ["Trashed"]
    assert await read_titles(owner, "?deleted=include") == ["Milk", "Bread", "Trashed"]


async def test_export_rejects_invalid_parameters(owner: Client) -> None:
    for query in ("?priority=9", "?sort=title", "?format=xml"):
        answer = await owner.get(EXPORT + query)
        assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


async def test_export_of_no_tasks_is_an_empty_file(owner: Client) -> None:
    assert await export(owner, "jsonl") == b""
    assert (await export(owner, "csv")).startswith(b"id,number,title,description,")


async def stream_with_damage(
    app: FastAPI, client: Client, database: Database, damage: str
) -> tuple[list[dict[str, Any]], Exception | None]:
    """Request an export as an ASGI server does. Damage the database after the first chunk."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)
        if damage and len(sent) == 2:
            async with database.transaction() as transaction:
                await transaction.fetch_all(untyped(text(damage)), {})

    headers = [(name.lower().encode(), value.encode()) for name, value in client.headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": "GET",
        "path": EXPORT,
        "raw_path": EXPORT.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "http_version": "1.1",
        "scheme": "http",
    }
    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001 - a server catches all errors
        return sent, error
    return sent, None


@pytest.mark.engines("sqlite", "postgresql")
async def test_export_is_sent_in_chunks(app: FastAPI, owner: Client, database: Database) -> None:
    await create_many(owner, 2 * EXPORT_CHUNK + 1)
    before = database.meter.statements
    sent, error = await stream_with_damage(app, owner, database, "")
    assert error is None
    assert [message["body"].count(b"\n") for message in sent[1:]] == [
        *(EXPORT_CHUNK, EXPORT_CHUNK, 1),
        0,
    ]
    # One statement for the principal and one for each chunk.
    assert database.meter.statements - before == 4
    assert not sent[-1].get("more_body")


@pytest.mark.engines("sqlite", "postgresql")
async def test_aborted_export_is_not_terminated_as_complete(
    app: FastAPI, owner: Client, database: Database
) -> None:
    await create_many(owner, EXPORT_CHUNK + 1)
    sent, error = await stream_with_damage(
        app, owner, database, "ALTER TABLE task_tags RENAME TO gone"
    )
    assert error is not None, "the server must close the connection"
    assert sent[0]["status"] == 200
    assert all(message["more_body"] for message in sent[1:])


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
async def test_error_before_the_first_chunk_is_returned(
    owner: Client, database: Database, engine: str, kind: str
) -> None:
    async with database.transaction() as transaction:
        await transaction.fetch_all(untyped(text("ALTER TABLE task_tags RENAME TO gone")), {})
    answer = await owner.get(f"{EXPORT}?format={kind}")
    # SQLite reports a missing table as damage to the file.
    expected = (503, "database_damaged") if engine == "sqlite" else (500, "internal_error")
    assert (answer.status_code, answer.json()["code"]) == expected


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
async def test_export_is_consistent_during_concurrent_writes(owner: Client, kind: str) -> None:
    await create_many(owner, EXPORT_CHUNK + 5)
    numbers: list[int] = []
    path = f"{EXPORT}?format={kind}"
    async with owner.http.stream("GET", path, headers=owner.headers) as answer:
        await owner.delete("/api/v1/tasks/2?permanent=true")
        await owner.create_task(title="New")
        content = (await answer.aread()).decode()
    for line in content.splitlines():
        if kind == "jsonl":
            numbers.append(json.loads(line)["number"])
        elif not line.startswith("id,"):
            numbers.append(int(line.split(",")[1]))
    assert len(numbers) == len(set(numbers))
    assert set(range(3, EXPORT_CHUNK + 6)) <= set(numbers)
