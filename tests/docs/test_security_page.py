"""docs/explanation/security.md names existing files and covers every requirement of ASVS 4.0.3."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

# The sections of ASVS 4.0.3, each with the number of its last requirement at level 2.
SECTIONS = """
1.1:7 1.2:4 1.4:5 1.5:4 1.6:4 1.7:2 1.8:2 1.9:2 1.10:1 1.11:2 1.12:2 1.14:6
2.1:12 2.2:3 2.3:3 2.4:5 2.5:7 2.6:3 2.7:6 2.8:6 2.9:3 2.10:4 3.1:1 3.2:4 3.3:4 3.4:5 3.5:3 3.7:1
4.1:5 4.2:2 4.3:3 5.1:5 5.2:8 5.3:10 5.4:3 5.5:4 6.1:3 6.2:6 6.3:2 6.4:2 7.1:4 7.2:2 7.3:4 7.4:3
8.1:4 8.2:3 8.3:8 9.1:3 9.2:4 10.2:2 10.3:3 11.1:8 12.1:3 12.2:1 12.3:6 12.4:2 12.5:2 12.6:1
13.1:5 13.2:6 13.3:2 13.4:2 14.1:4 14.2:6 14.3:3 14.4:7 14.5:4
"""
PAGE = (ROOT / "docs" / "explanation" / "security.md").read_text(encoding="utf-8")
DELETED = {"1.4.2", "1.4.3", "1.12.1", "4.1.4", "7.3.2", "13.1.2", "13.2.4", "14.3.1"}


def list_required() -> Iterator[str]:
    """Yield the requirements of levels 1 and 2."""
    for section, last in (entry.split(":") for entry in SECTIONS.split()):
        numbers = (f"{section}.{number}" for number in range(1, int(last) + 1))
        yield from (number for number in numbers if number not in DELETED)


def list_named(cell: str) -> Iterator[str]:
    """Yield the requirements and whole sections that the first cell of a row names."""
    for name, ranges in re.findall(r"(\d+(?:\.\d+)+)(?: \((\d[^)]*)\))?", cell):
        if not ranges:
            yield name
        for part in ranges.split(", ") if ranges else ():
            first, _, last = part.partition("\N{EN DASH}")
            yield from (f"{name}.{n}" for n in range(int(first), int(last or first) + 1))


def test_named_files_exist() -> None:
    named = set(re.findall(r"`((?:tests|scripts|http)/[a-z_/.]+)`", PAGE))
    assert len(named) > 15
    missing = [
        path
        for path in named
        if not (ROOT / path).exists() and not (ROOT / "src" / "taskstead" / path).exists()
    ]
    assert missing == []


def test_every_chapter_has_a_heading() -> None:
    assert re.findall(r"^## V(\d+) ", PAGE, re.MULTILINE) == [str(n) for n in range(1, 15)]


def test_every_requirement_has_a_row() -> None:
    cells = re.findall(r"^\| (\d[^|]*) \|", PAGE, re.MULTILINE)
    named = [name for cell in cells for name in list_named(cell)]
    assert len(set(named)) == len(named), "none twice"
    sections = {name for name in named if name.count(".") == 1}
    missing = [
        number
        for number in list_required()
        if number not in named and number.rpartition(".")[0] not in sections
    ]
    assert missing == []
