"""Schemathesis sends valid and invalid requests that it generates from the OpenAPI document.

No response may be a server error, and each must have a documented status, content type and schema.
The variable TASKSTEAD_TEST_EXAMPLES sets the number of requests and makes each run different.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from taskstead.app import create_app
from taskstead.config.settings import Settings
from tests.contract.references import expand_operations
from tests.harness.client import PASSWORD, Client

EXAMPLES = os.environ.get("TASKSTEAD_TEST_EXAMPLES")
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
Operation = APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]
BASE_URL = "http://testserver"


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[FastAPI, Client]]:
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as http,
    ):
        yield app, Client(http)


async def ensure_other_account(client: Client) -> None:
    """Create the account that shares a workspace, unless it exists.

    An earlier operation may have deleted it.
    """
    body = {"email": "other@example.com", "password": PASSWORD}
    answer = await client.post("/auth/register", body)
    assert answer.status_code in (201, 409), answer.text


async def create_objects_for_paths(client: Client) -> dict[str, list[str]]:
    """Create objects of every kind. Return their ids by path parameter."""

    async def make(path: str, key: str = "id", **body: Any) -> str:
        answer = await client.post(path, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()[key])

    async def list_ids(path: str, key: str = "id") -> list[str]:
        return [str(item[key]) for item in (await client.get(path)).json()["items"]]

    due = "2026-12-01T09:00:00+01:00"
    root = await make("/api/v1/tasks", title="Root", category="Home", tags=["a", "b"], due_date=due)
    tasks = [root, await make("/api/v1/tasks", "number", title="Below", parent=root)]
    tasks.append(await make("/api/v1/tasks", title="In the trash", status="done"))
    await client.delete(f"/api/v1/tasks/{tasks[-1]}")
    workspace = await make("/api/v1/workspaces", name="Shared")
    members = f"/api/v1/workspaces/{workspace}/members"
    await make(members, "user_id", email="other@example.com", role="viewer")
    return {
        "task": tasks,
        "task_id": [root, tasks[-1]],
        "number": [tasks[1]],
        "category_id": await list_ids("/api/v1/categories"),
        "tag_id": await list_ids("/api/v1/tags"),
        "workspace_id": [workspace],
        "user_id": await list_ids(members, "user_id"),
        "token_id": [await make("/api/v1/tokens", name="x", scopes=["tasks:read"])],
        "invitation_id": [await make("/api/v1/invitations")],
        "session_id": [await make_session(client)],
        "job_id": [await make_job(client)],
        "revision": await list_ids("/api/v1/activity", "revision"),
        "batch_id": await list_ids("/api/v1/activity", "batch"),
    }


async def make_session(client: Client) -> str:
    me = (await client.get("/auth/me")).json()
    await client.log_in(me["email"])
    newest: str = (await client.get("/auth/sessions")).json()["items"][-1]["id"]
    return newest


async def make_job(client: Client) -> str:
    body = {"filter": {"tag": ["nowhere"]}, "action": "complete"}
    answer = await client.post("/api/v1/tasks/bulk-process", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


class OperationTester:
    """Sends the generated requests as the administrator, and checks the responses."""

    def __init__(self, portal: BlockingPortal, client: Client, examples: int) -> None:
        self._portal = portal
        self._client = client
        self._budget = make_budget(examples)
        self._admin = portal.call(client.register, "admin@example.com")
        self._objects: dict[str, list[str]] = {}

    def probe(self, operation: Operation) -> None:
        """Test one operation with valid and invalid requests, on existing and missing objects."""
        # This needs a separate session, because some operations end it.
        self._admin = self._portal.call(self._client.log_in, "admin@example.com")
        self._portal.call(ensure_other_account, self._client)
        if "{" in operation.path or not self._objects:
            # An earlier operation may have deleted the objects.
            self._objects = self._portal.call(create_objects_for_paths, self._admin)
        for mode in list_modes(operation):

            @self._budget
            @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
            def attempt(case: Case, data: st.DataObject) -> None:
                self._try(case, data, self._objects)

            attempt()

    def _try(self, case: Case, data: st.DataObject, objects: dict[str, list[str]]) -> None:
        for name in case.path_parameters or ():
            existing = data.draw(st.none() | st.sampled_from(objects.get(name, [""])), label=name)
            if existing:
                case.path_parameters[name] = existing
        if case.path == "/api/v1/events" and isinstance(case.query, dict):
            # Other requests have no end or take long.
            case.query["seconds"] = 0
        # Nearly every generated workspace id is unknown.
        case.headers.pop("Taskstead-Workspace", None)
        case.headers.pop("Authorization", None)
        prepared = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
        answer: httpx2.Response = self._portal.call(
            partial(
                self._admin.request,
                prepared.method,
                prepared.url,
                headers=dict(prepared.headers),
                content=prepared.body,
            )
        )
        case.validate_response(answer, checks=CHECKS)
        if case.path.startswith("/auth/") and answer.status_code == 204:
            self._admin = self._portal.call(self._client.log_in, "admin@example.com")
        self._portal.call(ensure_other_account, self._client)


def list_modes(operation: Operation) -> Iterator[GenerationMode]:
    yield GenerationMode.POSITIVE
    if operation.body or operation.query or operation.path_parameters:
        yield GenerationMode.NEGATIVE


def make_budget(examples: int) -> hypothesis_settings:
    """Limit the number of requests for each operation and mode."""
    return hypothesis_settings(
        max_examples=int(EXAMPLES or examples),
        derandomize=EXAMPLES is None,
        deadline=None,
        database=None,
        # Shrinking takes long, so it is only done if more examples are requested.
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if EXAMPLES else [])],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize(
    ("engine", "examples"),
    [
        ("sqlite", 1),
        pytest.param("sqlite", 6, marks=pytest.mark.system),
        pytest.param("postgresql", 6, marks=pytest.mark.system),
    ],
    indirect=["engine"],
)
def test_each_response_conforms_to_the_document(settings: Settings, examples: int) -> None:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running(settings)) as (app, client),
    ):
        schema = schemathesis.openapi.from_dict(expand_operations(app.openapi()))
        tester = OperationTester(portal, client, examples)
        for result in schema.get_all_operations():
            assert isinstance(result, Ok), result
            tester.probe(result.ok())
