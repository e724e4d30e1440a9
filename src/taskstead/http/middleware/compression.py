"""Compression of responses over 1 kB with zstd, Brotli or gzip (RFC 9110, section 12.5.3).

The library ``starlette-compress`` compresses. This module excludes some responses from compression.
It also makes strong ETags differ by content coding, as RFC 9110, section 8.8.3.3, requires: the
ETag of a compressed response gets a suffix. The suffix is removed when a client sends the ETag
back. See docs/decisions/0012.
"""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, remove_compress_type

MIN_BYTES = 1024

# Responses that contain tokens next to text from the request are not compressed. Their length would
# leak the tokens (BREACH, CVE-2013-3587).
_SECRET_PATHS = ("/auth/", "/api/v1/tokens", "/api/v1/invitations")
_PRECONDITION_HEADERS = (b"if-match", b"if-none-match")
_RELEVANT_HEADERS = frozenset({b"accept-encoding", *_PRECONDITION_HEADERS})
_SUFFIX = re.compile(rb'-(?:zstd|br|gzip)(?=")')
# The compression level for all codings. It is the library's default. It is set explicitly because
# the cost was measured with it.
_LEVEL = 4


class CompressionMiddleware:
    """Compresses responses and keeps strong ETags distinct per coding.

    Event streams are neither compressed nor delayed. Other streams are compressed chunk by chunk.
    """

    def __init__(self, app: ASGIApp) -> None:
        remove_compress_type("text/event-stream")
        self._app = app
        self._compress = CompressMiddleware(
            app, minimum_size=MIN_BYTES, zstd_level=_LEVEL, brotli_quality=_LEVEL, gzip_level=_LEVEL
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if (
            scope["type"] != "http"
            # A client without these headers receives an uncompressed response without `Vary`. If a
            # proxy caches it and sends it to other clients, they get more bytes but a correct
            # response.
            or not _RELEVANT_HEADERS.intersection([name for name, _ in scope["headers"]])
            or scope["path"].startswith(_SECRET_PATHS)
        ):
            await self._app(scope, receive, send)
            return
        sent_etags = _strip_suffixes(scope)

        async def send_with_tag(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_suffix(message, sent_etags)
            await send(message)

        await self._compress(scope, receive, send_with_tag)


def _strip_suffixes(scope: Scope) -> dict[bytes, bytes]:
    """Remove the suffixes from the ETags in preconditions.

    Return a mapping from each ETag without suffix to the ETag that the client sent.
    """
    sent_etags: dict[bytes, bytes] = {}
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for position, (name, value) in enumerate(headers):
        if name in _PRECONDITION_HEADERS and _SUFFIX.search(value):
            for tag in re.findall(rb'"[^"]*"', value):
                sent_etags[_SUFFIX.sub(b"", tag)] = tag
            headers[position] = (name, _SUFFIX.sub(b"", value))
    return sent_etags


def _add_suffix(message: Message, sent_etags: dict[bytes, bytes]) -> None:
    """Add the suffix of the content coding to a strong ETag.

    A 304 has no content coding. It gets the ETag that the client sent.
    """
    coding = b""
    position = -1
    for index, (name, value) in enumerate(message["headers"]):
        if name == b"etag":
            position = index
        elif name == b"content-encoding":
            coding = value
    if position < 0:
        return
    name, tag = message["headers"][position]
    if coding and tag.endswith(b'"') and not tag.startswith(b"W/"):
        tag = tag[:-1] + b"-" + coding + b'"'
    elif message["status"] == 304:
        tag = sent_etags.get(tag, tag)
    message["headers"][position] = (name, tag)
