"""Compresses answers over 1 kB with zstd, Brotli or gzip, as the client accepts (RFC 9110, 12.5.3).

``starlette-compress`` does the work. What is ours: which answers are left alone, and strong ETags,
which must differ between codings (RFC 9110, section 8.8.3.3): a compressed answer's gets a suffix,
and the suffix is taken off again what a client sends back. The decision is in docs/decisions/.
"""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware, remove_compress_type

MIN_BYTES = 1024

# Answers with tokens beside text that the request brought are not compressed, since their length
# would tell of the tokens (BREACH, CVE-2013-3587).
_WITH_SECRETS = ("/auth/", "/api/v1/tokens", "/api/v1/invitations")
_CONDITIONS = (b"if-match", b"if-none-match")
_CONCERNED = frozenset({b"accept-encoding", *_CONDITIONS})
_SUFFIX = re.compile(rb'-(?:zstd|br|gzip)(?=")')
# Codecs take a level; these are the library's, said here since the cost was measured with them.
_LEVEL = 4


class CompressionMiddleware:
    """Compresses what is worth it, and keeps strong ETags apart.

    Streams of events are neither compressed nor held up; other streams are compressed piece by
    piece.
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
            # A proxy that keeps what such a client was sent gives others more bytes than it could,
            # and nothing wrong: so no `Vary` is needed, and a client like this costs nothing.
            or not _CONCERNED.intersection([name for name, _ in scope["headers"]])
            or scope["path"].startswith(_WITH_SECRETS)
        ):
            await self._app(scope, receive, send)
            return
        tagged = _take_suffixes_off(scope)

        async def send_with_tag(message: Message) -> None:
            if message["type"] == "http.response.start":
                _put_suffix_on(message, tagged)
            await send(message)

        await self._compress(scope, receive, send_with_tag)


def _take_suffixes_off(scope: Scope) -> dict[bytes, bytes]:
    """Have the application see its own ETags in conditions; return what they were sent as."""
    tagged: dict[bytes, bytes] = {}
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for place, (name, value) in enumerate(headers):
        if name in _CONDITIONS and _SUFFIX.search(value):
            for tag in re.findall(rb'"[^"]*"', value):
                tagged[_SUFFIX.sub(b"", tag)] = tag
            headers[place] = (name, _SUFFIX.sub(b"", value))
    return tagged


def _put_suffix_on(message: Message, tagged: dict[bytes, bytes]) -> None:
    """Give the answer the ETag of its coding; a 304 that of the answer that the client has."""
    coding = b""
    place = -1
    for index, (name, value) in enumerate(message["headers"]):
        if name == b"etag":
            place = index
        elif name == b"content-encoding":
            coding = value
    if place < 0:
        return
    name, tag = message["headers"][place]
    if coding and tag.endswith(b'"') and not tag.startswith(b"W/"):
        tag = tag[:-1] + b"-" + coding + b'"'
    elif message["status"] == 304:
        tag = tagged.get(tag, tag)
    message["headers"][place] = (name, tag)
