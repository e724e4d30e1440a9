"""Pagination: each item appears once despite concurrent writes. Invalid cursors are rejected."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem

pytestmark = [pytest.mark.balanced, pytest.mark.engines("sqlite", "postgresql")]

Fill = Callable[[Client, int], Awaitable[Any]]


async def walk(
    client: Client, path: str, limit: int, **parameters: Any
) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the pages of a listing to its end."""
    cursor: str | None = None
    while True:
        query = {**parameters, "limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        yield page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return
        assert len(page["items"]) == limit, "only the last page may be short"


async def add_member(client: Client, path: str, number: int) -> None:
    email = f"member{number}@example.com"
    await client.post("/auth/register", {"email": email, "password": "a good long secret"})
    assert (await client.post(path, {"email": email})).status_code == 201


async def list_listings(owner: Client) -> dict[str, Fill]:
    """Return each paginated listing with a function that adds an item to it."""
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    members = f"/api/v1/workspaces/{workspace}/members"

    def post(path: str, **fields: Any) -> Fill:
        return lambda client, number: client.post(
            path, {**{name: value.format(number) for name, value in fields.items()}}
        )

    token: dict[str, Any] = {"name": "x", "scopes": ["tasks:read"]}
    return {
        "/api/v1/tasks": post("/api/v1/tasks", title="Task {}"),
        "/api/v1/categories": post("/api/v1/categories", name="Category {}"),
        "/api/v1/tags": post("/api/v1/tags", name="Tag {}"),
        "/api/v1/workspaces": post("/api/v1/workspaces", name="Workspace {}"),
        members: lambda client, number: add_member(client, members, number),
        "/api/v1/tokens": lambda client, _: client.post("/api/v1/tokens", token),
        "/api/v1/invitations": lambda client, _: client.post("/api/v1/invitations", {}),
    }


async def test_pages_contain_the_whole_listing(owner: Client) -> None:
    for path, fill in (await list_listings(owner)).items():
        existing = len((await owner.get(path)).json()["items"])
        for number in range(7 - existing):
            await fill(owner, number)
        whole = (await owner.get(path)).json()
        assert (len(whole["items"]), whole["next_cursor"]) == (7, None)
        for limit in (1, 3, 7):
            pages = [page async for page in walk(owner, path, limit)]
            assert [item for page in pages for item in page] == whole["items"], path


async def test_cursor_of_another_listing_is_rejected(owner: Client) -> None:
    cursors = {}
    for path, fill in (await list_listings(owner)).items():
        for number in range(2):
            await fill(owner, number)
        cursors[path] = (await owner.get(path, params={"limit": 1})).json()["next_cursor"]
    for path in cursors:
        for other, cursor in cursors.items():
            answer = await owner.get(path, params={"cursor": cursor})
            if path == other:
                assert answer.status_code == 200
            else:
                check_problem(answer, 422, "validation_failed", "query/cursor")


async def test_page_size_is_limited(owner: Client) -> None:
    for path in await list_listings(owner):
        for limit in ("0", "-1", "201", "x", "1.5", "", "1e2", "٣"):
            answer = await owner.get(path, params={"limit": limit})
            check_problem(answer, 422, "validation_failed", "query/limit")
        assert (await owner.get(path, params={"limit": "200"})).status_code == 200


async def test_invalid_cursors_are_rejected(owner: Client) -> None:
    for path, fill in (await list_listings(owner)).items():
        for number in range(3):
            await fill(owner, number)
        given = (await owner.get(path, params={"limit": 1})).json()["next_cursor"]
        for cursor in list_bad_cursors(given):
            answer = await owner.get(path, params={"cursor": cursor})
            check_problem(answer, 422, "validation_failed", "query/cursor")
        await check_forged_cursors(owner, path, given)


def list_bad_cursors(given: str) -> list[str]:
    """Return invalid cursors: random text, and small changes of the given cursor."""
    return [
        *("", "x", "====", "\x00", "ü", "🥛", "a" * 3000),
        *("bnVsbA", "W10", "e30", "WzFd", "WyJ4Il0", "W251bGxd", "W1tdXQ"),
        given[:-4],
        given[4:],
        given + "AAAA",
        given[::-1],
        given[:8] + ("A" if given[8] != "A" else "B") + given[9:],
    ]


async def check_forged_cursors(client: Client, path: str, given: str) -> None:
    """Put all kinds of values in each part of a cursor. The status must be 200 or 422."""
    parts = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    values: list[Any] = [
        None,
        True,
        -1,
        2**31,
        2**63,
        2**64,
        1.5,
        "",
        "x\x00",
        make_id(),
        [],
        {},
        "9" * 400,
    ]
    for place in range(len(parts)):
        for value in values:
            forged = json.dumps([*parts[:place], value, *parts[place + 1 :]]).encode()
            cursor = base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
            answer = await client.get(path, params={"cursor": cursor})
            assert answer.status_code in (200, 422), f"{path} {forged!r} {answer.text}"


async def test_each_task_appears_once_during_writes(owner: Client) -> None:
    for _ in range(30):
        await owner.create_task()
    seen: list[int] = []
    trashed: set[int] = set()
    async for page in walk(owner, "/api/v1/tasks", 4):
        seen += [item["number"] for item in page]
        await owner.create_task()
        # Trash one task that was shown and one that was not. Change another one.
        for number in (seen[-2], seen[-1] - 3):
            await owner.delete(f"/api/v1/tasks/{number}")
            trashed.add(number)
        await owner.patch(f"/api/v1/tasks/{max(seen[-1] - 1, 1)}", {"priority": 1})
    assert len(seen) == len(set(seen)), "no duplicates"
    assert set(seen) | trashed >= set(range(1, 31)), "nothing is missing"
    assert max(seen) <= 30, "tasks newer than the first page sort before it"


async def test_each_category_appears_once_during_writes(owner: Client) -> None:
    for number in range(12):
        await owner.post("/api/v1/categories", {"name": f"{number}", "position": number // 4})
    seen: list[str] = []
    gone: set[str] = set()
    async for page in walk(owner, "/api/v1/categories", 5):
        seen += [item["name"] for item in page]
        gone.add(page[-1]["name"])
        await owner.delete(f"/api/v1/categories/{page[-1]['id']}")
        await owner.post("/api/v1/categories", {"name": f"new {len(seen)}", "position": 0})
    assert len(seen) == len(set(seen))
    assert set(seen) >= {str(number) for number in range(12)}
    left = [item["name"] for item in (await owner.get("/api/v1/categories")).json()["items"]]
    assert not gone & set(left)


async def test_cursors_hold_the_longest_names(owner: Client) -> None:
    # Case folding turns each of these 100 characters into three characters of four bytes.
    for tail in ("a", "b", "c"):
        name = "\U0001d160" * 99 + tail
        assert (await owner.post("/api/v1/tags", {"name": name})).status_code == 201
    pages = [page async for page in walk(owner, "/api/v1/tags", 1)]
    assert [page[0]["name"][-1] for page in pages] == ["a", "b", "c"]


async def test_empty_listings_are_empty_pages(owner: Client) -> None:
    for path in ("/api/v1/tasks", "/api/v1/categories", "/api/v1/tags", "/api/v1/tokens"):
        assert (await owner.get(path)).json() == {"items": [], "next_cursor": None}
