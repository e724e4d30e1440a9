"""Answers as bytes, encoded once."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

_encoder = msgspec.json.Encoder()


def build_json_response(
    data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Encode data as JSON (RFC 8259); datetimes become RFC 3339 text with ``Z``."""
    return Response(_encoder.encode(data), status, headers, "application/json")


def build_empty_response() -> Response:
    """Answer 204: done, and nothing to say."""
    return Response(status_code=204)
