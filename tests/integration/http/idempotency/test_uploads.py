"""Imports with an idempotency key: a file that is sent again is imported once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext

import httpx2
import pytest
from sqlalchemy import select

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.services.idempotency import KeyedRequest, keyed_run
from taskstead.services.transfer.imports import begin_import, stored_upload
from taskstead.tables.idempotency import idempotency_keys
from taskstead.tables.jobs import job_parts
from tests.harness.client import Client
from tests.harness.contexts import make_write_context
from tests.harness.problems import check_problem
from tests.harness.untyped import untyped
from tests.integration.http.idempotency.test_concurrent_repeats import another_server
from tests.integration.http.idempotency.test_repeats import KEY, OTHER_KEY, check_repeat
from tests.integration.jobs.waiting import wait_for_job
from tests.integration.log.world import get_principal
from tests.integration.transfer.files import IMPORT, TYPES, make_lines

LINES = make_lines({"title": "One"}, {"title": "Two"})


async def send(
    client: Client,
    content: bytes | AsyncIterator[bytes] = LINES,
    kind: str = "jsonl",
    query: str = "",
) -> httpx2.Response:
    headers = {"Content-Type": TYPES[kind], **KEY}
    return await client.request("POST", IMPORT + query, content=content, headers=headers)


async def count_jobs(client: Client) -> int:
    return len((await client.get("/api/v1/jobs")).json()["items"])


async def check_done_once(client: Client, database: Database) -> None:
    assert await count_jobs(client) == 1
    assert await database.fetch_all(untyped(select(job_parts)), {}) == []
    titles = [task["title"] for task in (await client.get("/api/v1/tasks")).json()["items"]]
    assert sorted(titles) == ["One", "Two"]


async def test_file_sent_twice_is_imported_once(owner: Client, database: Database) -> None:
    first = await send(owner)
    assert first.status_code == 202, first.text
    check_repeat(first, await send(owner))
    assert (await wait_for_job(owner, first))["result"] == {"created": 2}
    check_repeat(first, await send(owner))
    await check_done_once(owner, database)


async def test_other_file_or_options_are_another_request(owner: Client, database: Database) -> None:
    first = await send(owner)
    for answer in (
        await send(owner, LINES + b'{"title": "Three"}\n'),
        await send(owner, kind="todotxt"),
        await send(owner, query="?on_conflict=fail"),
        await owner.post("/api/v1/tasks", {"title": "Three"}, headers=KEY),
    ):
        check_problem(answer, 422, "idempotency_key_reused")
    await wait_for_job(owner, first)
    await check_done_once(owner, database)


async def test_rejected_file_does_not_use_up_its_key(owner: Client, database: Database) -> None:
    bad = await send(owner, b"no header\n", kind="csv")
    check_problem(bad, 422, "validation_failed")
    assert await database.fetch_all(untyped(select(idempotency_keys)), {}) == []
    assert await count_jobs(owner) == 0
    headers = {"Idempotency-Key": "", "Content-Type": TYPES["jsonl"]}
    answer = await owner.request("POST", IMPORT, content=LINES, headers=headers)
    check_problem(answer, 422, "validation_failed", "header/Idempotency-Key")
    await wait_for_job(owner, await send(owner))
    await check_done_once(owner, database)


async def stream_body() -> AsyncIterator[bytes]:
    yield LINES


@pytest.mark.parametrize("is_committed", [False, True], ids=["rolled back", "committed"])
async def test_failed_start_deletes_an_uncommitted_upload(
    owner: Client, database: Database, *, is_committed: bool
) -> None:
    """The upload is deleted if its start was rolled back. A committed import stays."""
    principal = await get_principal(database, "owner@example.com")
    ctx = make_write_context(database, principal)
    request = KeyedRequest(principal.workspace_id, b"key", b"fingerprint")

    async def fail_after_start() -> None:
        async with (
            stored_upload(ctx, stream_body(), kind="jsonl", on_conflict="skip") as stored,
            nullcontext() if is_committed else keyed_run(ctx, request),
        ):
            await begin_import(ctx, stored)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_start()
    assert await count_jobs(owner) == int(is_committed)
    if not is_committed:
        assert await database.fetch_all(untyped(select(job_parts)), {}) == []


async def test_file_being_received_is_not_accepted_again(
    owner: Client, settings: Settings, database: Database
) -> None:
    """Another process does not know of the upload and accepts it.

    The first complete upload wins.
    """
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def stream_body() -> AsyncIterator[bytes]:
        yield LINES[:5]
        has_begun.set()
        await may_end.wait()
        yield LINES[5:]

    slow = asyncio.create_task(send(owner, stream_body()))
    await has_begun.wait()
    early = await send(owner)
    check_problem(early, 409, "request_under_way")
    assert early.headers["retry-after"] == "1"
    async with another_server(settings, owner) as other:
        first = await send(other)
        assert first.status_code == 202
        may_end.set()
        check_repeat(first, await slow)
        await wait_for_job(owner, first)
    await check_done_once(owner, database)


async def test_other_keys_import_again(owner: Client) -> None:
    await send(owner)
    headers = {"Content-Type": TYPES["jsonl"], **OTHER_KEY}
    again = await owner.request("POST", IMPORT, content=LINES, headers=headers)
    assert again.status_code == 202
    assert await count_jobs(owner) == 2
