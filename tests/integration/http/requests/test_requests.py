"""Request handling: bodies, media types, unknown paths, parameters and request ids."""

import gzip
import inspect
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic.fields import FieldInfo

from taskstead.config.settings import Settings
from taskstead.http.requests.route_class import Route
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings

pytestmark = pytest.mark.balanced

TASKS = "/api/v1/tasks"
JSON = {"Content-Type": "application/json"}


async def send(client: Client, content: bytes, **headers: str) -> httpx2.Response:
    return await client.post(TASKS, content=content, headers={**JSON, **headers})


async def stream_bytes(size: int, piece: bytes = b" " * 1000) -> AsyncIterator[bytes]:
    """Yield the given number of bytes, for a request without a Content-Length."""
    for _ in range(size // len(piece)):
        yield piece


async def test_invalid_json_is_rejected(owner: Client) -> None:
    for content in (
        b"{",
        b"{'title': 'x'}",
        b'{"title": "x"',
        b'{"title": "x"} trailing',
        b'{"title": "x",}',
        b"\xff\xfe",
        b'{"title": "\xff"}',
        b'{"title": "a\nb"}',
        b"[" * 100_000,
        b'{"priority": ' + b"9" * 5000 + b"}",
    ):
        answer = await send(owner, content)
        check_problem(answer, 400, "malformed_request")
    for content in (b'{"title": "x", "priority": NaN}', b'{"title": "x", "priority": 1e400}'):
        answer = await send(owner, content)
        assert answer.status_code in (400, 422), answer.text
        check_problem(answer, answer.status_code, answer.json()["code"])
    check_problem(await send(owner, b""), 422, "validation_failed")
    check_problem(await send(owner, b"null"), 422, "validation_failed")


async def test_body_errors_name_the_place(owner: Client) -> None:
    for content, status, expected in (
        (b'{"title": "x",\n "due_date" 1}', 400, "delimiter: line 2, column 13."),
        (b'{"title": "a\nb"}', 400, "control character at: line 1, column 13."),
        (b'{"title": "\xe9"}', 400, "not UTF-8: invalid byte 0xe9 at offset 11."),
        (b'{"title": ' + b"[" * 100_000, 400, "nested too deeply"),
        (b'{"priority": ' + b"9" * 5000 + b"}", 400, "an integer with too many digits"),
        (b"", 422, "The body must be a JSON object"),
        (b"null", 422, "Input should be a JSON object"),
        (b"0", 422, "Input should be a JSON object"),
        (b"[]", 422, "Input should be a JSON object"),
        (b'[{"title": "x"}]', 422, "Input should be a JSON object"),
        (b'{"title": "x", "prio": 1}', 422, "/prio: Unknown field"),
        (b'{"title": "\\ud800"}', 422, "/title: Unpaired surrogates"),
        (
            b'{"title": "x", "parent": "y"}',
            422,
            "/parent: Input should be a task's id (a UUID) or number",
        ),
        (
            b'{"title": "x", "parent": 0}',
            422,
            "/parent: Input should be a task's id (a UUID) or number",
        ),
    ):
        answer = await send(owner, content)
        problem = check_problem(answer, status, answer.json()["code"])
        assert expected in problem["detail"], problem
        assert "more)" not in problem["detail"]


async def test_parameter_error_names_the_parameter(owner: Client) -> None:
    misspelt = await owner.get(f"{TASKS}?stauts=done")
    detail = check_problem(misspelt, 422, "validation_failed", "query/stauts")["detail"]
    assert detail == "query/stauts: Unknown parameter"


async def test_compressed_bodies_are_rejected(owner: Client) -> None:
    kind = {"Content-Type": "application/json"}
    content = gzip.compress(b'{"title": "x"}')
    for encoding in ("gzip", "GZIP", "br", "identity, gzip", "nonsense"):
        headers = {**kind, "Content-Encoding": encoding}
        answer = await owner.post(TASKS, content=content, headers=headers)
        problem = check_problem(answer, 415, "unsupported_media_type")
        assert "without" in problem["detail"]
        assert answer.headers["accept-encoding"] == "identity"
    headers = {**kind, "Content-Encoding": "identity"}
    answer = await owner.post(TASKS, content=b'{"title": "x"}', headers=headers)
    assert answer.status_code == 201, answer.text


async def test_json_content_type_is_required(owner: Client) -> None:
    for kind in (
        *("text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"),
        *("application/a/b+json", "application//x+json", "application/+json", "text/x+json"),
    ):
        answer = await owner.post(TASKS, content=b'{"title": "x"}', headers={"Content-Type": kind})
        check_problem(answer, 415, "unsupported_media_type")
    check_problem(await owner.post(TASKS, content=b'{"title": "x"}'), 415, "unsupported_media_type")
    for kind in (
        *("application/json", "Application/JSON", "application/json; charset=utf-8"),
        "application/merge-patch+json",
    ):
        answer = await owner.post(TASKS, content=b'{"title": "x"}', headers={"Content-Type": kind})
        assert answer.status_code == 201, answer.text


async def test_form_content_type_is_required_for_a_form(client: Client) -> None:
    form = await client.post("/auth/token", {"username": "a", "password": "b"})
    check_problem(form, 415, "unsupported_media_type")
    assert "application/x-www-form-urlencoded" in form.json()["detail"]
    for content in ({}, {"data": {"username": "a"}}):
        empty = await client.request("POST", "/auth/token", **content)
        check_problem(empty, 422, "validation_failed")
    broken = await client.post(
        "/auth/token", content=b"x", headers={"Content-Type": "multipart/form-data"}
    )
    assert broken.status_code in (400, 415, 422)
    check_problem(broken, broken.status_code, broken.json()["code"])


@pytest.mark.in_process  # the settings are special
class TestWithSmallLimit:
    """Bodies of more than 4 KiB are rejected."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, max_body_bytes=4096)

    async def test_oversized_body_is_rejected(self, owner: Client) -> None:
        frame = len(b'{"title":"x","description":""}')
        fits = b'{"title":"x","description":"' + b"d" * (4096 - frame) + b'"}'
        assert len(fits) == 4096
        assert (await send(owner, fits)).status_code == 201
        for content in (fits + b" ", b" " * 100_000):
            check_problem(await send(owner, content), 413, "body_too_large")
        for size in (5000, 100_000):
            answer = await owner.post(TASKS, content=stream_bytes(size), headers=JSON)
            check_problem(answer, 413, "body_too_large")
        whole = await owner.post(TASKS, content=stream_bytes(len(fits), fits), headers=JSON)
        assert whole.status_code == 201

    async def test_oversized_body_is_rejected_without_token_or_route(self, client: Client) -> None:
        for method, path in (
            ("POST", "/auth/login"),
            ("POST", "/auth/token"),
            ("POST", "/nowhere"),
            ("PUT", f"{TASKS}/x"),
        ):
            for content in (b" " * 5000, stream_bytes(5000)):
                answer = await client.request(method, path, content=content, headers=JSON)
                # Routes that do not read the body may return another error.
                assert answer.status_code in (404, 413, 415, 422), answer.text
                check_problem(answer, answer.status_code, answer.json()["code"])
            known = await client.request(method, path, content=b" " * 5000, headers=JSON)
            check_problem(known, 413, "body_too_large")


@pytest.mark.in_process  # nginx itself answers requests with unknown paths
async def test_unknown_path_is_a_problem(owner: Client) -> None:
    for method, path in (
        ("GET", "/nowhere"),
        ("GET", "/api/v1"),
        ("POST", "/api/v2/tasks"),
        ("GET", "/docs/assets/nowhere.js"),
        ("GET", "/docs/assets/../../app.py"),
        ("GET", "/api/v1/tasks/1/2/3"),
        ("GET", "/%00"),
        ("GET", "//"),
    ):
        answer = await owner.request(method, path)
        check_problem(answer, 404, "not_found")


@pytest.mark.in_process  # nginx itself answers requests with unknown methods
async def test_unknown_method_is_a_problem(owner: Client) -> None:
    for method, path in (
        ("PUT", TASKS),
        ("PATCH", TASKS),
        ("DELETE", TASKS),
        ("POST", "/health"),
        ("GET", "/auth/login"),
        ("OPTIONS", TASKS),
        ("TRACE", TASKS),
        ("BREW", TASKS),
        ("POST", "/docs"),
        ("POST", "/docs/assets/favicon.png"),
    ):
        answer = await owner.request(method, path)
        check_problem(answer, 405, "method_not_allowed")
    allowed = (await owner.request("PUT", TASKS)).headers["allow"].replace(" ", "").split(",")
    assert set(allowed) >= {"GET", "POST"}


async def test_valid_request_id_is_returned(owner: Client) -> None:
    valid = ("0123abcd", "A.b_c=d+e/f-g", "x" * 100, "01a1fbf2-ac4e-7000-931d-7e4fa451c7fb")
    for id_ in valid:
        for path in ("/health/live", TASKS, "/nowhere"):
            answer = await owner.get(path, headers={"X-Request-ID": id_})
            assert answer.headers["x-request-id"] == id_
    missing = await owner.get("/nowhere", headers={"X-Request-ID": valid[0]})
    assert check_problem(missing, 404, "not_found")["request_id"] == valid[0]


async def test_invalid_request_id_is_replaced(owner: Client) -> None:
    for id_ in ("", "short", "x" * 101, "with space", "semi;colon", "new\tline", 'quote"d-id'):
        answer = await owner.get("/nowhere", headers={"X-Request-ID": id_})
        assert answer.headers["x-request-id"] not in ("", id_)
        check_problem(answer, 404, "not_found")
    raw = {b"X-Request-ID": "umläutig".encode("latin-1")}
    assert (await owner.http.get("/health/live", headers=raw)).headers["x-request-id"].isascii()


async def test_generated_request_ids_differ(owner: Client) -> None:
    ids = {(await owner.get("/health/live")).headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.in_process  # nginx itself answers requests with unknown methods
async def test_every_response_has_a_request_id(client: Client) -> None:
    for method, path in (
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
        ("GET", "/docs/assets/favicon.png"),
        ("GET", TASKS),
        ("POST", "/auth/login"),
        ("POST", TASKS),
        ("BREW", "/"),
    ):
        answer = await client.request(method, path)
        assert len(answer.headers["x-request-id"]) >= 8, path


async def test_internal_error_reveals_no_details(
    app: FastAPI, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("the secret inside")

    app.add_api_route("/fail", fail)
    answer = await client.get("/fail", headers={"X-Request-ID": "the-one-that-failed"})
    problem = check_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert problem["request_id"] == "the-one-that-failed"
    assert "the secret inside" in caplog.text
    assert "the-one-that-failed" in caplog.text
    assert (await client.get("/health/live")).status_code == 200


async def test_misspelt_parameter_changes_nothing(owner: Client) -> None:
    await owner.post(TASKS, {"title": "x", "category": "Old"})
    old = (await owner.get("/api/v1/categories")).json()["items"][0]
    misspelt = await owner.delete(f"/api/v1/categories/{old['id']}?moveto={old['id']}")
    detail = check_problem(misspelt, 422, "validation_failed", "query/moveto")["detail"]
    assert detail == "query/moveto: Unknown parameter"
    assert (await owner.get(f"/api/v1/categories/{old['id']}")).status_code == 200
    misspelt = await owner.delete(f"{TASKS}/1?permament=true")
    check_problem(misspelt, 422, "validation_failed")
    assert (await owner.get(f"{TASKS}/1")).json()["deleted_at"] is None


async def test_unknown_or_repeated_parameter_is_rejected(owner: Client) -> None:
    await owner.create_task()
    for path in (
        f"{TASKS}/1?renderer=html",
        "/api/v1/categories?limits=1",
        "/api/v1/tags?q=x",
        "/api/v1/workspaces?offset=1",
        "/api/v1/tokens?limit=1&page=2",
        "/api/v1/changes?sicne=x",
        f"{TASKS}/1/history?before=x",
        "/api/v1/tags?limit=1&limit=2",
        f"{TASKS}?limit=1&limit=2",
    ):
        check_problem(await owner.get(path), 422, "validation_failed")


async def test_list_parameter_may_be_repeated(owner: Client) -> None:
    states = await owner.get("/api/v1/admin/jobs?state=queued&state=failed")
    assert states.status_code == 200, states.text


async def test_legacy_api_and_auth_ignore_unknown_parameters(owner: Client) -> None:
    assert (await owner.get("/items?foo=bar")).status_code == 200
    assert (await owner.get("/auth/me?foo=bar")).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        (TASKS, '{"title": "a", "title": "b"}', "/title"),
        (TASKS, '{"title": "a", "priority": 1, "t\\u0069tle": "b"}', "/title"),
        ("/api/v1/tasks/bulk", '{"operations": [], "operations": []}', "/operations"),
        (
            "/api/v1/tasks/bulk",
            '{"operations": [{"op": "create", "task": {"title": "a", "title": "b"}}]}',
            "/operations/0/task/title",
        ),
        (
            "/api/v1/tasks/bulk-process",
            '{"filter": {"q": "a", "q": "b"}, "action": "trash"}',
            "/filter/q",
        ),
        ("/auth/login", '{"email": "a@b.c", "email": "d@e.f", "password": "x"}', "/email"),
        ("/todos/", '{"title": "a", "a/b": {"~": 1, "~": 2}}', "/a~1b/~0"),
        ("/items", '{"title": "a", "title": "a"}', "/title"),
    ],
)
@pytest.mark.engines("sqlite")
async def test_repeated_key_is_rejected(owner: Client, path: str, body: str, pointer: str) -> None:
    for content in (body.encode(), body.encode("utf-16")):
        answer = await owner.post(path, content=content, headers=JSON)
        assert answer.status_code == 400, answer.text
        assert pointer in answer.text
        if path.startswith(("/api", "/auth")):
            check_problem(answer, 400, "malformed_request")
            (wrong,) = answer.json()["errors"]
            assert (wrong["pointer"], wrong["code"]) == (pointer, "repeated_key")
    assert (await owner.get(TASKS)).json()["items"] == []


async def test_same_key_in_different_objects_is_accepted(owner: Client) -> None:
    operations = [{"op": "create", "task": {"title": "a"}}] * 2
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    assert answer.status_code == 200, answer.text


@pytest.mark.in_process  # nginx reads the whole body before it sends a request on
async def test_write_does_not_wait_for_a_body_that_it_does_not_use(owner: Client) -> None:
    is_read = False

    async def stream_body() -> AsyncIterator[bytes]:
        nonlocal is_read
        is_read = True
        yield b"x"

    await owner.create_task()
    for method, path in (("DELETE", f"{TASKS}/1"), ("POST", f"{TASKS}/1/restore")):
        answer = await owner.request(method, path, content=stream_body())
        assert answer.is_success, answer.text
        assert not is_read
        assert "Taskstead-Batch" in answer.headers


async def test_endpoints_have_the_form_that_routes_support(app: FastAPI) -> None:
    for route in app.routes:
        if isinstance(route, Route):
            assert inspect.iscoroutinefunction(route.endpoint), route.path
            for parameter in inspect.signature(route.endpoint).parameters.values():
                assert not isinstance(parameter.default, FieldInfo), (route.path, parameter)


async def test_every_json_route_rejects_repeated_keys(app: FastAPI) -> None:
    routes = [
        route
        for route in app.routes
        if isinstance(route, APIRoute)
        and route.body_field is not None
        and not isinstance(route.body_field.field_info, Form)
    ]
    assert len(routes) > 30
    assert [route.path for route in routes if not isinstance(route, Route)] == []
