"""Legacy API: the earlier to-do APIs still work, and their responses announce the end."""

import logging
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.faces.legacy.schemas import Item, ItemError, Todo, TodoError, TodoStatistics
from taskstead.http.app_state import Server
from tests.contract.references import resolve
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.jobs.waiting import wait_for_job

pytestmark = pytest.mark.balanced

DEPRECATED_CALLS = "taskstead_deprecated_calls_total"
LOGGED = ("method", "route", "request_id")
TODO: dict[str, Any] = {
    "title": "Buy oat milk",
    "description": "Two litres",
    "completed": False,
    "priority": 2,
    "due_date": "2026-12-01",
    "category": "Household",
    "tags": ["errand", "food"],
}
BASES = {"/todos": "/todos/", "/api/todo": "/api/todo"}


@pytest.fixture(params=BASES)
def base(request: pytest.FixtureRequest) -> str:
    """The base path of the calls that two of the earlier APIs had."""
    return str(request.param)


def check_todo(data: dict[str, Any], **expected: Any) -> None:
    Todo.model_validate(data, strict=False)
    assert {name: data[name] for name in expected} == expected


def has_deprecation_headers(answer: httpx2.Response) -> bool:
    return (
        answer.headers.get("deprecation") == "@1795219200"
        and answer.headers.get("sunset") == "Sun, 21 Nov 2027 00:00:00 GMT"
        and '</api/v1/tasks>; rel="successor-version"' in answer.headers.get("link", "")
        and "x-request-id" in answer.headers
    )


async def test_items_are_created_as_tasks(owner: Client) -> None:
    made = await owner.post("/items", {"title": "Bread"})
    assert made.status_code == 201
    assert made.json() == {"id": 1, "title": "Bread", "description": None, "completed": False}
    item = {"title": "Milk", "description": "Oat", "completed": True}
    assert (await owner.post("/items", item)).json() == {"id": 2, **item}
    listed = (await owner.get("/items")).json()
    assert [Item.model_validate(found).id for found in listed] == [2, 1]
    task = (await owner.get("/api/v1/tasks/2")).json()
    assert (task["title"], task["description"], task["status"]) == ("Milk", "Oat", "done")


async def test_todo_is_created_changed_and_deleted(owner: Client, base: str) -> None:
    made = await owner.post(BASES[base], TODO)
    assert (made.status_code, made.headers["location"]) == (201, f"{base}/1")
    check_todo(made.json(), id=1, **TODO)
    assert (await owner.get(f"{base}/1")).json() == made.json()
    assert (await owner.get(BASES[base])).json() == [made.json()]
    patched = await owner.patch(f"{base}/1", {"completed": True, "description": None})
    check_todo(patched.json(), **{**TODO, "completed": True, "description": None})
    assert (await owner.get("/api/v1/tasks/1")).json()["status"] == "done"
    put = await owner.put(f"{base}/1", {"title": "Bread"})
    check_todo(
        put.json(),
        id=1,
        title="Bread",
        description=None,
        completed=False,
        priority=3,
        due_date=None,
        category=None,
        tags=[],
    )
    gone = await owner.delete(f"{base}/1")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await owner.get("/api/v1/tasks/1")).json()["deleted_at"] is not None
    for call in (
        owner.get(f"{base}/1"),
        owner.put(f"{base}/1", {"title": "x"}),
        owner.patch(f"{base}/1", {"title": "x"}),
        owner.delete(f"{base}/1"),
    ):
        assert (await call).status_code == 404
    assert (await owner.get(BASES[base])).json() == []


async def test_put_keeps_fields_that_a_todo_does_not_have(owner: Client, base: str) -> None:
    await owner.create_task()
    await owner.create_task(parent=1, status="in_progress")
    answer = await owner.put(f"{base}/2", {"title": "x"})
    assert answer.status_code == 200
    task = (await owner.get("/api/v1/tasks/2")).json()
    assert task["parent"] is not None
    assert task["status"] == "in_progress"


