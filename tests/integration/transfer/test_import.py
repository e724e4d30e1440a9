"""``POST /api/v1/tasks/import``: imported fields, rejected lines and the job's report."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, update

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.ids import make_id
from taskstead.services.transfer.imports import CHUNK
from taskstead.tables.jobs import job_parts, jobs
from tests.harness.client import Client
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.jobs.waiting import SECONDS, wait_for_job
from tests.integration.tasks.bulk.test_processing import get_tasks
from tests.integration.transfer.files import (
    IMPORT,
    export,
    import_all,
    make_lines,
    open_workspace,
    send,
)

MAX_BODY, MAX_IMPORT = 4096, 1 << 20


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, max_body_bytes=MAX_BODY, max_import_bytes=MAX_IMPORT)


async def count_parts(database: Database) -> int:
    row = await database.fetch_one(
        untyped(select(func.count().label("count")).select_from(job_parts)), {}
    )
    return 0 if row is None else int(row["count"])


async def test_fields_of_a_line_are_preserved(owner: Client) -> None:
    past = {
        "id": make_id(),
        "number": 70,
        "title": "Old",
        "description": " x\r\n",
        "priority": 1,
        "status": "done",
        "due_date": "2026-12-01T09:00",
        "due_time_zone": "Europe/Berlin",
        "category": "Home",
        "tags": ["a", "b,c"],
        "position": "a0V",
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2021-01-01T00:00:00Z",
        "completed_at": "2020-02-01T12:00:00Z",
    }
    trashed = {"title": "Trashed", "deleted_at": "2022-01-01T00:00:00Z"}
    job = await import_all(owner, make_lines(past, trashed, {"title": "Bare"}))
    assert (job["state"], job["result"], job["total"]) == ("done", {"created": 3}, 3)
    tasks = await get_tasks(owner)
    assert sorted(tasks) == [70, 71, 72]
    found = {**tasks[70], "category": "Home"}
    assert {name: found[name] for name in past if name != "description"} == {
        name: value for name, value in past.items() if name != "description"
    }
    assert tasks[71]["deleted_at"] == trashed["deleted_at"]
    bare = tasks[72]
    assert bare["created_at"] == bare["updated_at"] > "2026"
    assert (await owner.create_task())["number"] == 73


async def test_parents_may_come_last(owner: Client, database: Database) -> None:
    """Each chunk of the file holds one level of the trees. The lowest level comes first."""
    chains = [[make_id() for _ in range(4)] for _ in range(CHUNK)]
    lines = [
        {"id": chain[level], "title": f"Level {level}", "parent": chain[level - 1]}
        for level in (3, 2, 1)
        for chain in chains
    ]
    lines += [{"id": chain[0], "title": "Root"} for chain in chains]
    job = await import_all(owner, make_lines(*lines))
    assert (job["state"], job["errors"], job["done"]) == ("done", [], 4 * CHUNK)
    assert job["result"] == {"created": 4 * CHUNK}
    assert await count_parts(database) == 0
    found = {
        (task := json.loads(line))["id"]: task["parent"]
        for line in (await export(owner, "jsonl")).splitlines()
    }
    assert found == {line["id"]: line.get("parent") for line in lines}


async def test_unknown_parents_are_reported_as_errors(owner: Client) -> None:
    one, two, stranger = make_id(), make_id(), make_id()
    lines = make_lines(
        {"id": one, "title": "In a circle", "parent": two},
        {"id": two, "title": "In a circle", "parent": one},
        {"title": "Of a stranger", "parent": stranger},
        {"title": "Good"},
    )
    job = await import_all(owner, lines)
    assert (job["state"], job["done"], job["total"], job["failed"]) == ("done", 4, 4, 3)
    assert [(e["item"], e["code"], e["pointer"]) for e in job["errors"]] == [
        (number, "validation_failed", "/parent") for number in (1, 2, 3)
    ]
    assert [task["title"] for task in (await get_tasks(owner)).values()] == ["Good"]


async def test_live_task_below_a_trashed_parent_is_rejected(owner: Client) -> None:
    root, at = make_id(), "2022-01-01T00:00:00Z"
    lines = make_lines(
        {"id": root, "title": "Root", "deleted_at": at},
        {"title": "Trashed too", "parent": root, "deleted_at": at},
        {"title": "Live", "parent": root},
    )
    job = await import_all(owner, lines)
    assert (job["result"], [e["item"] for e in job["errors"]]) == ({"created": 2}, [3])


@pytest.mark.parametrize(
    ("option", "titles", "result", "failed"),
    [
        ("", ["Old", "Trashed", "New"], {"created": 1, "skipped": 2}, 0),
        ("?on_conflict=skip", ["Old", "Trashed", "New"], {"created": 1, "skipped": 2}, 0),
        (
            "?on_conflict=replace",
            ["Replaced", "Trashed", "New"],
            {"created": 1, "replaced": 1, "skipped": 1},
            0,
        ),
        ("?on_conflict=fail", ["Old", "Trashed", "New"], {"created": 1}, 2),
    ],
)
async def test_existing_ids_follow_on_conflict(
    owner: Client, option: str, titles: list[str], result: dict[str, int], failed: int
) -> None:
    old = await owner.create_task(title="Old", description="x", priority=1, tags=["a"])
    trashed = await owner.create_task(title="Trashed")
    await owner.delete("/api/v1/tasks/2")
    lines = make_lines(
        {"id": old["id"], "title": "Replaced", "position": "a0V", "number": 5},
        {"id": trashed["id"], "title": "Not this one"},
        # The number is in use, so the task gets another one.
        {"id": make_id(), "title": "New", "number": 1},
    )
    job = await import_all(owner, lines, query=option)
    assert (job["state"], job["result"], job["failed"]) == ("done", result, failed)
    assert {fault["code"] for fault in job["errors"]} <= {"name_taken"}
    tasks = await get_tasks(owner)
    assert [tasks[number]["title"] for number in (1, 2, 3)] == titles
    if titles[0] == "Replaced":
        first = tasks[1]
        assert (first["priority"], first["tags"], first["position"]) == (3, [], "a0V")
        assert first["created_at"] == old["created_at"]


async def test_assignees_who_are_not_members_are_dropped(owner: Client, client: Client) -> None:
    stranger = await client.register("stranger@example.com")
    ids = [(await who.get("/auth/me")).json()["id"] for who in (owner, stranger)]
    job = await import_all(owner, make_lines(*({"title": "x", "assignee": id_} for id_ in ids)))
    assert job["result"] == {"created": 2, "unassigned": 1}
    tasks = await get_tasks(owner)
    assert [tasks[number]["assignee"] for number in (1, 2)] == [ids[0], None]


async def test_bad_lines_do_not_stop_the_import(owner: Client) -> None:
    lines = [
        b'\xef\xbb\xbf{"title": "First"}\r',
        b"",
        b'{"title": "x", "priority": 9}',
        b"no json",
        b'{"title": "\xff"}',
        b'{"title": "x", "parent": 1}',
        b'{"title": "x", "color": 1}',
        b'{"title": "x", "number": 0}',
        b'{"title": "x", "position": "a00"}',
        b'{"title": "x", "created_at": "2026-01-01T00:00:00"}',
        b'{"title": "x", "created_at": 5}',
        b'{"title": "x", "completed_at": "2026-01-01T00:00:00Z"}',
        b'{"title": "x", "deleted_batch": "01a1fbe6-20bc-7000-8e52-ea79cce82543"}',
        b'{"title": "Last"}',
    ]
    job = await import_all(owner, b"\n".join(lines))
    assert (job["state"], job["done"], job["failed"]) == ("done", 13, 11)
    assert [fault["item"] for fault in job["errors"]] == list(range(3, 14))
    assert [fault["pointer"] for fault in job["errors"]] == [
        *("/priority", None, None, "/parent", "/color", "/number", "/position"),
        *("/created_at", "/created_at", None, None),
    ]
    titles = [task["title"] for task in (await get_tasks(owner)).values()]
    assert sorted(titles) == ["First", "Last"]


async def test_spreadsheet_csv_is_imported(owner: Client) -> None:
    content = (
        b"\xef\xbb\xbftags,title,priority,description\n"
        b'"home, weekly",Water the plants,,"Two\nlines, and ""quotes"""\n'
        b"\n"
        b",'=1+1,2,\n"
        b"a,b\n"
        b',"5"" pipe",x,\n'
    )
    job = await import_all(owner, content, "csv")
    assert (job["result"], job["total"]) == ({"created": 2}, 4)
    assert [(e["item"], e["pointer"]) for e in job["errors"]] == [(6, None), (7, "/priority")]
    lines = (await export(owner, "jsonl")).splitlines()
    first, second = (json.loads(line) for line in lines)
    assert first["tags"] == ["home", "weekly"]
    assert first["description"] == 'Two\nlines, and "quotes"'
    assert (second["title"], second["priority"]) == ("=1+1", 2)


