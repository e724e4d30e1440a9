"""Check of the findings of ``taskstead doctor``."""

from collections.abc import Iterable

from taskstead.cli.doctor.findings import Finding


def expect_finding(findings: Iterable[Finding], level: str, words: str = "") -> None:
    """Check that there is one finding, with these words and a fix unless it is ok."""
    (finding,) = findings
    assert (finding.level, words in finding.message) == (level, True), finding
    assert (finding.fix == "") is (level == "ok"), finding
