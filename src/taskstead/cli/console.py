"""What all commands share: how they fail, and how they write numbers and other people's text."""

from typing import Any

import typer
from typer.core import TyperGroup

from taskstead.errors import TasksteadError
from taskstead.loading import SettingsError

USAGE_EXIT_CODE = 2
INTERRUPTED_EXIT_CODE = 130


class CommandFailedError(Exception):
    """The command cannot do what was asked; the message is a sentence for whoever ran it.

    Attributes:
        exit_code: what the process ends with; never 0.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class CommandGroup(TyperGroup):
    """The commands, each of which ends with a sentence instead of a traceback when it fails."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; turn what may go wrong into a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            code, message = USAGE_EXIT_CODE, str(error)
        except CommandFailedError as error:
            code, message = error.exit_code, str(error)
        except TasksteadError as error:
            code, message = 1, error.detail
        typer.echo(message, err=True)
        raise typer.Exit(code)


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Write a number with its noun: ``1 line``, ``2,217 tasks``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def clean(text: str) -> str:
    """Replace what is not printable, so that nobody's text moves the reader's cursor."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
