"""The OpenAPI document: FastAPI's, with what it cannot know or says wrongly put right."""

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from taskstead.api.answer_examples import ANSWER_EXAMPLES
from taskstead.api.body_examples import BODY_EXAMPLES
from taskstead.errors import (
    AnswerNotKeptError,
    IdempotencyKeyReusedError,
    RequestUnderWayError,
)
from taskstead.http.batch_headers import BATCH_HEADER, REVISION_HEADER
from taskstead.http.caller import WORKSPACE_HEADER
from taskstead.http.context import REQUEST_ID_HEADER
from taskstead.http.idempotency import KEY_HEADER, KEY_PATTERN, REPLAYED_HEADER
from taskstead.http.problems import MEDIA_TYPE, document_problems
from taskstead.http.routes import Route

Document = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_WORKSPACE = {
    "name": WORKSPACE_HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "format": "uuid"},
    "description": "The workspace to act in; left out: the API token's or the personal one.",
}
_KEY = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": "A text of your choice, best a UUID, that names this request. Repeated with the "
    "same key, also after its answer was lost, it is done once, and the answer is the same.",
}
_TEXT = {"type": "string"}
_TAGS = r'^(\*|(W/)?"[!#-~]*"(, (W/)?"[!#-~]*")*)$'
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": _TAGS},
    "description": "The `ETag` of the answer that the client has; 304 tells that it still holds.",
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": _TAGS},
    "description": "The `ETag` of what the client goes on from; 412 tells that it has changed "
    "meanwhile, and nothing is done.",
}
_ETAG = {
    "description": 'Entity tag (RFC 9110): of a thing its revision, as `"42"`.',
    "schema": _TEXT,
}
_REQUEST_ID = {
    "description": "The id of the request in the server's log; one that a request brings is kept.",
    "schema": _TEXT,
}
# Headers of problems by their status.
_HEADERS = {
    "401": {
        "WWW-Authenticate": {"description": "How to prove who you are (RFC 6750).", "schema": _TEXT}
    },
    "409": {
        "Retry-After": {
            "description": "With `request_under_way`: seconds to wait before trying again.",
            "schema": {"type": "integer"},
        }
    },
    "429": {
        "Retry-After": {
            "description": "Seconds to wait before trying again.",
            "schema": {"type": "integer"},
        }
    },
    "503": {
        "Retry-After": {
            "description": "Seconds to wait before trying again.",
            "schema": {"type": "integer"},
        }
    },
}
# Of answers of operations that take an idempotency key.
_REPLAYED = {
    "description": "`true`: the request was done before, and this is its answer.",
    "schema": {"type": "string", "const": "true"},
}
# Of answers of operations that write to a workspace.
_REVISION = {
    "description": "The revision of the workspace after the request.",
    "schema": {"type": "integer"},
    "example": 218,
}
_BATCH = {
    "description": "The id under which the log holds the changes of the request; "
    "`POST /api/v1/batches/{batch_id}/undo` undoes them. Missing if nothing was changed.",
    "schema": {"type": "string", "format": "uuid"},
}
_KEY_PROBLEMS = document_problems(
    RequestUnderWayError, AnswerNotKeptError, IdempotencyKeyReusedError
)
# Of all answers of operations that are limited, but for those that come before anything is counted.
_LIMIT_HEADERS = {
    "RateLimitPolicy": {
        "description": "The limit that the request was counted under: its name, quota `q` and "
        "window `w` in seconds (draft-ietf-httpapi-ratelimit-headers-10).",
        "schema": _TEXT,
        "example": '"reads";q=6000;w=60',
    },
    "RateLimit": {
        "description": "What remains, `r`, and for how many seconds, `t`.",
        "schema": _TEXT,
        "example": '"reads";r=5999;t=41',
    },
}
# Of all answers of deprecated operations.
_RETIREMENT_HEADERS = {
    "Deprecation": {
        "description": "Since when, as `@` and a Unix time (RFC 9745).",
        "schema": _TEXT,
    },
    "Sunset": {"description": "Until when it works (RFC 8594).", "schema": _TEXT},
    "Link": {
        "description": "Its `successor-version`, and other links (RFC 8288).",
        "schema": _TEXT,
    },
}


def document_api(app: FastAPI) -> None:
    """Have the application serve the document that this module builds, once it is asked for."""

    def get_document() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = build_document(app)
        return app.openapi_schema

    app.openapi = get_document  # type: ignore[method-assign] # as FastAPI's documentation has it