async def test_todotxt_file_is_imported(owner: Client) -> None:
    await owner.patch("/auth/me", {"time_zone": "Europe/Berlin"})
    content = b"(A) 2026-11-21 Buy milk +Household @errand due:2026-12-01\r\nx 2026-11-20 Done\n"
    job = await import_all(owner, content, "todotxt")
    assert job["result"] == {"created": 2}
    tasks = await get_tasks(owner)
    assert (tasks[1]["title"], tasks[1]["priority"]) == ("Buy milk", 1)
    assert (tasks[1]["category"]["name"], tasks[1]["tags"]) == ("Household", ["errand"])
    assert (tasks[1]["due_date"], tasks[1]["created_at"]) == ("2026-12-01", "2026-11-20T23:00:00Z")
    assert (tasks[2]["status"], tasks[2]["completed_at"]) == ("done", "2026-11-19T23:00:00Z")


async def test_repeating_tasks_of_todotxt_are_imported(owner: Client) -> None:
    content = (
        b"Bins due:2099-11-30 rec:+1w\nx 2026-11-20 Plants due:2026-11-20 rec:3d\nTea rec:1d\n"
    )
    job = await import_all(owner, content, "todotxt")
    assert job["result"] == {"created": 3}
    tasks = await get_tasks(owner)
    assert (tasks[1]["repeat_rule"], tasks[1]["repeat_mode"]) == ("FREQ=WEEKLY", "schedule")
    assert (tasks[2]["status"], tasks[2]["repeat_mode"]) == ("done", "completion")
    assert (tasks[3]["title"], tasks[3]["repeat_rule"]) == ("Tea rec:1d", None)
    completed = await owner.post("/api/v1/tasks/1/complete")
    assert completed.json()["due_date"] == "2099-12-07"


