"""Shared parts of the OpenAPI document: headers, parameters and problem responses.

Parts that several operations use are stored once under ``components``, which keeps the document
small. The operations are first generated in full. The last step, :func:`share_components`, replaces
repeated parts by references.
"""

import http
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from taskstead.errors import PreconditionRequiredError
from taskstead.http.middleware.request_context import REQUEST_ID_HEADER
from taskstead.http.requests.authentication import WORKSPACE_HEADER
from taskstead.http.requests.idempotency import KEY_HEADER, KEY_PATTERN
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    ERROR_CODES,
    WORKSPACE_ERRORS,
    list_error_kinds,
)
from taskstead.http.responses.error_formats import ErrorFormat
from taskstead.http.responses.problem_details import MEDIA_TYPE

Document = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
# The error codes of the response `default`. They apply to any operation, to any operation with a
# body or to any operation that needs a token.
_DEFAULT_CODES = [
    kind.code
    for kind in (*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, PreconditionRequiredError)
]
# The approximate size in bytes of a reference to a shared field.
_REFERENCE_BYTES = 55
_TEXT = {"type": "string"}
_ETAG_LIST_PATTERN = r'^(\*|(W/)?"[!#-~]*"(, (W/)?"[!#-~]*")*)$'

WORKSPACE_PARAMETER = {
    "name": WORKSPACE_HEADER,
    "in": "header",
    "schema": {"type": "string", "format": "uuid"},
    "description": "The id of the workspace. Default: the workspace of the API token, or your "
    "personal workspace.",
}
KEY_PARAMETER = {
    "name": KEY_HEADER,
    "in": "header",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": "A unique text for this request, preferably a UUID. If you repeat the request "
    "with the same key, for example after a lost response, it is executed once and returns the "
    "same response.",
}
IF_NONE_MATCH_PARAMETER = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": _ETAG_LIST_PATTERN},
    "description": "The `ETag` of your copy. The response is 304 if the copy is current.",
}
IF_MATCH_PARAMETER = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": _ETAG_LIST_PATTERN},
    "description": "The `ETag` of the version that you want to change. If the resource has another "
    "version, the response is 412 and nothing is written.",
}
_RETRY_AFTER = {
    "description": "The number of seconds to wait before a retry.",
    "schema": {"type": "integer"},
}
# Header components. Operations refer to them.
HEADERS = {
    "ETag": {
        "description": 'Entity tag (RFC 9110). For a single resource, its revision: `"42"`.',
        "schema": _TEXT,
    },
    "RequestId": {
        "description": "The id of the request in the server log. If the request has a valid id in "
        "this header, the server uses it.",
        "schema": _TEXT,
    },
    "IdempotencyReplayed": {
        "description": "`true` if this is the stored response of an earlier request with the "
        "same key.",
        "schema": {"type": "string", "const": "true"},
    },
    "TasksteadRevision": {
        "description": "The revision of the workspace after the request.",
        "schema": {"type": "integer"},
        "example": 218,
    },
    "TasksteadBatch": {
        "description": "The batch id of the changes of this request in the change log. "
        "`POST /api/v1/batches/{batch_id}/undo` undoes them. Absent if nothing was changed.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "RateLimitPolicy": {
        "description": "The rate limit that applies to the request: its name, quota `q` and window "
        "`w` in seconds (draft-ietf-httpapi-ratelimit-headers-10).",
        "schema": _TEXT,
        "example": '"reads";q=6000;w=60',
    },
    "RateLimit": {
        "description": "The remaining quota `r` and the seconds `t` until it is reset.",
        "schema": _TEXT,
        "example": '"reads";r=5999;t=41',
    },
    "RetryAfter": _RETRY_AFTER,
    "WwwAuthenticate": {
        "description": "The required authentication scheme (RFC 6750).",
        "schema": _TEXT,
    },
    "Deprecation": {
        "description": "The time of deprecation, as `@` and a Unix timestamp (RFC 9745).",
        "schema": _TEXT,
    },
    "Sunset": {
        "description": "The time at which the operation will be removed (RFC 8594).",
        "schema": _TEXT,
    },
    "Successor": {
        "description": "The `successor-version` and other links (RFC 8288).",
        "schema": _TEXT,
    },
}


def get_header_reference(name: str) -> Document:
    """Return a reference to one of ``HEADERS``."""
    return {"$ref": f"#/components/headers/{name}"}


def list_operations(document: Document) -> Iterator[Document]:
    """Yield all operations of the document."""
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                yield path[method]


