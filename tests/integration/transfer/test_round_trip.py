"""Export followed by import reproduces all tasks."""

import csv
import io
import json

import pytest

from taskstead.db.database import Database
from tests.harness.client import Client
from tests.integration.log.replica import Replica, check_change_log
from tests.integration.transfer.files import export, fill, import_all, open_workspace

COUNT = 1100


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
async def test_import_of_an_export_reproduces_all_tasks(
    owner: Client, database: Database, kind: str
) -> None:
    await fill(owner, COUNT)
    before = await export(owner, kind)
    other = await open_workspace(owner)
    job = await import_all(other, before, kind)
    assert (job["state"], job["errors"]) == ("done", [])
    assert (job["done"], job["total"]) == (COUNT - 1, COUNT - 1)
    assert job["result"] == {"created": COUNT - 1}
    assert await export(other, kind) == before
    # This includes the trash: tasks that were trashed together are restored together.
    for client in (owner, other):
        await client.post("/api/v1/tasks/1/restore")
        assert (await client.get("/api/v1/tasks/7")).json()["deleted_at"] is None
    await check_change_log(database, Replica(other.headers["Taskstead-Workspace"]))
    # A second import into the same workspace changes nothing.
    again = await import_all(owner, await export(owner, kind), kind, "?on_conflict=replace")
    assert again["result"] == {"unchanged": COUNT - 2, "skipped": 1}


async def test_both_formats_contain_the_same_fields(owner: Client) -> None:
    await fill(owner, 60)
    lines = [json.loads(line) for line in (await export(owner, "jsonl")).splitlines() if line]
    text = (await export(owner, "csv")).decode()
    assert text.endswith("\r\n")
    records = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [record["id"] for record in records] == [line["id"] for line in lines]
    assert list(records[0]) == list(lines[0])
    titles = {record["title"][:2] for record in records}
    assert not any(title.startswith(("=", "+", "-", "@")) for title in titles)
    assert "'=" in titles
