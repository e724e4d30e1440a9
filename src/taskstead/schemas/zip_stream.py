"""Writing a ZIP archive piece by piece, in constant memory. Nothing in it is compressed."""

import zipfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from typing import IO


class _Buffer:
    """Takes what is written until it is fetched. Without ``seek``, so sizes follow the content."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do."""

    def take(self) -> bytes:
        """Return what was written since the last call."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


async def stream_zip(blocks: AsyncGenerator[tuple[str, bytes]]) -> AsyncGenerator[bytes]:
    """Give an archive of files, as its bytes.

    An archive that was broken off has no directory at its end, so programs refuse it.

    Args:
        blocks: the name of a file and a part of its content; parts of one file come together.
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
