"""docs/reference/cli.md names every command and option, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from taskstead.cli.main import app

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
BUILT_IN = {"--help", "--version", "--install-completion", "--show-completion"}


def list_commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the command and its sub-commands with their full names."""
    subcommands = getattr(command, "commands", {})
    if not subcommands:
        yield name, command
    for subname, subcommand in subcommands.items():
        yield from list_commands(subcommand, f"{name} {subname}")


COMMANDS = dict(list_commands(typer.main.get_command(app), "taskstead"))


def test_page_names_all_commands() -> None:
    named = set(re.findall(r"`(taskstead [a-z]+(?: [a-z-]+)?)\b", PAGE))
    assert named == COMMANDS.keys()


def test_page_names_all_options() -> None:
    options = {
        option
        for command in COMMANDS.values()
        for parameter in command.params
        for option in [*parameter.opts, *parameter.secondary_opts]
        if option.startswith("--")
    }
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) - BUILT_IN == options - BUILT_IN
