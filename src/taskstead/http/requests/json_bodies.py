"""JSON request bodies: decoding, and rejection of objects with repeated keys.

RFC 8259 (section 4) does not define the meaning of repeated keys. Some parsers use the last value,
others the first. Either value could be the wrong one, so such a request is rejected.
"""

import json
import re
from typing import Any

from pydantic_core import PydanticUndefined
from starlette.requests import ClientDisconnect, Request

from taskstead.errors import FieldError, MalformedRequestError
from taskstead.formats.task_record import point_at

_JSON_SUFFIX = re.compile(r"application/[^/]+\+json")


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
            if key in seen:
                return point_at([*path, key])
            seen.add(key)
            found = _find_repeated_key(inner, [*path, key])
            if found is not None:
                return found
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found = _find_repeated_key(inner, [*path, index])
            if found is not None:
                return found
    return None


NO_BODY = PydanticUndefined
"""The value of an absent body, as FastAPI passes it to pydantic."""


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        MalformedRequestError: the client has disconnected.
    """
    try:
        return await request.body()
    except ClientDisconnect:
        raise MalformedRequestError("The connection was closed before the body ended.") from None


async def read_json(request: Request) -> Any:
    """Return the decoded body of a request.

    An empty body is returned as ``NO_BODY``, and a body that is not of a JSON media type as bytes.
    FastAPI rejects both if the endpoint requires a body.

    Raises:
        MalformedRequestError: the body is incomplete or is not JSON, or an object has a repeated
            key.
    """
    body = await read_body(request)
    if not body:
        return NO_BODY
    if not _has_json_type(request):
        return body
    try:
        return decode_json(body)
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg}: line {error.lineno}, column {error.colno}."
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        encoding = error.encoding.upper()
        detail = f"The body is not {encoding}: invalid byte 0x{byte:02x} at offset {error.start}."
    except RecursionError:
        detail = "The JSON body is nested too deeply."
    except ValueError:
        # The only other ValueError of the JSON decoder: the limit on digits of integers.
        detail = "The body contains an integer with too many digits."
    raise MalformedRequestError(detail)


def _has_json_type(request: Request) -> bool:
    """Return whether the media type is ``application/json`` or ends with ``+json`` (RFC 6839)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or _JSON_SUFFIX.fullmatch(media_type) is not None