@pytest.mark.parametrize(
    ("kind", "content", "query", "expected"),
    [
        ("image/png", b"x", "", (415, "application/x-ndjson")),
        ("", b"x", "", (415, "?format=")),
        ("text/csv", b"\n\nid\n", "", (422, "line 3: the column title is missing")),
        ("text/csv", b"x", "?on_conflict=merge", (422, "on_conflict")),
        ("text/csv", b"x", "?format=xml", (422, "format")),
        ("application/jsonl", b'[\n{"title": "A"},\n{"title": "B"}\n]', "", (422, "JSON array")),
        (
            "text/csv",
            b"title\n" * (MAX_IMPORT // 6 + 1),
            "",
            (413, "than 1048576 bytes"),
        ),
    ],
)
@pytest.mark.engines("sqlite")
async def test_unsupported_files_are_rejected(
    owner: Client, kind: str, content: bytes, query: str, expected: tuple[int, str]
) -> None:
    headers = {"Content-Type": kind}
    answer = await owner.request("POST", IMPORT + query, content=content, headers=headers)
    assert answer.status_code == expected[0], answer.text
    assert expected[1] in answer.text
    assert (await owner.get("/api/v1/jobs")).json()["items"] == []


async def test_upload_without_length_is_counted_as_it_arrives(
    owner: Client, database: Database
) -> None:
    async def stream_body(count: int) -> AsyncIterator[bytes]:
        for number in range(count):
            yield make_lines({"title": f"{number} {'x' * 200}"})

    headers = {"Content-Type": "application/x-ndjson"}
    fitting = await owner.request("POST", IMPORT, content=stream_body(CHUNK + 1), headers=headers)
    job = await wait_for_job(owner, fitting)
    assert job["result"] == {"created": CHUNK + 1}
    answer = await owner.request("POST", IMPORT, content=stream_body(6000), headers=headers)
    assert answer.status_code == 413, answer.text
    assert await count_parts(database) == 0
    assert len((await owner.get("/api/v1/jobs")).json()["items"]) == 1


async def test_empty_file_is_finished_immediately(owner: Client) -> None:
    for kind, content in (("jsonl", b""), ("jsonl", b"\n \r\n"), ("csv", b"title\r\n")):
        job = await import_all(owner, content, kind)
        assert (job["state"], job["done"], job["total"]) == ("done", 0, 0)


async def test_upload_interrupted_by_a_crash_is_abandoned(
    owner: Client, database: Database, server: Any
) -> None:
    """Such an upload leaves a job that has no complete parts."""
    started = await send(owner, b"")
    await wait_for_job(owner, started)
    job_id = started.json()["id"]
    statement = update(jobs).values(
        state="queued", run_at=bindparam("at"), payload=bindparam("payload"), finished_at=None
    )
    payload = {"upload": {"kind": "jsonl", "on_conflict": "skip"}}
    async with database.transaction() as transaction:
        at = get_now() - timedelta(seconds=1)
        await transaction.execute(statement, {"at": at, "payload": payload})
    server.wakeup.notify()
    async with asyncio.timeout(SECONDS):
        job = {"state": "queued"}
        while job["state"] in ("queued", "running"):
            job = (await owner.get(f"/api/v1/jobs/{job_id}")).json()
            await asyncio.sleep(0.01)
    assert (job["state"], job["error"]) == (
        "failed",
        "The upload was interrupted. Import the file again.",
    )


async def test_export_of_one_workspace_imports_into_another(owner: Client) -> None:
    task = await owner.create_task(title="Ours", category="C", tags=["t"])
    other = await open_workspace(owner)
    assert (await import_all(other, await export(owner, "csv"), "csv"))["result"] == {"created": 1}
    found = (await get_tasks(other))[1]
    same = ("id", "number", "title", "tags", "created_at", "updated_at", "position")
    assert {name: found[name] for name in same} == {name: task[name] for name in same}
