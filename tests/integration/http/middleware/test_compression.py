"""Response compression: content negotiation, exclusions and ETags."""

import gzip
import io
import sys
from collections.abc import AsyncIterator, Callable

import brotli  # type: ignore[import-untyped]
import httpx2
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from tests.harness.client import Client

if sys.version_info >= (3, 14):
    from compression import zstd

    decode_zstd = zstd.decompress
else:
    import zstandard

    def decode_zstd(body: bytes) -> bytes:
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)) as reader:
            return reader.read()


TASKS = "/api/v1/tasks"
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": decode_zstd,
}
LARGE = '{"large": "' + "x" * 3000 + '"}'


async def read_raw(client: Client, path: str, **headers: str) -> tuple[httpx2.Response, bytes]:
    """GET a path. Return the response and its body without decoding."""
    merged = {**client.headers, **headers}
    async with client.http.stream("GET", path, headers=merged) as answer:
        return answer, b"".join([piece async for piece in answer.aiter_raw()])


async def test_large_response_uses_an_accepted_coding(owner: Client) -> None:
    await owner.create_task(description="Oat milk. " * 300)
    plain = (await owner.get(f"{TASKS}/1", headers={"Accept-Encoding": "identity"})).content
    for accepted, coding in (
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br;q=0", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("*", "zstd"),
        ("identity", None),
        ("gzip;q=0", None),
        ("deflate", None),
    ):
        answer, body = await read_raw(owner, f"{TASKS}/1", **{"Accept-Encoding": accepted})
        assert answer.headers.get("content-encoding") == coding, accepted
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert int(answer.headers["content-length"]) == len(body)
        assert (DECODERS[coding](body) if coding else body) == plain
        assert len(body) < len(plain) / 5 or not coding
    request = owner.http.build_request("GET", f"{TASKS}/1", headers=owner.headers)
    del request.headers["Accept-Encoding"]
    bare = await owner.http.send(request)
    assert "content-encoding" not in bare.headers
    assert bare.content == plain


async def test_small_or_binary_response_is_not_compressed(owner: Client) -> None:
    await owner.create_task()
    for path in (f"{TASKS}/1", "/docs/assets/favicon.png"):
        answer = await owner.get(path, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in answer.headers, path


async def test_response_with_a_secret_is_not_compressed(owner: Client) -> None:
    # The response reflects more than 1 kB of the request next to a token.
    made = await owner.post(
        "/api/v1/tokens",
        {"name": "n" * 100, "scopes": ["tasks:read"] * 100},
        headers={"Accept-Encoding": "gzip"},
    )
    assert made.status_code == 201, made.text
    assert "content-encoding" not in made.headers


async def test_error_of_a_request_with_a_secret_is_not_compressed(client: Client) -> None:
    refused = await client.post(
        "/auth/register",
        {f"unknown_{number}": 1 for number in range(50)},
        headers={"Accept-Encoding": "gzip"},
    )
    assert len(refused.content) > 1024
    assert "content-encoding" not in refused.headers


async def stream_chunks() -> AsyncIterator[str]:
    for number in range(100):
        yield f"data: {number}\n\n"


@pytest.fixture
async def streamed(app: FastAPI) -> bytes:
    """Add a route that streams chunks as the media type ``kind``. Return the whole body."""

    async def stream(kind: str) -> Response:
        return StreamingResponse(stream_chunks(), media_type=kind)

    app.add_api_route("/test/stream", stream, response_model=None)
    return b"".join([piece.encode() async for piece in stream_chunks()])


async def test_event_stream_is_not_compressed(client: Client, streamed: bytes) -> None:
    accept = {"Accept-Encoding": "gzip, br, zstd"}
    events, body = await read_raw(client, "/test/stream?kind=text/event-stream", **accept)
    assert "content-encoding" not in events.headers
    assert body == streamed


@pytest.mark.parametrize("coding", DECODERS)
async def test_other_stream_is_compressed_as_a_whole(
    client: Client, streamed: bytes, coding: str
) -> None:
    accept = {"Accept-Encoding": coding}
    answer, body = await read_raw(client, "/test/stream?kind=application/json", **accept)
    assert answer.headers["content-encoding"] == coding
    assert "content-length" not in answer.headers
    assert DECODERS[coding](body) == streamed


async def test_strong_etag_names_the_coding(app: FastAPI, client: Client) -> None:
    """In requests, the coding is removed from ETags before the application sees them."""
    seen: list[str | None] = []

    async def conditional(request: Request, tag: str = '"7"') -> Response:
        given = request.headers.get("if-none-match")
        seen.extend([given, request.headers.get("if-match")])
        if given is not None and tag in given:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(LARGE, media_type="application/json", headers={"ETag": tag})

    app.add_api_route("/test/tagged", conditional, response_model=None)
    accept = {"Accept-Encoding": "br"}
    plain = await client.get("/test/tagged", headers={"Accept-Encoding": "identity"})
    assert plain.headers["etag"] == '"7"'
    coded = await client.get("/test/tagged", headers=accept)
    assert coded.headers["etag"] == '"7-br"'
    assert coded.text == LARGE
    weak = await client.get("/test/tagged?tag=W/%227%22", headers=accept)
    assert weak.headers["etag"] == 'W/"7"'
    seen.clear()
    for given, answered in (('"7-br"', '"7-br"'), ('"6-gzip", "7"', '"7"'), ('"7"', '"7"')):
        same = await client.get("/test/tagged", headers={**accept, "If-None-Match": given})
        assert (same.status_code, same.headers["etag"], same.content) == (304, answered, b"")
    assert seen[::2] == ['"7"', '"6", "7"', '"7"']
    seen.clear()
    await client.get("/test/tagged", headers={**accept, "If-Match": '"7-br", "5-zstd"'})
    assert seen[1] == '"7", "5"'
