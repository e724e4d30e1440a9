"""docs/explanation/faults.md names existing tests, and every test module of tests/faults."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "faults.md").read_text(encoding="utf-8")
FAULTS = ROOT / "tests" / "faults"
# About large files, not about faults.
OTHERS = {"test_transfer_size.py"}


def test_named_tests_exist() -> None:
    named = re.findall(r"`((?:tests/[a-z_]+/)?test_[a-z_]+\.py)`", PAGE)
    assert len(named) > 10
    for name in named:
        path = ROOT / name if "/" in name else FAULTS / name
        assert path.exists(), name


def test_every_fault_test_is_named() -> None:
    there = {path.name for path in FAULTS.glob("test_*.py")} - OTHERS
    assert there == {name for name in there if f"`{name}`" in PAGE}
