"""Entity tags and preconditions of conditional requests (RFC 9110, section 13).

The tag of a single resource is strong and contains its revision, for example ``"42"``. The tag of a
list is weak and contains the revision of the workspace; see ``response_cache.py``. Some lists
contain data that can change without a new revision. Their tag is a hash of the response; see
:func:`add_list_etag`.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from taskstead.errors import (
    AlreadyExistsError,
    FieldError,
    PreconditionRequiredError,
    RevisionMismatchError,
    ValidationFailedError,
)
from taskstead.http.app_state import Server
from taskstead.http.responses.json import build_json_response
from taskstead.services.preconditions import (
    NO_PRECONDITION,
    Precondition,
    Revisions,
    make_etag,
)
from taskstead.tables.rows import RevisedRow

# Caches may store a response for this user only and must revalidate it before each use.
CACHE_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, Cookie, Taskstead-Workspace",
}

# For the OpenAPI document: the 304 response of conditional reads, and the errors of conditional
# writes.
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client's copy is current."}
}
PRECONDITION_ERRORS = (RevisionMismatchError, AlreadyExistsError, PreconditionRequiredError)

# One entity tag of a list. The pattern includes the commas around it, because empty list elements
# are ignored (RFC 9110, section 5.6.1.2).
_TAG_PATTERN = re.compile(r'[\s,]*((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")\s*(?:,[\s,]*|\Z)')
# The revision in an entity tag. The tag of a task may end with the counts of its sub-tasks. They
# are ignored, because a write changes only the task itself.
_REVISION_PATTERN = re.compile(r'"([0-9]{1,18})(?:\.[0-9]+\.[0-9]+)?"\Z')


def read_precondition(request: Request) -> Precondition:
    """Return the precondition in the If-Match and If-None-Match headers of a write.

    Raises:
        ValidationFailedError: a header is not a list of entity tags.
        PreconditionRequiredError: the settings require a precondition and the request has none.
    """
    match = _get_combined_header(request, "if-match")
    none_match = _get_combined_header(request, "if-none-match")
    if match is None and none_match is None:
        server: Server = request.app.state.server
        if server.settings.require_if_match:
            raise PreconditionRequiredError(
                "Send If-Match with the ETag from your last read"
                + (", or If-None-Match: * to create." if request.method == "PUT" else ".")
            )
        return NO_PRECONDITION
    return Precondition(
        has_match=match is not None,
        match=_parse_revisions("If-Match", match),
        has_none_match=none_match is not None,
        none_match=_parse_revisions("If-None-Match", none_match),
    )


def is_not_modified(request: Request, etag: str) -> bool:
    """Return whether If-None-Match contains this tag (weak comparison)."""
    header = _get_combined_header(request, "if-none-match")
    if header is None:
        return False
    opaque_tag = etag.removeprefix("W/")
    return any(tag in ("*", opaque_tag) for tag in map(_strip_weak_prefix, split_tags(header)))


def build_not_modified(etag: str) -> Response:
    """Return a 304 response. The copy of the client is current."""
    return Response(status_code=304, headers={"ETag": etag, **CACHE_HEADERS})


def add_list_etag(request: Request, response: Response) -> Response:
    """Set a weak entity tag that is a hash of the response, or return a 304.

    It is used for lists with data outside the change log, such as user names. A 304 saves the
    transfer but not the database read.
    """
    etag = f'W/"{hashlib.blake2b(response.body, digest_size=9).hexdigest()}"'
    if is_not_modified(request, etag):
        return build_not_modified(etag)
    response.headers.update({"ETag": etag, **CACHE_HEADERS})
    return response


def build_resource(
    row: RevisedRow,
    data: Any,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response with one resource and its entity tag.

    Args:
        row: the row of the resource, with its ``revision``.
        data: the JSON data of the resource.
        status: the status code.
        headers: additional headers.
    """
    all_headers = {"ETag": make_etag(row), **(headers or {})}
    return build_json_response(data, status=status, headers=all_headers)


def build_conditional_resource(request: Request, row: RevisedRow, data: Any) -> Response:
    """Return a response with one uncached resource, or a 304 if the client's copy is current."""
    etag = make_etag(row)
    if is_not_modified(request, etag):
        return build_not_modified(etag)
    return build_resource(row, data, headers=CACHE_HEADERS)


def split_tags(header: str) -> list[str]:
    """Return the entity tags of a header, or ``["*"]``; an empty list if the header is invalid."""
    if header.strip() == "*":
        return ["*"]
    tags = []
    position = 0
    while position < len(header):
        match = _TAG_PATTERN.match(header, position)
        if match is None:
            return []
        tags.append(match[1])
        position = match.end()
    return tags


def _get_combined_header(request: Request, name: str) -> str | None:
    """Return a list header, with repeated field lines combined (RFC 9110, section 5.3)."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _strip_weak_prefix(tag: str) -> str:
    return tag.removeprefix("W/")


def _parse_revisions(name: str, header: str | None) -> Revisions:
    if header is None:
        return frozenset()
    tags = split_tags(header)
    if not tags:
        message = f'{name} must be * or a list of quoted entity tags, for example "42".'
        raise ValidationFailedError(
            message, errors=[FieldError(f"header/{name}", message, "entity_tag")]
        )
    if tags == ["*"]:
        return None
    # A weak tag, or a tag that this server does not issue, matches nothing.
    return frozenset(int(match[1]) for tag in tags if (match := _REVISION_PATTERN.match(tag)))
