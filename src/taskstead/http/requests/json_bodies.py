"""JSON request bodies: decoding, and rejection of objects with repeated keys.

RFC 8259 (section 4) does not define the meaning of repeated keys. Some parsers use the last value,
others the first. Either value could be the wrong one, so such a request is rejected.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from taskstead.errors import FieldError, MalformedRequestError
from taskstead.formats.task_record import point_at


class RepeatedKeyError(ValueError):
    """A JSON object has a repeated key."""


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object in document order, including repeated keys."""


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise RepeatedKeyError
    return result


_decoder = json.JSONDecoder(object_pairs_hook=_make_object)
_pairs_decoder = json.JSONDecoder(object_pairs_hook=_Pairs)


def decode_json(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8, UTF-16 or UTF-32.

    Raises:
        ValueError: the text is not JSON.
        MalformedRequestError: an object has a repeated key.
    """
    text = body.decode(json.detect_encoding(body), "surrogatepass")
    try:
        return _decoder.decode(text)
    except RepeatedKeyError:
        pointer = _find_repeated_key(_pairs_decoder.decode(text), []) or ""
    message = f"The body has the key {pointer} more than once in the same object. Send it once."
    raise MalformedRequestError(message, errors=[FieldError(pointer, message, "repeated_key")])


def _find_repeated_key(value: Any, path: list[str | int]) -> str | None:
    """Return the JSON pointer of the first repeated key, or None."""
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, inner in value:
            found = point_at([*path, key]) if key in seen else None
            found = found or _find_repeated_key(inner, [*path, key])
            if found:
                return found
            seen.add(key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found = _find_repeated_key(inner, [*path, index])
            if found:
                return found
    return None


class JsonRequest(Request):
    """A request whose JSON body is decoded with :func:`decode_json`."""

    async def json(self) -> Any:
        """Return the decoded body; it is decoded once."""
        if not hasattr(self, "_json"):
            self._json = decode_json(await self.body())
        return self._json


class JsonRoute(APIRoute):
    """A route that rejects JSON bodies with repeated keys."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the request handler; FastAPI calls this once, when the route is created."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_json(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_json
