"""Random writes to a workspace, selected by numbers. The server may reject some of them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from taskstead.ids import make_id
from tests.harness.client import Client

RandomWrite = Callable[[Client, int], Awaitable[Any]]

NAMES = ("Home", "Work", "Garden", "Errands")
_TASKS = "/api/v1/tasks"


async def _pick(client: Client, path: str, pick: int) -> str:
    """Return the id of one of the first items of a listing, or an unknown id if it is empty."""
    answer = await client.get(path)
    items = answer.json().get("items", [])
    return str(items[pick % len(items)]["id"]) if items else make_id()


def _name(pick: int) -> str:
    return NAMES[pick % len(NAMES)]


async def create(client: Client, pick: int) -> None:
    body = {"title": f"{pick}", "category": _name(pick), "tags": [_name(pick + 1)]}
    await client.post(_TASKS, body)


async def create_below(client: Client, pick: int) -> None:
    parent = await _pick(client, _TASKS, pick)
    await client.post(_TASKS, {"title": "below", "parent": parent})


async def put_with_low_id(client: Client, pick: int) -> None:
    await client.put(f"{_TASKS}/0000{make_id()[4:]}", {"title": f"{pick}"})


async def change(client: Client, pick: int) -> None:
    task = await _pick(client, _TASKS, pick)
    body = {"title": f"changed {pick}", "category": _name(pick), "tags": [_name(pick // 2)]}
    await client.patch(f"{_TASKS}/{task}", body)


async def trash(client: Client, pick: int) -> None:
    await client.delete(f"{_TASKS}/{await _pick(client, _TASKS, pick)}")


async def restore(client: Client, pick: int) -> None:
    await client.post(f"{_TASKS}/{await _pick(client, '/api/v1/trash', pick)}/restore")


async def purge(client: Client, pick: int) -> None:
    await client.delete(f"{_TASKS}/{await _pick(client, _TASKS, pick)}?permanent=true")


async def empty_trash(client: Client, pick: int) -> None:
    del pick
    await client.post("/api/v1/trash/empty")


async def bulk(client: Client, pick: int) -> None:
    operations = [
        {"op": "create", "task": {"title": f"{number}", "tags": [_name(number)]}}
        for number in range(pick % 5)
    ]
    await client.post(f"{_TASKS}/bulk", {"operations": operations})


async def rename_category(client: Client, pick: int) -> None:
    category = await _pick(client, "/api/v1/categories", pick)
    await client.patch(f"/api/v1/categories/{category}", {"name": f"Renamed {pick}"})


async def trash_category(client: Client, pick: int) -> None:
    await client.delete(f"/api/v1/categories/{await _pick(client, '/api/v1/categories', pick)}")


async def merge_tags(client: Client, pick: int) -> None:
    one, two = [await _pick(client, "/api/v1/tags", pick + number) for number in (0, 1)]
    await client.post(f"/api/v1/tags/{one}/merge", {"into": two})


async def trash_tag(client: Client, pick: int) -> None:
    await client.delete(f"/api/v1/tags/{await _pick(client, '/api/v1/tags', pick)}")


async def save_filter(client: Client, pick: int) -> None:
    body = {"name": f"{pick}", "filter": f"@{_name(pick)}", "shared": pick % 2 == 0}
    await client.post("/api/v1/filters", body)


async def share_filter(client: Client, pick: int) -> None:
    saved = await _pick(client, "/api/v1/filters", pick)
    body = {"shared": pick % 3 == 0, "filter": f"#{_name(pick)}"}
    await client.patch(f"/api/v1/filters/{saved}", body)


async def trash_filter(client: Client, pick: int) -> None:
    await client.delete(f"/api/v1/filters/{await _pick(client, '/api/v1/filters', pick)}")


async def rename_workspace(client: Client, pick: int) -> None:
    workspace = client.headers["Taskstead-Workspace"]
    await client.patch(f"/api/v1/workspaces/{workspace}", {"name": f"Renamed {pick}"})


RANDOM_WRITES: Sequence[RandomWrite] = (
    *(create, create_below, put_with_low_id, bulk),
    *(change, trash, restore, purge, empty_trash),
    *(rename_category, trash_category, merge_tags, trash_tag, rename_workspace),
    *(save_filter, share_filter, trash_filter),
)
