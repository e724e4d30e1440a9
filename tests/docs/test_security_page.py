"""The tests that docs/security.md names are there, and every chapter of the standard is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_what_the_page_names_is_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:tests|scripts|http)/[a-z_/.]+)`", text))
    assert len(named) > 15
    missing = [
        path
        for path in named
        if not (ROOT / path).exists() and not (ROOT / "src" / "taskstead" / path).exists()
    ]
    assert missing == []
    assert re.findall(r"^## V(\d+) ", text, re.MULTILINE) == [str(n) for n in range(1, 15)]
