"""Methods and locations: 405 with the allowed methods, and a readable URL in every Location."""

from typing import Any

import pytest
from fastapi import FastAPI

from tests.harness.client import Client
from tests.harness.problems import check_problem

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ID = "01a1fbf2-ac4e-7000-931d-7e4fa451c7fb"


async def test_each_path_rejects_unsupported_methods(owner: Client, app: FastAPI) -> None:
    taken: dict[str, set[str]] = {}
    for route in app.routes:
        path = getattr(route, "path", "")
        taken.setdefault(path, set()).update(getattr(route, "methods", None) or ())
    checked = 0
    for path, methods in taken.items():
        if not methods:
            continue
        name = "{number}" if "{number}" in path else "{revision}"
        asked = path.replace(name, "1")
        while "{" in asked:
            before, _, rest = asked.partition("{")
            asked = before + ID + rest.partition("}")[2]
        for method in set(METHODS) - methods:
            answer = await owner.request(method, asked)
            assert answer.status_code == 405, f"{method} {path}: {answer.text}"
            assert set(answer.headers["allow"].split(", ")) - {"HEAD"} == methods - {"HEAD"}, path
            assert ("accept-patch" in answer.headers) == ("PATCH" in methods), path
            checked += 1
    assert checked > 150


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/api/v1/tasks/bulk", "POST"),
        ("DELETE", "/api/v1/tasks/stats", "GET, HEAD"),
        ("PUT", "/api/v1/tasks/import", "POST"),
        ("PATCH", "/api/v1/tasks/export", "GET, HEAD"),
        ("GET", "/todos/bulk-process", "POST"),
    ],
)
async def test_fixed_path_is_not_read_as_a_task_id(
    client: Client, method: str, path: str, allow: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


async def test_patch_of_unsupported_type_names_the_accepted_one(owner: Client) -> None:
    await owner.create_task()
    headers = {"Content-Type": "text/plain"}
    answer = await owner.request("PATCH", "/api/v1/tasks/1", content="{}", headers=headers)
    check_problem(answer, 415, "unsupported_media_type")
    assert answer.headers["accept-patch"] == "application/json"
    answer = await owner.request("OPTIONS", "/api/v1/tasks/1")
    assert (answer.status_code, answer.headers["accept-patch"]) == (405, "application/json")


async def test_every_location_can_be_read(owner: Client) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "/api/v1/tasks": {"title": "x"},
        "/api/v1/categories": {"name": "x"},
        "/api/v1/tags": {"name": "x"},
        "/api/v1/workspaces": {"name": "x"},
        "/api/v1/tokens": {"name": "x", "scopes": ["tasks:read"]},
        "/api/v1/invitations": {},
        "/api/v1/tasks/bulk-process": {"filter": {"tag": ["x"]}, "action": "complete"},
        "/todos/": {"title": "x"},
        "/api/todo": {"title": "x"},
    }
    for path, body in bodies.items():
        made = await owner.post(path, body)
        assert made.is_success, made.text
        read = await owner.get(made.headers["location"])
        assert read.status_code == 200, f"{path}: {read.text}"
        assert read.json()["id"] == made.json()["id"]
        assert "token" not in read.json()
        # The same path with an unknown id is not found.
        missing = made.headers["location"].rpartition("/")[0]
        last = "99" if path in ("/todos/", "/api/todo") else ID
        assert (await owner.get(f"{missing}/{last}")).status_code == 404
    stranger = await owner.register("stranger@example.com")
    token = (await owner.get("/api/v1/tokens")).json()["items"][0]["id"]
    assert (await stranger.get(f"/api/v1/tokens/{token}")).status_code == 404
