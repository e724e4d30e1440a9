"""Streaming of ZIP archives: content, and the size of each part."""

import io
import zipfile
from collections.abc import AsyncGenerator

import pytest

from taskstead.formats.zip_stream import stream_zip

Blocks = list[tuple[str, bytes]]


async def stream(blocks: Blocks) -> AsyncGenerator[tuple[str, bytes]]:
    for block in blocks:
        yield block


async def zip_blocks(blocks: Blocks) -> list[bytes]:
    return [part async for part in stream_zip(stream(blocks))]


def unzip(archive: bytes) -> dict[str, bytes]:
    """Return the content of the files of an archive, by name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize(
    ("blocks", "files"),
    [
        ([], {}),
        ([("a", b"")], {"a": b""}),
        ([("a", b"1"), ("a", b"2"), ("b", b"3")], {"a": b"12", "b": b"3"}),
        ([("folder/ü.json", bytes(range(256)))], {"folder/ü.json": bytes(range(256))}),
    ],
)
async def test_archive_has_the_blocks_of_each_file(blocks: Blocks, files: dict[str, bytes]) -> None:
    assert unzip(b"".join(await zip_blocks(blocks))) == files


async def test_each_block_is_sent_at_once() -> None:
    content = b"x" * 100_000
    parts = await zip_blocks([("a", content)] * 3)
    assert [content in part for part in parts] == [True, True, True, False]


async def test_aborted_archive_is_invalid() -> None:
    parts = await zip_blocks([("a", b"1"), ("b", b"2")])
    with pytest.raises(zipfile.BadZipFile):
        unzip(b"".join(parts[:-1]))


async def test_error_of_the_source_aborts_the_archive() -> None:
    async def fail() -> AsyncGenerator[tuple[str, bytes]]:
        yield "a", b"1"
        raise LookupError

    with pytest.raises(LookupError):
        _ = [part async for part in stream_zip(fail())]
