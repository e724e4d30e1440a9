"""Quoting of completed names for the shell. Typer inserts them as they are.

Other members of a workspace choose the names of categories and tags, so an unquoted name could run
a command. The classes replace those of Typer; ``console.py`` calls :func:`quote_names`.
"""

import os
import re
from typing import Any

from typer._click.shell_completion import add_completion_class
from typer._completion_classes import BashComplete, PowerShellComplete, ZshComplete

_SPECIAL_IN_BASH = re.compile(r"([^\w@%+=:,./-])")
_SPECIAL_IN_DOUBLE_QUOTES = re.compile(r'([\\"$`])')
_PLAIN = re.compile(r"[\w@%+=:,./-]+")
# Zsh evaluates the completions, and PowerShell has several kinds of quotation marks.
_DANGEROUS = re.compile("[\\\\\"'$`\u2018-\u201f]")


def quote_names() -> None:
    """Let the shells quote completed names."""
    add_completion_class(_QuotingBash, "bash")
    add_completion_class(_QuotingZsh, "zsh")
    for name in ("powershell", "pwsh"):
        add_completion_class(_QuotingPowerShell, name)


def quote_for_bash(name: str, typed: str) -> str:
    """Return a name as an argument in bash.

    Args:
        name: the name.
        typed: the beginning of the argument as the user typed it. Bash keeps its quotation mark.
    """
    if typed.startswith('"'):
        return _SPECIAL_IN_DOUBLE_QUOTES.sub(r"\\\1", name)
    if typed.startswith("'"):
        return name.replace("'", r"'\''")
    return _SPECIAL_IN_BASH.sub(r"\\\1", name)


class _QuotingBash(BashComplete):
    def format_completion(self, item: Any) -> str:
        words = os.environ["COMP_WORDS"].split("\n")
        position = int(os.environ["COMP_CWORD"])
        return quote_for_bash(item.value, words[position] if position < len(words) else "")


class _QuotingZsh(ZshComplete):
    """Zsh quotes names itself when it inserts them. Names that it could evaluate are left out."""

    def get_completions(self, args: list[str], incomplete: str) -> list[Any]:
        return _drop_dangerous(super().get_completions(args, incomplete))


class _QuotingPowerShell(PowerShellComplete):
    def get_completions(self, args: list[str], incomplete: str) -> list[Any]:
        return _drop_dangerous(super().get_completions(args, incomplete))

    def format_completion(self, item: Any) -> str:
        if not _PLAIN.fullmatch(item.value):
            item.value = f"'{item.value}'"
        return super().format_completion(item)


def _drop_dangerous(items: list[Any]) -> list[Any]:
    return [item for item in items if not _DANGEROUS.search(item.value)]