def build_document(app: FastAPI) -> Document:
    """Build the OpenAPI document of the application's routes."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        separate_input_output_schemas=app.separate_input_output_schemas,
    )
    document["paths"] = _order_paths(document["paths"])
    components = document["components"]
    components["parameters"] = {"Workspace": _WORKSPACE, "IdempotencyKey": _KEY}
    components["headers"] = {
        "RequestId": _REQUEST_ID,
        "IdempotencyReplayed": _REPLAYED,
        "TasksteadRevision": _REVISION,
        "TasksteadBatch": _BATCH,
        **_LIMIT_HEADERS,
    }
    for name, example in (BODY_EXAMPLES | ANSWER_EXAMPLES).items():
        components["schemas"][name]["examples"] = [example]
    for operation in _list_keyed(app, document):
        _document_key(operation)
        if _writes_to_workspace(operation):
            _document_batch(operation)
    for operation in _list_operations(document):
        _document_conditions(operation)
        operation["operationId"] = make_operation_id(operation["summary"])
        if _acts_in_workspace(operation):
            reference = {"$ref": "#/components/parameters/Workspace"}
            operation.setdefault("parameters", []).append(reference)
        for status, response in operation["responses"].items():
            _complete_response(status, response)
            if operation.get("deprecated"):
                response["headers"] |= _RETIREMENT_HEADERS
            if "429" in operation["responses"]:
                response["headers"] |= {
                    "RateLimit-Policy": {"$ref": "#/components/headers/RateLimitPolicy"},
                    "RateLimit": {"$ref": "#/components/headers/RateLimit"},
                }
    return document


def _order_paths(paths: Document) -> Document:
    """Order paths by tag, as the routers come, and then by name, as people read.

    Routers come as they have to be matched: ``/tasks/stats`` before ``/tasks/{task}``.
    """
    first = {path: next(iter(item.values()))["tags"][0] for path, item in paths.items()}
    tags = list(dict.fromkeys(first.values()))
    return {
        path: paths[path]
        for path in sorted(paths, key=lambda path: (tags.index(first[path]), path))
    }


def make_operation_id(summary: str) -> str:
    """Make the name that generated clients give to the call: "Create task" is ``create_task``."""
    return "_".join(re.findall("[a-z0-9]+", summary.lower()))


def _list_operations(document: Document) -> Iterator[Document]:
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                yield path[method]


def _list_keyed(app: FastAPI, document: Document) -> Iterator[Document]:
    for route in app.routes:
        if isinstance(route, Route) and route.takes_key and route.include_in_schema:
            for method in route.methods or ():
                yield document["paths"][route.path_format][method.lower()]


def _document_key(operation: Document) -> None:
    reference = {"$ref": "#/components/parameters/IdempotencyKey"}
    operation.setdefault("parameters", []).append(reference)
    responses = operation["responses"]
    for status, response in responses.items():
        if status < "300":
            replayed = {"$ref": "#/components/headers/IdempotencyReplayed"}
            response.setdefault("headers", {})[REPLAYED_HEADER] = replayed
    for code, problem in _KEY_PROBLEMS.items():
        status = str(code)
        if status in responses:
            responses[status]["description"] += "; " + problem["description"]
        else:
            responses[status] = {name: problem[name] for name in ("description", "content")}


def _document_conditions(operation: Document) -> None:
    """Tell of entity tags where an operation answers 304 or 428."""
    responses = operation["responses"]
    if "304" in responses:
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
        for status in ("200", "304"):
            responses[status].setdefault("headers", {})["ETag"] = _ETAG
    if "428" in responses:
        operation.setdefault("parameters", []).append(_IF_MATCH)
        responses["412"].setdefault("headers", {})["ETag"] = _ETAG
        for status in {"200", "201"}.intersection(responses):
            responses[status].setdefault("headers", {})["ETag"] = _ETAG


def _document_batch(operation: Document) -> None:
    for status, response in operation["responses"].items():
        # What is accepted with 202 is done later.
        if status < "300" and status != "202":
            response.setdefault("headers", {}).update(
                {
                    REVISION_HEADER: {"$ref": "#/components/headers/TasksteadRevision"},
                    BATCH_HEADER: {"$ref": "#/components/headers/TasksteadBatch"},
                }
            )


def _writes_to_workspace(operation: Document) -> bool:
    if operation["tags"] == ["jobs"]:
        return False
    return _acts_in_workspace(operation) or operation["tags"] == ["workspaces"]


def _acts_in_workspace(operation: Document) -> bool:
    ways = [scopes for way in operation.get("security", ()) for scopes in way.values()]
    return any(scope.startswith("tasks:") for scopes in ways for scope in scopes)


def _complete_response(status: str, response: Document) -> None:
    headers = response.setdefault("headers", {})
    headers[REQUEST_ID_HEADER] = {"$ref": "#/components/headers/RequestId"}
    content = response.get("content", {})
    if MEDIA_TYPE in content:
        # FastAPI announces every model as the route's own media type besides the one we name.
        content.pop("application/json", None)
        headers |= _HEADERS.get(status, {})
