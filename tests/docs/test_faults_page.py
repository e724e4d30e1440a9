"""docs/explanation/faults.md names existing tests, and every test module of tests/system."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "faults.md").read_text(encoding="utf-8")
SYSTEM = ROOT / "tests" / "system"
# About sizes, the balancer and random filters, not about faults.
OTHERS = {"test_transfer_size.py", "test_deployment.py", "test_filter_fuzzer.py"}


def test_named_tests_exist() -> None:
    named = re.findall(r"`((?:tests/[a-z_/]+/)?test_[a-z_]+\.py)`", PAGE)
    assert len(named) > 10
    for name in named:
        assert (ROOT / name).exists() if "/" in name else any(SYSTEM.rglob(name)), name


def test_every_system_test_is_named() -> None:
    there = {path for path in SYSTEM.rglob("test_*.py") if path.name not in OTHERS}
    assert {
        path for path in there if f"`{path.name}`" in PAGE or f"`{path.relative_to(ROOT)}`" in PAGE
    } == there
