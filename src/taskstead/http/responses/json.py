"""JSON and empty responses."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

_encoder = msgspec.json.Encoder()


def build_json_response(
    data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON response (RFC 8259); datetimes are RFC 3339 text in UTC (``Z``)."""
    return Response(_encoder.encode(data), status, headers, "application/json")


def replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which a client may send but UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode()


def build_empty_response() -> Response:
    """Return a 204 response."""
    return Response(status_code=204)
