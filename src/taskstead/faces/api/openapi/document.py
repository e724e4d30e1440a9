"""The OpenAPI document. It is built from the routes once per process and cached as bytes."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from taskstead.domain.principal import SCOPES
from taskstead.errors import (
    IdempotencyKeyReusedError,
    RequestInProgressError,
    ResponseNotStoredError,
)
from taskstead.faces.api.openapi.answer_examples import RESPONSE_EXAMPLES
from taskstead.faces.api.openapi.body_examples import REQUEST_EXAMPLES
from taskstead.faces.api.openapi.components import (
    HEADERS,
    IF_MATCH_PARAMETER,
    IF_NONE_MATCH_PARAMETER,
    KEY_PARAMETER,
    WORKSPACE_PARAMETER,
    Document,
    build_default,
    complete_problem,
    get_header_reference,
    share_components,
)
from taskstead.faces.api.openapi.operations import BEARER_SCHEME, PASSWORD_SCHEME, build_operation
from taskstead.faces.api.openapi.schemas import Schemas
from taskstead.http.requests.authentication import TOKEN_PATH
from taskstead.http.requests.idempotency import REPLAYED_HEADER
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.batch_headers import BATCH_HEADER, REVISION_HEADER
from taskstead.http.responses.documented_errors import ERROR_CODES, document_problems
from taskstead.http.responses.error_formats import ErrorFormat, find_error_format
from taskstead.http.responses.etags import build_not_modified, is_not_modified
from taskstead.schemas.problems import Problem

OPENAPI_PATH = "/openapi.json"
OPENAPI_VERSION = "3.1.0"
# In the order of the documentation.
TAGS = {
    "tasks": "Create, find, change, move, import and export one or many tasks.",
    "repeating tasks": "Complete or skip occurrences, list them, and preview rules.",
    "filters": "The filter language of task lists, statistics and exports, and saved filters.",
    "trash": "Deleted tasks, which can be restored until they are purged.",
    "categories": "Categories of tasks. A task has at most one category.",
    "tags": "Tags of tasks. A task can have many tags.",
    "history": "The change log of a workspace, and undo.",
    "sync": "Changes after a revision, and live events, for clients that keep a copy.",
    "jobs": "Background jobs: progress and cancellation.",
    "workspaces": "Workspaces and their members.",
    "account": "Registration, login, profile and API tokens.",
    "administration": "Users, invitations, jobs and the audit log of the whole server.",
    "health": "Health checks of the server.",
    "operation": "Metrics and connection pools, for operators.",
    "predecessors": "Deprecated operations of earlier to-do APIs.",
}
_SECURITY_SCHEMES = {
    PASSWORD_SCHEME: {
        "type": "oauth2",
        "flows": {"password": {"tokenUrl": TOKEN_PATH, "scopes": SCOPES}},
        "description": "Log in with e-mail address and password.",
    },
    BEARER_SCHEME: {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token from `/api/v1/tokens`, or an access token from `/auth/login`.",
    },
}
_KEY_RESPONSES = document_problems(
    RequestInProgressError, ResponseNotStoredError, IdempotencyKeyReusedError
)


class _Encoded(NamedTuple):
    """The encoded document."""

    content: bytes
    etag: str


class DocumentCache:
    """Builds the document on first use and caches it; safe to use from several threads."""

    def __init__(self, build: Callable[[], Document]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._document: Document | None = None
        self._encoded: _Encoded | None = None

    def get(self) -> Document:
        """Return the document."""
        with self._lock:
            if self._document is None:
                self._document = self._build()
            return self._document

    async def encode(self) -> _Encoded:
        """Return the document as JSON. The first call builds it in a thread, since that is slow."""
        if self._encoded is None:
            document = await asyncio.to_thread(self.get)
            content = msgspec.json.encode(document)
            digest = hashlib.blake2b(content, digest_size=12).hexdigest()
            self._encoded = _Encoded(content, f'"{digest}"')
        return self._encoded


def document_api(app: FastAPI, error_formats: Sequence[ErrorFormat] = ()) -> None:
    """Add a route that serves the OpenAPI document of the application.

    Args:
        app: the application.
        error_formats: the error formats that replace problem documents under some paths.
    """
    cache = DocumentCache(lambda: build_document(app, error_formats))

    async def get_document(request: Request) -> Response:
        encoded = await cache.encode()
        if is_not_modified(request, encoded.etag):
            return build_not_modified(encoded.etag)
        headers = {"ETag": encoded.etag, "Cache-Control": "no-cache"}
        return Response(encoded.content, 200, headers, "application/json")

    app.add_route(OPENAPI_PATH, get_document, include_in_schema=False)
    app.openapi = cache.get  # type: ignore[method-assign] # the method that FastAPI documents


def build_document(app: FastAPI, error_formats: Sequence[ErrorFormat]) -> Document:
    """Build the OpenAPI document of the application's routes."""
    schemas = Schemas()
    for model in (Problem, *(error_format.model for error_format in error_formats)):
        schemas.render(model)
    paths: dict[str, Document] = {}
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = build_operation(route, schemas)
                error_format = find_error_format(error_formats, route.path_format)
                _complete_operation(operation, route, error_format)
                paths.setdefault(route.path_format, {})[method.lower()] = operation
    schemas.finalize()
    for name, example in (REQUEST_EXAMPLES | RESPONSE_EXAMPLES).items():
        schemas.components[name]["examples"] = [example]
    document: Document = {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": app.title,
            "version": app.version,
            "description": app.description,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": _order_paths(paths),
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "securitySchemes": _SECURITY_SCHEMES,
            "headers": HEADERS,
        },
    }
    share_components(document)
    return document