def complete_problem(response: Document, error_format: ErrorFormat | None) -> None:
    """Complete a response that has only its error codes.

    Args:
        response: the response.
        error_format: the error format of the operation; None for problem documents.
    """
    titles = _map_codes_to_titles()
    # The titles are only in the responses with problem documents. Other formats have the same
    # codes.
    response["description"] = "; ".join(
        f"`{code}`: {titles[code]}" if error_format is None else f"`{code}`"
        for code in response[ERROR_CODES]
    )
    name, media_type = (
        ("Problem", MEDIA_TYPE)
        if error_format is None
        else (error_format.model.__name__, "application/json")
    )
    response["content"] = {media_type: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


@cache
def _map_codes_to_titles() -> dict[str, str]:
    return {kind.code: kind.title for kind in list_error_kinds()}


def build_default(error_format: ErrorFormat | None) -> Document:
    """Return the ``default`` response: the errors that any operation may return.

    Args:
        error_format: as for :func:`complete_problem`.
    """
    response: Document = {
        ERROR_CODES: _DEFAULT_CODES,
        "headers": {
            REQUEST_ID_HEADER: get_header_reference("RequestId"),
            "WWW-Authenticate": get_header_reference("WwwAuthenticate"),
            "Retry-After": get_header_reference("RetryAfter"),
            "RateLimit-Policy": get_header_reference("RateLimitPolicy"),
            "RateLimit": get_header_reference("RateLimit"),
        },
    }
    complete_problem(response, error_format)
    response["description"] = f"Any other error. {response['description']}"
    del response[ERROR_CODES]
    return response


def share_components(document: Document) -> None:
    """Move repeated parts of operations and schemas to ``components``.

    Error responses and empty responses are always moved. Other responses, parameters and long
    fields are moved if they are used more than once.
    """
    operations = list(list_operations(document))
    components = document["components"]
    components["responses"] = _share_responses(operations)
    components["parameters"] = _share_parameters(operations)
    components["schemas"] |= _share_fields(components["schemas"])


def _share_responses(operations: list[Document]) -> dict[str, Document]:
    uses = Counter(
        msgspec.json.encode(response)
        for operation in operations
        for response in operation["responses"].values()
    )
    components = _Components("responses")
    for operation in operations:
        default = components.add("AnyError", operation["responses"].pop("default"))
        responses = {}
        for status, response in sorted(operation["responses"].items()):
            single = uses[msgspec.json.encode(response)] == 1
            codes = response.pop(ERROR_CODES, [])
            if not codes and "content" in response:
                name = f"{_name_content(response)}Answer"
                responses[status] = response if single else components.add(name, response)
            elif not codes or not _is_common(operation, status, codes):
                name = codes[0] if codes else http.HTTPStatus(int(status)).name
                responses[status] = components.add(_make_name(name), response)
        operation["responses"] = {**responses, "default": default}
    return components.items


def _is_common(operation: Document, status: str, codes: list[str]) -> bool:
    """Return whether the response ``default`` of an operation covers these errors."""
    # If the operation needs no token, a 401 is caused by the credentials in the body, and a 403 by
    # the operation itself. If it has a path parameter, a 404 may be caused by it. `default` does
    # not describe these.
    is_described = {
        "401": bool(operation["security"]),
        "403": bool(operation["security"]),
        "404": not any(one.get("in") == "path" for one in operation.get("parameters", ())),
    }
    return set(codes) <= set(_DEFAULT_CODES) and is_described.get(status, True)


def _name_content(response: Document) -> str:
    """Return the schema name of a response, or of the items of its array."""
    schema = next(iter(response["content"].values())).get("schema", {})
    reference: str = schema.get("items", schema).get("$ref", "")
    return reference.rpartition("/")[2]


def _share_parameters(operations: list[Document]) -> dict[str, Document]:
    uses = Counter(
        msgspec.json.encode(parameter)
        for operation in operations
        for parameter in operation.get("parameters", ())
    )
    components = _Components("parameters")
    for operation in operations:
        for index, parameter in enumerate(operation.get("parameters", ())):
            if uses[msgspec.json.encode(parameter)] > 1:
                reference = components.add(_make_name(parameter["name"]), parameter)
                operation["parameters"][index] = reference
    return components.items


def _share_fields(schemas: dict[str, Document]) -> dict[str, Document]:
    """Replace equal fields of several schemas by references where that saves space."""
    fields = [
        (schema["properties"], name, msgspec.json.encode(field))
        for schema in schemas.values()
        for name, field in schema.get("properties", {}).items()
        if "description" in field
    ]
    uses = Counter(encoded for _, _, encoded in fields)
    components = _Components("schemas")
    for properties, name, encoded in fields:
        saved = (uses[encoded] - 1) * len(encoded) - (uses[encoded] + 1) * _REFERENCE_BYTES
        if saved > 0:
            properties[name] = components.add(f"{_make_name(name)}Field", properties[name])
    return components.items


def _make_name(text: str) -> str:
    """Return a code or header name as a component name: ``not_found`` becomes ``NotFound``."""
    return "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", text))


class _Components:
    """The components of one kind.

    Equal items are stored once. Different items with the same name are numbered.
    """

    def __init__(self, kind: str) -> None:
        self.items: dict[str, Document] = {}
        self._kind = kind
        self._names: dict[bytes, str] = {}

    def add(self, name: str, item: Document) -> Document:
        """Store an item and return a reference to it."""
        key = name.encode() + msgspec.json.encode(item)
        if key not in self._names:
            number = sum(existing.rstrip("0123456789") == name for existing in self.items) + 1
            self._names[key] = name if number == 1 else f"{name}{number}"
            self.items[self._names[key]] = item
        return {"$ref": f"#/components/{self._kind}/{self._names[key]}"}