async def test_lists_are_paginated(owner: Client, base: str) -> None:
    for number in range(5):
        await owner.create_task(title=str(number), completed=number % 2 == 0)
    numbers: list[int] = []
    path: str | None = f"{BASES[base]}?limit=2"
    while path:
        answer = await owner.get(path)
        numbers += [todo["id"] for todo in answer.json()]
        links = dict(link.rsplit("; ", 1)[::-1] for link in answer.headers["link"].split(", "))
        assert links['rel="successor-version"'] == "</api/v1/tasks>"
        path = links.get('rel="next"', "").strip("<>")
    assert numbers == [5, 4, 3, 2, 1]


async def test_todos_are_filtered_by_completion(owner: Client, base: str) -> None:
    for number in range(5):
        await owner.create_task(title=str(number), completed=number % 2 == 0)
    done = (await owner.get(f"{BASES[base]}?completed=true")).json()
    assert [todo["id"] for todo in done] == [5, 3, 1]


async def test_items_are_listed_before_a_number(owner: Client) -> None:
    for _ in range(5):
        await owner.create_task()
    items = (await owner.get("/items?limit=3&before=3")).json()
    assert [item["id"] for item in items] == [2, 1]


async def test_list_of_todos_is_imported(owner: Client) -> None:
    answer = await owner.post("/api/todo/bulk", [TODO, {"title": "Bread"}])
    assert answer.status_code == 201
    assert [(todo["id"], todo["title"]) for todo in answer.json()] == [
        (1, "Buy oat milk"),
        (2, "Bread"),
    ]
    check_todo(answer.json()[0], **TODO)


async def test_invalid_list_of_todos_is_rejected(owner: Client) -> None:
    refused = await owner.post("/api/todo/bulk", [TODO, {"title": ""}])
    assert refused.status_code == 422
    assert "/1/title" in refused.json()["details"]
    for body in ([], [{"title": "x"}] * 1001, {"title": "x"}):
        assert (await owner.post("/api/todo/bulk", body)).status_code == 422
    assert (await owner.get("/api/todo")).json() == []


async def test_several_todos_are_processed_at_once(owner: Client) -> None:
    for _ in range(4):
        await owner.create_task()
    await owner.delete("/api/v1/tasks/4")

    async def process(action: str, *ids: int) -> Any:
        answer = await owner.post("/todos/bulk-process", {"ids": ids, "action": action})
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert await process("complete", 3, 9, 1, 1, 4) == {"processed": [3, 1], "missing": [9, 4]}
    listed = (await owner.get("/todos/")).json()
    assert [todo["completed"] for todo in listed] == [True, False, True]
    assert await process("reopen", 1) == {"processed": [1], "missing": []}
    assert await process("delete", 1, 2, 9) == {"processed": [1, 2], "missing": [9]}
    assert [todo["id"] for todo in (await owner.get("/todos/")).json()] == [3]


async def test_all_todos_are_processed_in_the_background(owner: Client) -> None:
    await owner.create_task()
    await owner.create_task(status="in_progress")
    await owner.create_task(status="done")
    answer = await owner.post("/todos/bulk-process")
    assert (answer.status_code, answer.json()) == (200, {"message": "Processing started"})
    job = await wait_for_job(owner, answer)
    assert (job["state"], job["done"], job["failed"]) == ("done", 2, 0)
    listed = (await owner.get("/todos/")).json()
    assert [todo["completed"] for todo in listed] == [True] * 3


async def test_invalid_processing_is_rejected(owner: Client) -> None:
    bodies: list[dict[str, Any]] = [{}, {"ids": []}, {"action": "complete"}]
    for body in bodies:
        assert (await owner.post("/todos/bulk-process", body)).status_code == 422


