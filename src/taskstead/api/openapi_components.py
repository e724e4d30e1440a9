"""Shared parts of the OpenAPI document: headers, parameters and problem responses.

What several operations have in common stands once under ``components``, so that the document stays
small. Operations are written in full first; sharing is the last step.
"""

import http
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from taskstead.errors import ValidationFailedError
from taskstead.http.authentication import WORKSPACE_HEADER
from taskstead.http.context import REQUEST_ID_HEADER
from taskstead.http.idempotency import KEY_HEADER, KEY_PATTERN
from taskstead.http.legacy_errors import LEGACY_MEDIA_TYPE, find_error_shape
from taskstead.http.problems import ANYWHERE, ERROR_CODES, MEDIA_TYPE, list_error_kinds

Document = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
# What any operation may answer with: `default` stands for it. Which values are not allowed is for
# each operation to say.
_ANYWHERE = [kind.code for kind in ANYWHERE if kind is not ValidationFailedError]
# In bytes. A reference to a component takes about 50.
_SHORTEST_SHARED_FIELD = 110
_TEXT = {"type": "string"}
_TAGS = r'^(\*|(W/)?"[!#-~]*"(, (W/)?"[!#-~]*")*)$'

WORKSPACE = {
    "name": WORKSPACE_HEADER,
    "in": "header",
    "schema": {"type": "string", "format": "uuid"},
    "description": "The workspace to act in; left out: the API token's or the personal one.",
}
IDEMPOTENCY_KEY = {
    "name": KEY_HEADER,
    "in": "header",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": "A text of your choice, best a UUID, that names this request. Repeated with the "
    "same key, also after its answer was lost, it is done once, and the answer is the same.",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": _TAGS},
    "description": "The `ETag` of the answer that the client has; 304 tells that it still holds.",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": _TAGS},
    "description": "The `ETag` of what the client goes on from; 412 tells that it has changed "
    "meanwhile, and nothing is done.",
}
_WAIT = {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}}
# Each stands once in the document, whichever operations name it.
HEADERS = {
    "ETag": {
        "description": 'Entity tag (RFC 9110): of a thing its revision, as `"42"`.',
        "schema": _TEXT,
    },
    "RequestId": {
        "description": "The id of the request in the server's log; one that a request brings is "
        "kept.",
        "schema": _TEXT,
    },
    "IdempotencyReplayed": {
        "description": "`true`: the request was done before, and this is its answer.",
        "schema": {"type": "string", "const": "true"},
    },
    "TasksteadRevision": {
        "description": "The revision of the workspace after the request.",
        "schema": {"type": "integer"},
        "example": 218,
    },
    "TasksteadBatch": {
        "description": "The id under which the log holds the changes of the request; "
        "`POST /api/v1/batches/{batch_id}/undo` undoes them. Missing if nothing was changed.",
        "schema": {"type": "string", "format": "uuid"},
    },
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
    "RetryAfter": _WAIT,
    "WwwAuthenticate": {
        "description": "How to prove who you are (RFC 6750).",
        "schema": _TEXT,
    },
    "Deprecation": {
        "description": "Since when, as `@` and a Unix time (RFC 9745).",
        "schema": _TEXT,
    },
    "Sunset": {"description": "Until when it works (RFC 8594).", "schema": _TEXT},
    "Successor": {
        "description": "Its `successor-version`, and other links (RFC 8288).",
        "schema": _TEXT,
    },
}


def refer_to_header(name: str) -> Document:
    """Return a reference to one of ``HEADERS``."""
    return {"$ref": f"#/components/headers/{name}"}


def list_operations(document: Document) -> Iterator[Document]:
    """Yield all operations of the document."""
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                yield path[method]


