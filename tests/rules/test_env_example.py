"""The example `.env` file names existing settings with valid values."""

from pathlib import Path

import pytest

from taskstead.config.loader import load_settings
from taskstead.config.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def read_examples() -> list[str]:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("#") for line in lines if line.startswith("#TASKSTEAD_")]


@pytest.mark.parametrize("example", read_examples())
def test_example_is_a_setting(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(example)
    monkeypatch.chdir(tmp_path)
    name, _, value = example.partition("=")
    settings = load_settings()
    field = name.removeprefix("TASKSTEAD_").lower()
    assert field in Settings.model_fields
    assert str(getattr(settings, field)) == value
