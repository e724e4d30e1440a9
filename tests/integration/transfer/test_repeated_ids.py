"""Repeated ids in one import file are handled alike within a chunk and across chunks."""

import json

import pytest

from tests.harness.client import Client
from tests.integration.transfer.files import export, import_all, make_lines

OLD = "2020-11-21T09:00:00Z"
ID = "01a1fbe6-20bc-7000-8e52-ea79cce82543"
ORPHAN = "01a1fbe6-20bc-7000-8e52-ea79cce82544"


@pytest.mark.parametrize("apart", [0, 300], ids=["in one chunk", "in different chunks"])
@pytest.mark.parametrize(
    ("on_conflict", "title", "result", "faults"),
    [
        ("replace", "Third", {"created": 1, "replaced": 2}, 0),
        ("skip", "First", {"created": 1, "skipped": 2}, 0),
        ("fail", "First", {"created": 1}, 2),
    ],
)
async def test_repeated_id_follows_on_conflict(  # noqa: PLR0917 - pytest passes the arguments
    owner: Client,
    apart: int,
    on_conflict: str,
    title: str,
    result: dict[str, int],
    faults: int,
) -> None:
    between = [{"title": f"Task {number}"} for number in range(apart)]
    first = {"id": ID, "title": "First", "number": 1000, "created_at": OLD}
    again = [{"id": ID, "title": title} for title in ("Second", "Third")]
    lines = make_lines(first, *between, again[0], *between, again[1])
    job = await import_all(owner, lines, query=f"?on_conflict={on_conflict}")
    expected = {**result, "created": result["created"] + 2 * apart}
    assert (job["result"], job["failed"]) == (expected, faults)
    task = (await owner.get(f"/api/v1/tasks/{ID}")).json()
    assert (task["title"], task["number"], task["created_at"]) == (title, 1000, OLD)
    (line,) = [line for line in (await export(owner, "jsonl")).splitlines() if ID.encode() in line]
    assert json.loads(line)["title"] == title


@pytest.mark.parametrize("apart", [0, 300], ids=["in one chunk", "in different chunks"])
async def test_failed_line_does_not_reserve_its_id(owner: Client, apart: int) -> None:
    between = [{"title": f"Task {number}"} for number in range(apart)]
    lines = make_lines(
        {"id": ID, "title": "First", "parent": ORPHAN}, *between, {"id": ID, "title": "Second"}
    )
    job = await import_all(owner, lines)
    assert job["result"] == {"created": 1 + apart, "skipped": 1}
    assert (await owner.get(f"/api/v1/tasks/{ID}")).json()["title"] == "Second"
