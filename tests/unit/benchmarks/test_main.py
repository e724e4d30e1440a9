"""The command."""

import pytest

from benchmarks.__main__ import main


def test_missing_wrk_is_skipped_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")

    assert main([]) == 0
    assert "skipped: wrk is not installed (Debian package wrk)" in capsys.readouterr().out
