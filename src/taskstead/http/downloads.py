"""File downloads: responses that stream a file, and their header in the OpenAPI document."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from starlette.responses import StreamingResponse

DOWNLOAD_HEADERS: dict[str, Any] = {
    "Content-Disposition": {
        "description": "The suggested file name.",
        "schema": {"type": "string"},
    }
}


async def build_download(
    blocks: AsyncGenerator[bytes],
    *,
    file_name: str,
    media_type: str,
    headers: Mapping[str, str],
) -> StreamingResponse:
    """Return a response that streams a file.

    The first block is read before the response begins. An error until then is reported with a
    status.

    Args:
        blocks: the content of the file, at least one block.
        file_name: the suggested file name.
        media_type: the media type of the file.
        headers: additional headers.
    """
    first = await anext(blocks)

    async def stream() -> AsyncGenerator[bytes]:
        if first:
            yield first
        async for block in blocks:
            yield block

    disposition = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingResponse(stream(), 200, {**disposition, **headers}, media_type)
