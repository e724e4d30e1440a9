"""docs/faults.md names the tests that there are, and all of them that are about a fault."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
FAULTS = ROOT / "tests" / "faults"
# About sizes.
OTHERS = {"test_transfer_size.py"}


def test_the_tests_it_names_exist() -> None:
    named = re.findall(r"`((?:tests/[a-z_]+/)?test_[a-z_]+\.py)`", PAGE)
    assert len(named) > 10
    for name in named:
        path = ROOT / name if "/" in name else FAULTS / name
        assert path.exists(), name


def test_it_names_each_fault() -> None:
    there = {path.name for path in FAULTS.glob("test_*.py")} - OTHERS
    assert there == {name for name in there if f"`{name}`" in PAGE}
