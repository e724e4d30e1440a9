"""The command ``taskstead``: its version and help."""

import pytest

from taskstead import __version__
from tests.harness.commands import run_command


def test_version_is_printed() -> None:
    assert run_command("--version").stdout == f"taskstead {__version__}\n"


@pytest.mark.parametrize("command", [(), ("db",), ("user",), ("serve", "--help"), ("import", "-h")])
def test_help_is_printed(command: tuple[str, ...]) -> None:
    assert "Usage:" in run_command(*command).output
