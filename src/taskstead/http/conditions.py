"""Conditional requests (RFC 9110, 13): entity tags out, and what comes back of them.

A thing's tag is strong and its revision, as ``"42"``. A list's is weak; see ``caching.py``. Where
no revision tells of all that a list shows, its tag is made of the answer: :func:`tag_list`.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from taskstead.db.statements import Row
from taskstead.errors import (
    AlreadyThereError,
    FieldError,
    PreconditionRequiredError,
    RevisionMismatchError,
    ValidationFailedError,
)
from taskstead.http.responses import build_json_response
from taskstead.http.state import Server
from taskstead.schemas.preconditions import (
    NO_PRECONDITION,
    Precondition,
    Revisions,
    make_etag,
)

# What a cache may do with an answer: keep it for this principal, and ask before using it.
CACHE_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, Taskstead-Workspace",
}

# For the responses of routes that read and write under conditions.
UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What the client has is what there is."}
}
CONDITIONAL = (RevisionMismatchError, AlreadyThereError, PreconditionRequiredError)

# With the comma behind it, and others: empty elements of a list mean nothing (RFC 9110, 5.6.1.2).
_TAG = re.compile(r'[\s,]*((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")\s*(?:,[\s,]*|\Z)')
# A write is about the task itself, so the counts of its sub-tasks do not matter.
_REVISION = re.compile(r'"([0-9]{1,18})(?:\.[0-9]+\.[0-9]+)?"\Z')


def read_precondition(request: Request) -> Precondition:
    """Return what a writing request asks for by If-Match and If-None-Match.

    Raises:
        ValidationFailedError: one of them is no list of entity tags.
        PreconditionRequiredError: it names none, and the server's settings want one.
    """
    match = _join_lines(request, "if-match")
    none_match = _join_lines(request, "if-none-match")
    if match is None and none_match is None:
        server: Server = request.app.state.server
        if server.settings.require_if_match:
            raise PreconditionRequiredError(
                "Send If-Match with the ETag that you have read"
                + (", or If-None-Match: * to create." if request.method == "PUT" else ".")
            )
        return NO_PRECONDITION
    return Precondition(
        has_match=match is not None,
        match=_read_revisions("If-Match", match),
        has_none_match=none_match is not None,
        none_match=_read_revisions("If-None-Match", none_match),
    )


def is_not_modified(request: Request, etag: str) -> bool:
    """Tell whether the client has the answer with this tag already (weak comparison)."""
    header = _join_lines(request, "if-none-match")
    if header is None:
        return False
    bare = etag.removeprefix("W/")
    return any(tag in ("*", bare) for tag in map(_strip_weakness, split_tags(header)))


def build_not_modified(etag: str) -> Response:
    """Answer 304: what you have is what there is."""
    return Response(status_code=304, headers={"ETag": etag, **CACHE_HEADERS})


def tag_list(request: Request, response: Response) -> Response:
    """Give a list the weak entity tag of what is in it, or answer 304.

    For lists that show what is in no workspace's log, as names of users. They are read all the
    same; what is spared is the way to the client.
    """
    etag = f'W/"{hashlib.blake2b(response.body, digest_size=9).hexdigest()}"'
    if is_not_modified(request, etag):
        return build_not_modified(etag)
    response.headers.update({"ETag": etag, **CACHE_HEADERS})
    return response


def build_thing(
    row: Row, data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with one thing and its entity tag.

    Args:
        row: what the thing was made of, with its ``revision``.
        data: the thing as JSON data.
        status: of the answer.
        headers: more of them.
    """
    tagged = {"ETag": make_etag(row), **(headers or {})}
    return build_json_response(data, status=status, headers=tagged)


def tag_thing(request: Request, row: Row, data: Any) -> Response:
    """Answer with one thing that is not kept, or 304 if the client has it."""
    etag = make_etag(row)
    if is_not_modified(request, etag):
        return build_not_modified(etag)
    return build_thing(row, data, headers=CACHE_HEADERS)


def split_tags(header: str) -> list[str]:
    """Return the entity tags of a header, or ``["*"]``; an empty list where it has another form."""
    if header.strip() == "*":
        return ["*"]
    tags = []
    place = 0
    while place < len(header):
        found = _TAG.match(header, place)
        if found is None:
            return []
        tags.append(found[1])
        place = found.end()
    return tags


def _join_lines(request: Request, name: str) -> str | None:
    """Return a header that is a list and may come in several lines (RFC 9110, 5.3)."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _strip_weakness(tag: str) -> str:
    return tag.removeprefix("W/")


def _read_revisions(name: str, header: str | None) -> Revisions:
    if header is None:
        return frozenset()
    tags = split_tags(header)
    if not tags:
        message = f'{name} has to be * or a list of entity tags in quotes, as "42".'
        raise ValidationFailedError(
            message, errors=[FieldError(f"header/{name}", message, "entity_tag")]
        )
    if tags == ["*"]:
        return None
    # A weak tag, or one that is not ours, matches nothing.
    return frozenset(int(found[1]) for tag in tags if (found := _REVISION.match(tag)))
