"""Streaming of uncompressed ZIP archives in constant memory."""

import zipfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import IO


class _Buffer:
    """Buffers the bytes that ``zipfile`` writes.

    Because it has no ``seek`` method, ``zipfile`` writes the size of a file after its content.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing; zipfile requires the method."""

    def take(self) -> bytes:
        """Return and clear the buffered bytes."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


async def stream_zip(blocks: AsyncGenerator[tuple[str, bytes]]) -> AsyncGenerator[bytes]:
    """Yield the bytes of a ZIP archive.

    An aborted archive lacks the central directory at its end, so programs reject it.

    Args:
        blocks: pairs of a file name and a part of the file's content. The parts of a file must be
            consecutive.
    """
    buffer = _Buffer()
    archive = zipfile.ZipFile(buffer, "w")  # type: ignore[call-overload]
    name = ""
    async with AsyncExitStack() as stack:
        file: IO[bytes] | None = None
        async for block_name, content in blocks:
            if file is None or block_name != name:
                await stack.aclose()
                name = block_name
                file = stack.enter_context(archive.open(name, "w", force_zip64=True))
            file.write(content)
            yield buffer.take()
    archive.close()
    yield buffer.take()
