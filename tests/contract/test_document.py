"""OpenAPI document: size, caching, and properties that generators and consoles need."""

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI

from taskstead.faces.api.openapi.document import DocumentCache
from taskstead.faces.api.openapi.schemas import walk_schema
from tests.contract.references import resolve
from tests.contract.test_openapi import list_operations
from tests.harness.client import Client

MAX_BYTES = 300_000
OPENAPI = "/openapi.json"
# Ids that the document must not describe as UUIDs: numbers, and texts chosen by the client.
OTHER_IDS = {"request_id", "last_event_id"}
ID = re.compile(r"(.*_)?ids?|batch|batches")
BY_NUMBER = {"Item", "Todo", "TodoProcess"}


@pytest.fixture
async def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def list_parameters(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for method, path, operation in list_operations(document):
        for item in operation.get("parameters", ()):
            parameter = resolve(document, item)
            yield f"{method} {path} {parameter['name']}", parameter


async def test_document_is_small(client: Client) -> None:
    answer = await client.get(OPENAPI)
    assert answer.headers["Content-Type"] == "application/json"
    assert len(answer.content) < MAX_BYTES


async def test_document_is_built_once_for_concurrent_requests() -> None:
    built: list[int] = []

    def build() -> dict[str, Any]:
        built.append(1)
        return {"number": len(built)}

    cache = DocumentCache(build)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(cache.get) for _ in range(20)]
        encoded = await asyncio.gather(*[cache.encode() for _ in range(20)])
    assert [future.result() for future in asked] == [{"number": 1}] * 20
    assert {each.content for each in encoded} == {b'{"number":1}'}
    assert len({each.etag for each in encoded}) == 1
    assert len(built) == 1


async def test_server_caches_the_document(app: FastAPI, client: Client) -> None:
    first = await client.get(OPENAPI)
    assert first.json() == app.openapi()
    assert app.openapi() is app.openapi()
    again = await client.get(OPENAPI, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get(OPENAPI)).content == first.content


async def test_schemas_have_no_defaults_or_titles(document: dict[str, Any]) -> None:
    """A generator makes a field with a default mandatory. Titles repeat the names."""
    for name, shape in document["components"]["schemas"].items():
        for schema in walk_schema(shape):
            assert not isinstance(schema.get("title"), str), name
            assert "default" not in schema, name
    create = document["components"]["schemas"]["TaskCreate"]
    assert create["required"] == ["title"]
    assert create["properties"]["priority"]["description"].endswith("Default: `3`.")


async def test_parameters_are_not_nullable(document: dict[str, Any]) -> None:
    for named, parameter in list_parameters(document):
        for schema in walk_schema(parameter["schema"]):
            assert schema.get("type") != "null", named
            assert schema.get("default", 0) is not None, named
            assert "title" not in schema, named


async def test_ids_are_uuids(document: dict[str, Any]) -> None:
    for name, shape in document["components"]["schemas"].items():
        for field, schema in shape.get("properties", {}).items():
            if ID.fullmatch(field) and field not in OTHER_IDS and name not in BY_NUMBER:
                kinds = {
                    inner["format"] if "string" in inner["type"] else inner["type"]
                    for inner in walk_schema(schema)
                    if "type" in inner
                }
                assert kinds <= {"uuid", "null", "array", "integer"}, f"{name}.{field}"
    for named, parameter in list_parameters(document):
        if ID.fullmatch(parameter["name"]) and parameter["name"] not in OTHER_IDS:
            assert parameter["schema"]["format"] == "uuid", named


async def test_parameters_have_examples_only_in_schemas(document: dict[str, Any]) -> None:
    """A console shows an example of a schema. It would send an example of the parameter."""
    for named, parameter in list_parameters(document):
        assert not {"example", "examples"} & parameter.keys(), named


async def test_token_is_accepted_wherever_a_login_is(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert schemes["Bearer"]["type"] == "http"
    assert schemes["Bearer"]["scheme"] == "bearer"
    assert schemes["Password"]["flows"]["password"]["tokenUrl"] == "/auth/token"
    public = set()
    for method, path, operation in list_operations(document):
        ways = operation["security"]
        assert [set(way) for way in ways] in ([], [{"Password"}, {"Bearer"}]), path
        if not ways:
            public.add(f"{method} {path}")
            assert "401" not in operation["responses"] or path.startswith("/auth/"), path
        else:
            assert ways[0]["Password"] == ways[1]["Bearer"]
            assert set(ways[0]["Password"]) <= set(
                schemes["Password"]["flows"]["password"]["scopes"]
            )
    assert {"GET /health", "POST /auth/login", "POST /auth/register"} <= public


async def test_tags_are_described_in_order_of_their_use(document: dict[str, Any]) -> None:
    described = [tag["name"] for tag in document["tags"]]
    assert all(tag["description"] for tag in document["tags"])
    used = [operation["tags"] for _, _, operation in list_operations(document)]
    assert all(len(tags) == 1 for tags in used)
    assert list(dict.fromkeys(tag for (tag,) in used)) == described


async def test_document_names_its_project(document: dict[str, Any]) -> None:
    assert document["info"]["license"] == {"name": "MIT", "identifier": "MIT"}
    assert [server["url"] for server in document["servers"]] == ["/"]


async def test_references_name_exactly_the_components(document: dict[str, Any]) -> None:
    used = set(re.findall(r'"#/components/(\w+/\w+)"', json.dumps(document)))
    kinds = ("schemas", "responses", "parameters", "headers")
    components = {f"{kind}/{name}" for kind in kinds for name in document["components"][kind]}
    assert used == components
