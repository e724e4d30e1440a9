"""The source files of the project."""

import pytest

from tests.rules.sources import FOLDERS, ROOT, Source


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """All Python files of the project."""
    return [
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
