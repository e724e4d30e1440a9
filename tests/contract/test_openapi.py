"""OpenAPI document and documentation pages: complete, valid and without external resources."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import schemathesis
from fastapi import FastAPI

from taskstead.http.requests.route_class import Route
from tests.contract.references import resolve
from tests.harness.client import Client

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
ITEM_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ItemError"}}}
TODO_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/TodoError"}}}
# Operations of the server itself, without a database, an account or a body.
HEALTH = ("/health", "/health/live", "/health/ready")
PAGES = ("/docs", "/redoc", "/docs/errors", "/docs/oauth2-redirect")
# Operations whose responses are not JSON.
FILES = {
    "/metrics": {"text/plain"},
    "/api/v1/tasks/export": {"application/x-ndjson", "text/csv", "text/plain"},
    "/api/v1/events": {"text/event-stream"},
    "/auth/me/export": {"application/zip"},
}

# These responses contain tokens or the requests contain passwords, so nothing is stored.
# Their operations write nothing, or belong to a session.
WITHOUT_KEYS = ("/auth/", "/api/v1/repeat/preview")

Operation = dict[str, Any]


@pytest.fixture
async def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def list_operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def list_possible_errors(path: str) -> set[str]:
    """Return the error statuses that an operation must document."""
    if path in HEALTH:
        return {"default"} | (set() if path == "/health/live" else {"503"})
    statuses = {"default"}
    if "{" in path:
        statuses.add("404")
    return statuses


async def test_document_is_valid(document: dict[str, Any]) -> None:
    copy = json.loads(json.dumps(document))
    # OpenAPI's own schema requires an absolute URL here. Its text (4.6) allows a relative one, too.
    flow = copy["components"]["securitySchemes"]["Password"]["flows"]["password"]
    flow["tokenUrl"] = "http://testserver" + flow["tokenUrl"]
    schemathesis.openapi.from_dict(copy).validate()
    for name in document["components"]["securitySchemes"]:
        assert re.fullmatch(r"[a-zA-Z0-9._-]+", name), "OpenAPI 3.1, components object"


async def test_paths_are_unique(document: dict[str, Any]) -> None:
    # OpenAPI 3.1, "Paths Object": templates that differ only in their parameter names are
    # identical.
    paths = [re.sub(r"{\w+}", "{}", path) for path in document["paths"]]
    assert len(paths) == len(set(paths))


async def test_task_list_is_the_first_path(document: dict[str, Any]) -> None:
    paths = list(document["paths"])
    assert paths[:3] == ["/api/v1/tasks", "/api/v1/tasks/bulk", "/api/v1/tasks/bulk-process"]


async def test_schemas_are_valid_with_valid_examples(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    for name, shape in shapes.items():
        jsonschema_rs.meta.validate(shape)
        for field, schema in shape.get("properties", {}).items():
            given = [*schema.get("examples", []), *[schema[k] for k in ("default",) if k in schema]]
            for value in given:
                whole = {**schema, "components": document["components"]}
                assert jsonschema_rs.is_valid(whole, value), f"{name}.{field}: {value}"


async def test_every_body_has_a_valid_example(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    for method, path, operation in list_operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"]
            named = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
            shape = shapes.get(named.rpartition("/")[2], schema)
            examples = [*shape.get("examples", []), *schema.get("examples", [])]
            fields = shape.get("properties", {}).values()
            of_fields = [resolve(document, field).get("examples") for field in fields]
            assert examples or "example" in content or any(of_fields), f"{method} {path}"
            for example in examples:
                whole = {**shape, "components": document["components"]}
                assert jsonschema_rs.is_valid(whole, example), f"{method} {path}: {example}"


def list_response_schemas(document: dict[str, Any]) -> set[str]:
    """Return the names of schemas of JSON responses. For pages, return those of their items."""
    shapes = document["components"]["schemas"]
    contents = [
        content["schema"]
        for _, _, operation in list_operations(document)
        for response in operation["responses"].values()
        for kind, content in resolve(document, response).get("content", {}).items()
        if kind.endswith("json")
    ]
    named = set(re.findall(r"schemas/(\w+)", json.dumps(contents)))
    pages = {name for name in named if "items" in shapes[name].get("properties", {})}
    items = [shapes[name]["properties"]["items"] for name in pages]
    return named - pages | set(re.findall(r"schemas/(\w+)", json.dumps(items)))


async def test_every_response_has_a_valid_example(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    names = list_response_schemas(document)
    assert {"Task", "TaskListed", "Job", "Statistics", "Problem"} <= names
    assert {name for name in names if not shapes[name].get("examples")} == set()
    for name in names:
        whole = {**shapes[name], "components": document["components"]}
        for example in shapes[name]["examples"]:
            jsonschema_rs.validate(whole, example)


async def test_task_list_documents_the_link_header(document: dict[str, Any]) -> None:
    listing = document["paths"]["/api/v1/tasks"]["get"]
    assert "Link" in listing["responses"]["200"]["headers"]


async def test_task_list_parameters_have_valid_examples(document: dict[str, Any]) -> None:
    listing = document["paths"]["/api/v1/tasks"]["get"]
    for parameter in (resolve(document, parameter) for parameter in listing["parameters"]):
        schema = parameter.get("schema", {})
        if parameter.get("in") != "query" or schema.get("enum") or parameter["name"] == "cursor":
            continue
        assert "example" not in parameter, "a console would send it"
        value = schema.get("examples", [schema.get("default")])[0]
        assert value is not None, f"{parameter['name']} needs an example"
        whole = {**schema, "components": document["components"]}
        assert jsonschema_rs.is_valid(whole, value), f"{parameter['name']}: {value}"


async def test_every_schema_is_described(document: dict[str, Any]) -> None:
    undescribed = [
        name
        for name, shape in document["components"]["schemas"].items()
        if not shape.get("description") and not name.startswith(("Page_", "Body_"))
    ]
    assert not undescribed


async def test_every_operation_has_a_summary_of_its_own(document: dict[str, Any]) -> None:
    operations = list(list_operations(document))
    for name in ("summary", "description", "operationId"):
        documented = [operation.get(name) for _, _, operation in operations]
        assert all(documented), name
        if name != "description":
            repeated = {value for value in documented if documented.count(value) > 1}
            assert not repeated, f"{name}: give each route a summary of its own"


def get_error_content(path: str) -> dict[str, Any]:
    """Return how errors are documented: as problems, or in the format of the legacy APIs."""
    if path.startswith("/todos/"):
        return TODO_ERROR
    return ITEM_ERROR if path.startswith(("/items", "/api/todo")) else PROBLEM


async def test_every_operation_documents_its_errors_as_problems(document: dict[str, Any]) -> None:
    for method, path, operation in list_operations(document):
        responses = operation["responses"]
        missing = list_possible_errors(path) - set(responses)
        assert not missing, f"{method} {path} does not announce {sorted(missing)}"
        for status, response in (
            (status, resolve(document, response)) for status, response in responses.items()
        ):
            assert response["description"], f"{method} {path} {status}"
            if status >= "400" and (path not in HEALTH or status != "503"):
                assert response["content"] == get_error_content(path), f"{method} {path} {status}"
            else:
                kinds = FILES.get(path, {"application/json"})
                assert set(response.get("content", {})) <= kinds, f"{method} {path} {status}"
                continue
            if status == "default":
                assert "X-Request-ID" in response["headers"], f"{method} {path}"


async def test_operations_in_a_workspace_document_the_header(
    document: dict[str, Any],
) -> None:
    header = document["components"]["parameters"]["TasksteadWorkspace"]
    assert (header["name"], header["in"]) == ("Taskstead-Workspace", "header")
    for method, path, operation in list_operations(document):
        scopes = [s for way in operation.get("security", ()) for part in way.values() for s in part]
        shown = {"$ref": "#/components/parameters/TasksteadWorkspace"} in operation.get(
            "parameters", []
        )
        assert shown is any(s.startswith("tasks:") for s in scopes), f"{method} {path}"


async def test_every_write_operation_accepts_an_idempotency_key(app: FastAPI) -> None:
    document = app.openapi()
    keyed = {
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route) and route.accepts_key
        for method in route.methods or ()
    }
    for method, path, operation in list_operations(document):
        named = f"{method} {path}"
        accepts_key = method != "GET" and not path.startswith(WITHOUT_KEYS)
        hint = "make its router with route_class=Route, see http/requests/route_class.py"
        assert ((method, path) in keyed) is accepts_key, f"{named}: {hint}"
        reference = {"$ref": "#/components/parameters/IdempotencyKey"}
        assert (reference in operation.get("parameters", ())) is accepts_key, named
        for status, code in (("409", "request_under_way"), ("422", "idempotency_key_reused")):
            response = resolve(document, operation["responses"].get(status, {}))
            description = response.get("description", "")
            assert (f"`{code}`" in description) is accepts_key, named


async def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    for method, path, operation in list_operations(document):
        for parameter in operation.get("parameters", ()):
            named = f"{method} {path}: {parameter}"
            assert resolve(document, parameter).get("description"), named


class UrlCollector(HTMLParser):
    """Collects the URLs that a browser fetches for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"script": "src", "link": "href", "img": "src", "iframe": "src"}.get(tag)
        self.found += [value for name, value in attrs if name == wanted and value]


