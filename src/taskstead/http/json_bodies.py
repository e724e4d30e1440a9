"""JSON request bodies: read once, and refused where an object has the same key twice.

Python's reader takes the last of two values, other readers take the first. So a client that sends
both has a fault, and whatever the server stored would be a guess (RFC 8259, section 4).
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from taskstead.errors import FieldError, MalformedRequestError
from taskstead.schemas.transfer import point_at


class RepeatedKeyError(ValueError):
    """An object has a key twice."""


class _Pairs(list[tuple[str, Any]]):
    """The keys and values of an object as they were written."""


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RepeatedKeyError
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_make_object)
_pairs_decoder = json.JSONDecoder(object_pairs_hook=_Pairs)


def decode_json(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8, UTF-16 or UTF-32.

    Raises:
        ValueError: it is none, with what Python's JSON reader raises.
        MalformedRequestError: an object in it has a key twice.
    """
    text = body.decode(json.detect_encoding(body), "surrogatepass")
    try:
        return _decoder.decode(text)
    except RepeatedKeyError:
        pointer = _find_repeated_key(_pairs_decoder.decode(text), []) or ""
    message = f"The body has the key {pointer} more than once in the same object. Send it once."
    raise MalformedRequestError(message, errors=[FieldError(pointer, message, "repeated_key")])


def _find_repeated_key(value: Any, path: list[str | int]) -> str | None:
    """Return the JSON pointer of the first key that an object has twice."""
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
    """A request whose JSON body is read by :func:`decode_json`."""

    async def json(self) -> Any:
        """Return the body; it is read once."""
        if not hasattr(self, "_json"):
            self._json = decode_json(await self.body())
        return self._json


class JsonRoute(APIRoute):
    """A route that refuses JSON bodies with repeated keys."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make what handles the requests; FastAPI calls it once, when the route is made."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_json(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_json
