"""The response cache of workspace reads, keyed by workspace revision.

Every change of a workspace increments its revision, so an entry never becomes stale: requests after
the change look for an entry with the new revision. Besides workspace, role and revision, an entry
has a ``key``. The key contains all other values that the response depends on: the parameters, the
filters with absolute times instead of relative ones, and the user's id if a filter refers to it.

An entry may contain a change that was committed between the read of the revision and the read of
the content, so its content may be newer than its revision. It never lacks a change up to its
revision.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from starlette.responses import Response

from taskstead.domain.principal import Principal
from taskstead.http.app_state import Server
from taskstead.http.responses.etags import CACHE_HEADERS, build_not_modified, is_not_modified
from taskstead.services.context import PreparedRead, ReadContext

Result = TypeVar("Result")

_CACHED_HEADERS = ("etag", "link")


class _CachedResponse(msgspec.Struct, array_like=True, frozen=True):
    """A response with status 200 as stored in the cache."""

    body: bytes
    media_type: str
    headers: dict[str, str]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_CachedResponse)


async def build_cached_response(
    request: Request,
    ctx: ReadContext,
    prepared: PreparedRead[Result],
    render: Callable[[Result], Response],
) -> Response:
    """Return the response with the result of a read of workspace content.

    The response is a 304, a cached response or a new one. It is used for lists and statistics. Its
    weak entity tag consists of the revision and a digest of workspace, role and key. It is
    therefore known before the content is read, and a 304 needs no further read.

    Args:
        request: the request.
        ctx: the context of the request.
        prepared: the read, which is done on a cache miss.
        render: returns the response with the result of the read.
    """
    digest = _make_digest(ctx.principal, prepared.key)
    etag = f'W/"{ctx.principal.revision}-{digest[:6].hex()}"'
    if is_not_modified(request, etag):
        return build_not_modified(etag)

    async def build() -> Response:
        return render(await prepared.read())

    return await _fetch_or_build(request, _make_cache_key(ctx.principal, digest), build, etag)


async def build_cached_resource(
    request: Request,
    ctx: ReadContext,
    key: Any,
    build: Callable[[], Awaitable[Response]],
) -> Response:
    """Return the response for one resource. ``build`` must set its strong entity tag.

    The response is a 304, a cached response or a new one, as in :func:`build_cached_response`. The
    entity tag is part of the cached response. A 304 therefore needs no database read if the cache
    has the response for the current revision.
    """
    response = await _fetch_or_build(
        request, _make_cache_key(ctx.principal, _make_digest(ctx.principal, key)), build, None
    )
    etag = response.headers.get("etag", "")
    return build_not_modified(etag) if is_not_modified(request, etag) else response


def _make_digest(principal: Principal, key: Any) -> bytes:
    encoded = _encoder.encode((principal.workspace_id, principal.role, key))
    return hashlib.blake2b(encoded, digest_size=16).digest()


def _make_cache_key(principal: Principal, digest: bytes) -> bytes:
    return b"%d:%s" % (principal.revision or 0, digest)


async def _fetch_or_build(
    request: Request, key: bytes, build: Callable[[], Awaitable[Response]], etag: str | None
) -> Response:
    server: Server = request.app.state.server
    data = await server.cache.fetch(key)
    if data is not None:
        cached = _decoder.decode(data)
        return Response(cached.body, 200, {**cached.headers, **CACHE_HEADERS}, cached.media_type)
    response = await build()
    if etag is not None:
        response.headers["ETag"] = etag
    headers = {
        name: value for name in _CACHED_HEADERS if (value := response.headers.get(name)) is not None
    }
    media_type = response.headers["content-type"]
    cached = _CachedResponse(bytes(response.body), media_type, headers)
    await server.cache.store(key, _encoder.encode(cached))
    response.headers.update(CACHE_HEADERS)
    return response