@pytest.mark.parametrize("path", ["/todos/stats", "/todos/statistics"])
async def test_statistics_count_todos(owner: Client, path: str) -> None:
    await owner.create_task(category="Household", priority=1, due_date="2020-01-01")
    await owner.create_task(category="Household", completed=True)
    await owner.create_task(status="cancelled")
    trashed = await owner.create_task()
    await owner.delete(f"/api/v1/tasks/{trashed['id']}")
    answer = await owner.get(path)
    assert answer.status_code == 200
    assert TodoStatistics.model_validate(answer.json()).model_dump() == {
        "total": 3,
        "completed": 1,
        "pending": 2,
        "overdue": 1,
        "by_priority": {"1": 1, "2": 0, "3": 2, "4": 0, "5": 0},
        "by_category": {"Household": 2, "": 1},
    }
    assert has_deprecation_headers(answer)


# Status, method, path, body, and whether a token is sent.
ERRORS: list[tuple[int, str, str, str, bool]] = [
    (400, "POST", "", "{", True),
    (401, "GET", "", "", False),
    (404, "GET", "/9999/none", "", True),
    (405, "PUT", "", "{}", True),
    (415, "POST", "", "title=x", True),
    (422, "POST", "", "{}", True),
    (422, "POST", "", '{"title": "", "priority": "high", "more": 1}', True),
    (422, "POST", "", '{"title": "x", "\\ud800": 1}', True),
    (422, "POST", "", '{"title": "x", "\\ud800": 1, "\\udfff": 1}', True),
]


@pytest.mark.parametrize("collection", ["/items", "/todos/", "/api/todo"])
async def test_errors_have_the_legacy_format(owner: Client, collection: str) -> None:
    for status, method, path, content, has_token in ERRORS:
        client = owner if has_token else Client(owner.http)
        kind = "text/plain" if status == 415 else "application/json"
        url = f"{collection.rstrip('/')}{path}" if path else collection
        answer = await client.request(
            method, url, content=content, headers={"Content-Type": kind, "Accept": "*/*"}
        )
        assert answer.status_code == status, answer.text
        check_legacy_error(answer, collection)


def check_legacy_error(answer: httpx2.Response, collection: str) -> None:
    assert answer.headers["content-type"] == "application/json"
    assert has_deprecation_headers(answer)
    if collection == "/todos/":
        error = TodoError.model_validate(answer.json(), extra="forbid").error
        assert error.message
        assert error.code == error.code.lower()
    else:
        assert ItemError.model_validate(answer.json(), extra="forbid").details


