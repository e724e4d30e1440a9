"""Static files in memory: content types, ETags and forms that were compressed at build time.

A build of the web app has few and small files, so all are read once, when the server starts. A file
``app.js`` may have the compressed forms ``app.js.br`` and ``app.js.gz`` beside it.
"""

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# Suffixes of compressed forms with their content codings (RFC 9110, section 8.4.1), best first.
_CODINGS = {".br": "br", ".gz": "gzip"}
# The registry of the system may be missing or differ.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file and its compressed forms.

    Attributes:
        content: the bytes of the file.
        content_type: the value of ``Content-Type``.
        etag: the strong entity tag. ``CompressionMiddleware`` adds the coding to it.
        compressed: the content for each coding, best coding first.
    """

    content: bytes
    content_type: str
    etag: str
    compressed: Mapping[str, bytes]

    def choose_form(self, accept_encoding: str) -> tuple[bytes, str | None]:
        """Return the content in the best accepted coding, and the coding; None for no coding."""
        accepted = _parse_accepted_codings(accept_encoding)
        coding = next((each for each in self.compressed if each in accepted), None)
        return (self.content, None) if coding is None else (self.compressed[coding], coding)


def load_static_files(folder: Path) -> dict[str, StaticFile]:
    """Return the files of a folder by their path below it, for example ``assets/app.js``.

    The result is empty if the folder does not exist.
    """
    contents = dict(_read_files(folder))
    compressed = {path for path in contents if path.endswith(tuple(_CODINGS))}
    return {
        path: StaticFile(
            content,
            _get_content_type(path),
            f'"{hashlib.sha256(content).hexdigest()[:16]}"',
            {
                coding: contents[path + suffix]
                for suffix, coding in _CODINGS.items()
                if path + suffix in contents
            },
        )
        for path, content in contents.items()
        if path not in compressed
    }


def _read_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _get_content_type(path: str) -> str:
    suffix = Path(path).suffix
    return _CONTENT_TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")


def _parse_accepted_codings(value: str) -> set[str]:
    """Return the codings of an ``Accept-Encoding`` header that have a weight above 0."""
    codings = set()
    for element in value.split(","):
        coding, _, weight = element.partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            codings.add(coding.strip().lower())
    return codings
