"""Answers that are kept: what a request was answered in one state of its workspace.

Each answer belongs to a workspace at a revision, so it is never stale: the next change makes the
next revision, under which nothing is kept yet. Two answers differ in their ``key``, which holds all
that an answer is made from besides the workspace's content: parameters, filters with their times
resolved, the principal's own id where the filter names it.

An answer may be newer than the revision it is kept under, when a change came between the two
reads; never older.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response

from taskstead.clock import get_now
from taskstead.http.conditions import CACHE_HEADERS, build_not_modified, is_not_modified
from taskstead.http.state import Server
from taskstead.queries.principals import Principal

_KEPT_HEADERS = ("etag", "link")


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """An answer with status 200 as it is kept."""

    body: bytes
    media_type: str
    headers: dict[str, str]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Kept)


def get_bucketed_now() -> datetime:
    """Return the present minute: what is relative to now is so to the minute, and can be kept."""
    return get_now().replace(second=0, microsecond=0)


async def answer_list(
    request: Request,
    server: Server,
    principal: Principal,
    key: Any,
    build: Callable[[], Awaitable[Response]],
) -> Response:
    """Answer with what depends on the workspace and the key alone: 304, kept, or built now.

    Its weak entity tag is made of workspace, revision and key, so that 304 needs no read at all.

    Args:
        request: the request.
        server: the running application's parts.
        principal: who asks; their revision is the one that counts.
        key: what tells this answer from others of the workspace; anything msgspec encodes.
        build: makes the answer.
    """
    digest = _digest(principal, key)
    etag = f'W/"{principal.revision}-{digest[:6].hex()}"'
    if is_not_modified(request, etag):
        return build_not_modified(etag)
    return await _answer(server, _make_key(principal, digest), build, etag)


async def answer_thing(
    request: Request,
    server: Server,
    principal: Principal,
    key: Any,
    build: Callable[[], Awaitable[Response]],
) -> Response:
    """Answer with one thing, whose strong entity tag ``build`` has set: 304, kept, or built now.

    See :func:`answer_list`. 304 needs no read if the thing was asked for since the last change of
    its workspace.
    """
    response = await _answer(server, _make_key(principal, _digest(principal, key)), build, None)
    etag = response.headers.get("etag", "")
    return build_not_modified(etag) if is_not_modified(request, etag) else response


def _digest(principal: Principal, key: Any) -> bytes:
    described = _encoder.encode((principal.workspace_id, principal.role, key))
    return hashlib.blake2b(described, digest_size=16).digest()


def _make_key(principal: Principal, digest: bytes) -> bytes:
    return b"%d:%s" % (principal.revision or 0, digest)


async def _answer(
    server: Server, key: bytes, build: Callable[[], Awaitable[Response]], etag: str | None
) -> Response:
    data = await server.cache.fetch(key)
    if data is not None:
        kept = _decoder.decode(data)
        return Response(kept.body, 200, {**kept.headers, **CACHE_HEADERS}, kept.media_type)
    response = await build()
    if etag is not None:
        response.headers["ETag"] = etag
    headers = {
        name: value for name in _KEPT_HEADERS if (value := response.headers.get(name)) is not None
    }
    media_type = response.headers["content-type"]
    await server.cache.keep(key, _encoder.encode(_Kept(bytes(response.body), media_type, headers)))
    response.headers.update(CACHE_HEADERS)
    return response
