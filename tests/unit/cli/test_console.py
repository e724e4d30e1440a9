"""Help of the command line."""

import re

import pytest

from tests.harness.commands import run_command


@pytest.mark.parametrize(
    ("panel", "command"),
    [("Tasks", "add"), ("History", "undo"), ("Files", "import"), ("Server", "db")],
)
def test_help_lists_the_commands_by_panel(panel: str, command: str) -> None:
    sections = re.split(r"^(\w+):$", run_command("--help").stdout, flags=re.MULTILINE)
    assert f"\n  {command} " in sections[sections.index(panel) + 1]


def test_help_of_arguments_has_no_python_types() -> None:
    assert "REF  Numbers, ids or web addresses" in run_command("done", "--help").stdout
