"""The batches of commands that sent several requests, so that ``undo`` undoes the whole command.

The change log groups changes by request. The file ``$XDG_STATE_HOME/taskstead/commands.json`` has a
list of batch ids for each of the last commands that wrote more than one batch.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from taskstead.client.files import replace_file
from taskstead.client.profiles import find_folder

MAX_COMMANDS = 20


def find_state_file(environ: Mapping[str, str]) -> Path:
    """Return the path of the file."""
    return find_folder(environ, "XDG_STATE_HOME", ".local/state") / "commands.json"


def remember_command(environ: Mapping[str, str], batches: Sequence[str]) -> None:
    """Store the batches of a command, oldest first. A single batch needs no entry.

    Errors are ignored: the command has succeeded, and the batches can be undone one by one.
    """
    if len(batches) < 2:
        return
    path = find_state_file(environ)
    commands = [*_read_commands(path), list(batches)][-MAX_COMMANDS:]
    with contextlib.suppress(OSError):
        replace_file(path, json.dumps(commands))


def find_command(environ: Mapping[str, str], last_batch: str) -> list[str]:
    """Return the batches of a command up to its last one, oldest first."""
    for batches in reversed(_read_commands(find_state_file(environ))):
        if last_batch in batches:
            return batches[: batches.index(last_batch) + 1]
    return [last_batch]


def _read_commands(path: Path) -> list[list[str]]:
    """Return the batches of the last commands; empty if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [[str(batch) for batch in batches] for batches in content]
    except (OSError, ValueError, TypeError):
        return []