async def test_oversized_body_error_has_the_legacy_format(app: FastAPI, owner: Client) -> None:
    del app  # a balancer rejects such a body itself
    for collection in ("/items", "/todos/", "/api/todo"):
        answer = await owner.request(
            "POST",
            collection,
            content="x" * (2 << 20),
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 413
        check_legacy_error(answer, collection)


async def test_all_invalid_fields_are_named(owner: Client) -> None:
    body = {"title": "", "priority": "high"}
    details = (await owner.post("/api/todo", body)).json()["details"]
    message = (await owner.post("/todos/", body)).json()["error"]["message"]
    for detail in (details, message):
        assert "/title: " in detail
        assert "/priority: " in detail


async def test_rejected_requests_have_the_legacy_format(owner: Client) -> None:
    answer = await owner.post("/api/v1/tokens", {"name": "x", "scopes": ["account:read"]})
    assert answer.status_code == 201, answer.text
    narrow = owner.with_token(answer.json()["token"])
    for collection in BASES.values():
        refused = await narrow.get(collection)
        assert refused.status_code == 403
        check_legacy_error(refused, collection)
    for path in ("/todos/7", "/api/todo/7"):
        missing = await owner.get(path)
        assert missing.status_code == 404
        check_legacy_error(missing, "/todos/" if path.startswith("/todos") else "/api/todo")


@pytest.mark.in_process  # the settings are special
class TestServerErrors:
    """Errors that are not caused by the client."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, rate_limit_reads="1/day", rate_limit_writes="1/day")

    @pytest.fixture
    def clock(self) -> ManualClock:
        """Stands still, so that no window begins during a test."""
        return ManualClock()

    async def test_rate_limit_error_has_the_legacy_format(self, owner: Client) -> None:
        for collection in ("/items", "/todos/", "/api/todo"):
            answers = [await owner.get(collection) for _ in range(2)]
            assert answers[1].status_code == 429
            assert "retry-after" in answers[1].headers
            check_legacy_error(answers[1], collection)

    async def test_database_error_has_the_legacy_format(
        self, owner: Client, database: Database, engine: str
    ) -> None:
        async with database.transaction() as transaction:
            await transaction.fetch_all(untyped(text("DROP TABLE task_tags")), {})
        # SQLite reports a missing table as damage.
        status = 503 if engine == "sqlite" else 500
        answer = await owner.get("/todos/")
        assert answer.status_code == status
        check_legacy_error(answer, "/todos/")


@pytest.mark.parametrize(
    "body", [{"title": "x", "done": True}, {"title": ""}, {"title": "x", "priority": "high"}, {}]
)
@pytest.mark.engines("sqlite")
async def test_invalid_todo_is_rejected(owner: Client, base: str, body: dict[str, Any]) -> None:
    assert (await owner.post(BASES[base], body)).status_code == 422
    assert (await owner.put(f"{base}/1", body)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/items", 200),
        ("GET", "/todos/?limit=0", 422),
        ("GET", "/todos/9", 404),
        ("GET", "/todos/nine", 422),
        ("GET", "/todos/1/2", 404),
        ("PATCH", "/todos/", 405),
        ("POST", "/api/todo", 400),
        ("POST", "/api/todo/bulk", 413),
    ],
)
@pytest.mark.in_process  # nginx itself answers requests with unknown methods
async def test_every_legacy_response_has_deprecation_headers(
    owner: Client, method: str, path: str, status: int
) -> None:
    content = "x" * (2 << 20) if status == 413 else "{"
    headers = {"Content-Type": "application/json"}
    options: dict[str, Any] = {"content": content} if method == "POST" else {}
    answer = await owner.request(method, path, headers=headers, **options)
    assert answer.status_code == status, answer.text
    assert has_deprecation_headers(answer), answer.headers
    assert has_deprecation_headers(await Client(owner.http).get("/todos/"))


async def test_other_responses_have_no_deprecation_headers(owner: Client) -> None:
    for path in ("/api/v1/tasks", "/health", "/itemsandmore", "/api/todos", "/api"):
        answer = await owner.get(path)
        assert "deprecation" not in answer.headers
        assert "sunset" not in answer.headers


async def test_each_deprecated_call_is_counted_and_logged(
    owner: Client, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "taskstead.http"):
        await owner.get("/todos/1")
        answer = await owner.get("/todos/2")
        await owner.post("/api/todo", TODO)
        await owner.request("PATCH", "/items")
        await owner.request("BREW", "/todos/1")
        await owner.get("/todos/1/2")
        await owner.get("/api/v1/tasks")
    samples = server.metrics.read()
    counts = {tuple(labels): value for name, labels, value in samples if name == DEPRECATED_CALLS}
    assert counts == {("GET", "/todos/{number}"): 2, ("POST", "/api/todo"): 1}
    # Lines of other loggers are excluded, such as that of a slow statement.
    records = [record for record in caplog.records if record.name == "taskstead.http"]
    fields = [{name: vars(record)[name] for name in LOGGED} for record in records]
    assert [record.getMessage() for record in records] == ["deprecated call"] * 3
    assert fields[1] == {
        "method": "GET",
        "route": "/todos/{number}",
        "request_id": answer.headers["x-request-id"],
    }


async def test_openapi_marks_legacy_operations_as_deprecated(app: FastAPI) -> None:
    document = app.openapi()
    paths = document["paths"]
    legacy_paths = ("/items", "/todos", "/api/todo")
    for path, methods in paths.items():
        for operation in methods.values():
            is_legacy = path.startswith(legacy_paths)
            assert operation.get("deprecated", False) is is_legacy
            for status, response in operation["responses"].items():
                if status < "300":
                    headers = resolve(document, response).get("headers", {})
                    assert ("Sunset" in headers) is is_legacy