@pytest.mark.parametrize("page", PAGES)
async def test_pages_load_nothing_from_other_hosts(client: Client, page: str) -> None:
    answer = await client.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    collector = UrlCollector()
    collector.feed(answer.text)
    for address in collector.found:
        assert not urlsplit(address).netloc, f"{page} needs {address}"
        assert (await client.get(address)).status_code == 200, address
    # The pages' own scripts fetch the document by a path.
    for address in re.findall(r"""(?:url|spec-url)['"]?\s*[:=]\s*['"]([^'"]+)""", answer.text):
        assert (await client.get(address)).status_code == 200, address
    styles = re.findall(r"@import|url\(\s*['\"]?https?:", answer.text)
    assert not styles


async def test_styles_of_the_pages_load_nothing_from_other_hosts(client: Client) -> None:
    style = (await client.get("/docs/assets/swagger-ui.css")).text
    assert not re.findall(r"(?:@import|url\()\s*['\"]?https?:", style)


async def test_swagger_ui_shows_no_validator_badge(client: Client) -> None:
    """The badge would load from another host."""
    assert '"validatorUrl": null' in (await client.get("/docs")).text


async def test_redoc_loads_nothing_from_other_hosts(client: Client) -> None:
    """By default ReDoc shows its maker's logo."""
    script = await client.get("/docs/assets/redoc.standalone.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert len(script.content) > 500_000
    assert not re.findall(r"""src:\s*["']https?:""", script.text)


async def test_unchanged_script_returns_304(client: Client) -> None:
    script = await client.get("/docs/assets/redoc.standalone.js")
    again = {"If-None-Match": script.headers["ETag"]}
    assert (await client.get("/docs/assets/redoc.standalone.js", headers=again)).status_code == 304


async def test_problem_types_are_explained(client: Client) -> None:
    """A problem's type is the URL of the errors page with the code as the anchor."""
    problem = (await client.get("/nowhere")).json()
    page, _, anchor = problem["type"].partition("#")
    answer = await client.get(page)
    assert answer.status_code == 200
    assert f"id={anchor}>" in answer.text
