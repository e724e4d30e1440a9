"""Runs the commands in docs/how-to/command-line.md in a terminal, and compares the output."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from tests.docs.walkthrough import matches_pattern
from tests.harness.command_line import EMAIL, running_command_server
from tests.harness.commands import PASSWORD, run_in_terminal

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "command-line.md"
ADDRESS = "http://127.0.0.1:8000"
KEYS = (("E-mail: ", f"{EMAIL}\n"), ("Password: ", f"{PASSWORD}\n"))


def list_examples(text: str) -> Iterator[tuple[str, str]]:
    """Yield the commands of a page, each with the output that the page shows."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = example.partition("\n")
            yield command, output


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a reader who has installed the commands and uses no color."""
    return {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }


def test_commands_print_what_the_page_shows(
    tmp_path: Path, sqlite_template: Path, environment: dict[str, str]
) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    differences = []
    with running_command_server(folder, Path(copy(sqlite_template, folder / "x.db"))) as server:
        for command, shown in list_examples(PAGE.read_text(encoding="utf-8")):
            words = ["sh", "-c", command.replace(ADDRESS, server.url)]
            keys = KEYS if "login" in command else ()
            _, printed = run_in_terminal(words, keys, environment)
            output = printed.replace(server.url, ADDRESS).replace("\r\n", "\n")
            # An editor removes spaces at the ends of lines from the page.
            output = re.sub(" +$", "", output, flags=re.MULTILINE)
            if not matches_pattern(output, shown):
                differences.append(f"$ {command}\n{output}")
    assert not differences, "\n".join(differences)