def complete_problem(response: Document, path: str = "") -> None:
    """Describe a response that is known by its error codes alone.

    Args:
        response: the response.
        path: of the operation; those of the earlier APIs have shapes of their own.
    """
    titles = _list_titles()
    shape = find_error_shape(path)
    # The earlier APIs have the same codes: the current API's responses say what they mean.
    response["description"] = "; ".join(
        f"`{code}`: {titles[code]}" if shape is None else f"`{code}`"
        for code in response[ERROR_CODES]
    )
    name, media_type = (
        ("Problem", MEDIA_TYPE) if shape is None else (shape.model.__name__, LEGACY_MEDIA_TYPE)
    )
    response["content"] = {media_type: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


@cache
def _list_titles() -> dict[str, str]:
    return {kind.code: kind.title for kind in list_error_kinds()}


def build_default(path: str = "") -> Document:
    """Return the response that stands for the errors that any operation may have.

    Args:
        path: as for :func:`complete_problem`.
    """
    response: Document = {
        ERROR_CODES: _ANYWHERE,
        "headers": {
            REQUEST_ID_HEADER: refer_to_header("RequestId"),
            "Retry-After": refer_to_header("RetryAfter"),
            "RateLimit-Policy": refer_to_header("RateLimitPolicy"),
            "RateLimit": refer_to_header("RateLimit"),
        },
    }
    complete_problem(response, path)
    response["description"] = f"Any other error. {response['description']}"
    del response[ERROR_CODES]
    return response


def share_components(document: Document) -> None:
    """Move what several operations or shapes have in common to ``components``.

    That is errors, empty answers, and other answers, parameters and long fields that are used more
    than once.
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
    shelf = _Shelf("responses")
    for operation in operations:
        default = shelf.put("AnyError", operation["responses"].pop("default"))
        responses = {}
        for status, response in sorted(operation["responses"].items()):
            single = uses[msgspec.json.encode(response)] == 1
            codes = response.pop(ERROR_CODES, [])
            if not codes and "content" in response:
                name = f"{_name_content(response)}Answer"
                responses[status] = response if single else shelf.put(name, response)
            elif not codes or not set(codes) <= set(_ANYWHERE):
                name = codes[0] if codes else http.HTTPStatus(int(status)).name
                responses[status] = shelf.put(_make_name(name), response)
        operation["responses"] = {**responses, "default": default}
    return shelf.items


def _name_content(response: Document) -> str:
    """Return the name of the shape that a response has, or of those in its array."""
    schema = next(iter(response["content"].values())).get("schema", {})
    reference: str = schema.get("items", schema).get("$ref", "")
    return reference.rpartition("/")[2]


def _share_parameters(operations: list[Document]) -> dict[str, Document]:
    uses = Counter(
        msgspec.json.encode(parameter)
        for operation in operations
        for parameter in operation.get("parameters", ())
    )
    shelf = _Shelf("parameters")
    for operation in operations:
        for place, parameter in enumerate(operation.get("parameters", ())):
            if uses[msgspec.json.encode(parameter)] > 1:
                shared = shelf.put(_make_name(parameter["name"]), parameter)
                operation["parameters"][place] = shared
    return shelf.items


def _share_fields(schemas: dict[str, Document]) -> dict[str, Document]:
    """Replace equal fields of several shapes by references, where these are much shorter."""
    fields = [
        (shape["properties"], name, msgspec.json.encode(field))
        for shape in schemas.values()
        for name, field in shape.get("properties", {}).items()
        if "description" in field
    ]
    uses = Counter(encoded for _, _, encoded in fields)
    shelf = _Shelf("schemas")
    for properties, name, encoded in fields:
        if uses[encoded] > 1 and len(encoded) >= _SHORTEST_SHARED_FIELD:
            properties[name] = shelf.put(f"{_make_name(name)}Field", properties[name])
    return shelf.items


def _make_name(text: str) -> str:
    """Return ``not_found`` or ``NO_CONTENT`` or ``If-Match`` as ``NotFound`` and the like."""
    return "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", text))


class _Shelf:
    """One kind of components: those that are equal are one, others of a name are numbered."""

    def __init__(self, kind: str) -> None:
        self.items: dict[str, Document] = {}
        self._kind = kind
        self._names: dict[bytes, str] = {}

    def put(self, name: str, item: Document) -> Document:
        """Keep an item; return a reference to it."""
        key = name.encode() + msgspec.json.encode(item)
        if key not in self._names:
            number = sum(kept.rstrip("0123456789") == name for kept in self.items) + 1
            self._names[key] = name if number == 1 else f"{name}{number}"
            self.items[self._names[key]] = item
        return {"$ref": f"#/components/{self._kind}/{self._names[key]}"}