def _order_paths(paths: Document) -> Document:
    """Sort the paths by tag and then by name.

    The routes are in matching order, for example ``/tasks/stats`` before ``/tasks/{task}``. That
    order would be confusing for readers.
    """
    tags = list(TAGS)
    first_tag = {path: next(iter(item.values()))["tags"][0] for path, item in paths.items()}
    return {
        path: paths[path]
        for path in sorted(paths, key=lambda path: (tags.index(first_tag[path]), path))
    }


def _complete_operation(
    operation: Document, route: APIRoute, error_format: ErrorFormat | None
) -> None:
    """Add the parameters, problem responses and headers that depend on the kind of route."""
    responses = operation["responses"]
    if isinstance(route, Route) and route.accepts_key:
        _document_idempotency(operation)
        if _writes_to_workspace(operation):
            _document_batch_headers(operation)
    _document_preconditions(operation)
    if _acts_in_workspace(operation):
        _add_parameter(operation, WORKSPACE_PARAMETER)
    for status, response in responses.items():
        if ERROR_CODES in response:
            complete_problem(response, error_format)
            _document_problem_headers(status, response)
        elif operation.get("deprecated"):
            _add_header_to(response, "Deprecation", "Deprecation")
            _add_header_to(response, "Sunset", "Sunset")
            _add_header_to(response, "Link", "Successor")
    responses["default"] = build_default(error_format)


def _document_problem_headers(status: str, response: Document) -> None:
    if status == "401":
        _add_header_to(response, "WWW-Authenticate", "WwwAuthenticate")
    if status in ("429", "503") or RequestInProgressError.code in response[ERROR_CODES]:
        _add_header_to(response, "Retry-After", "RetryAfter")


def _add_parameter(operation: Document, parameter: Document) -> None:
    operation.setdefault("parameters", []).append(parameter)


def _add_header(operation: Document, name: str, header: str, *statuses: str) -> None:
    for status in statuses:
        if status in operation["responses"]:
            _add_header_to(operation["responses"][status], name, header)


def _add_header_to(response: Document, name: str, header: str) -> None:
    response.setdefault("headers", {})[name] = get_header_reference(header)


def _list_success_statuses(operation: Document) -> Iterator[str]:
    return (status for status in operation["responses"] if status < "300")


def _document_idempotency(operation: Document) -> None:
    _add_parameter(operation, KEY_PARAMETER)
    _add_header(
        operation, REPLAYED_HEADER, "IdempotencyReplayed", *_list_success_statuses(operation)
    )
    for status, problem in _KEY_RESPONSES.items():
        response = operation["responses"].setdefault(str(status), {ERROR_CODES: []})
        response[ERROR_CODES] = [*response[ERROR_CODES], *problem[ERROR_CODES]]


def _document_preconditions(operation: Document) -> None:
    """Document entity tags for operations with a 304 or 428 response."""
    if "304" in operation["responses"]:
        _add_parameter(operation, IF_NONE_MATCH_PARAMETER)
        _add_header(operation, "ETag", "ETag", "200", "304")
    if "428" in operation["responses"]:
        _add_parameter(operation, IF_MATCH_PARAMETER)
        _add_header(operation, "ETag", "ETag", "200", "201", "412")


def _document_batch_headers(operation: Document) -> None:
    # A job accepted with 202 writes its changes later.
    statuses = [status for status in _list_success_statuses(operation) if status != "202"]
    _add_header(operation, REVISION_HEADER, "TasksteadRevision", *statuses)
    _add_header(operation, BATCH_HEADER, "TasksteadBatch", *statuses)


def _writes_to_workspace(operation: Document) -> bool:
    if operation["tags"] == ["jobs"]:
        return False
    return _acts_in_workspace(operation) or operation["tags"] == ["workspaces"]


def _acts_in_workspace(operation: Document) -> bool:
    scopes = [scope for way in operation["security"] for scopes in way.values() for scope in scopes]
    return any(scope.startswith("tasks:") for scope in scopes)
