"""Helpers of all commands: help, errors with exit codes, format of numbers, escaping of text."""

import os
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from taskstead.cli.light_command import set_light_converters
from taskstead.client.errors import ClientError, UsageFault
from taskstead.client.output import encode_json, print_error

USAGE_EXIT_CODE = 2
INTERRUPTED_EXIT_CODE = 130
COMPLETION_VARIABLE = "_TASKSTEAD_COMPLETE"  # set by the scripts of Typer


class CommandFailedError(Exception):
    """The command failed. The message is printed to the user.

    Attributes:
        exit_code: the exit code of the process; never 0.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class CommandGroup(TyperGroup):
    """Typer command group that prints expected errors as one sentence instead of a traceback.

    Its help lists the commands by panel, as plain text. The help of rich takes longer to import
    than a command runs.
    """

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command line, or print completions."""
        if COMPLETION_VARIABLE in os.environ:
            # Loaded here, because other commands do not need it.
            from taskstead.cli.completion import quote_names  # noqa: PLC0415

            quote_names()
        return super().main(*args, **options)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands to the help, in the order and panels of their definitions."""
        del ctx
        panels: dict[str, list[Any]] = {}
        for command in self.commands.values():
            panel = getattr(command, "rich_help_panel", None)
            panels.setdefault(panel if isinstance(panel, str) else "Commands", []).append(command)
        limit = formatter.width - 6 - max(map(len, self.commands))
        for panel, commands in panels.items():
            with formatter.section(panel):
                formatter.write_dl(
                    [(command.name, command.get_short_help_str(limit)) for command in commands]
                )

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options before the name of the command."""
        set_light_converters(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; print an expected error and exit with its code.

        With ``--json``, wrong usage is printed as a problem document too, like other errors.
        """
        words = [*ctx._protected_args, *ctx.args]  # noqa: SLF001 - the parser removes them
        try:
            return super().invoke(ctx)
        except TyperException as error:
            if _has_json_option(words):
                print_problem(UsageFault(error.format_message()))
            raise
        except ClientError as error:
            print_error(str(error))
            raise typer.Exit(error.exit_code) from None
        except CommandFailedError as error:
            code, message = error.exit_code, str(error)
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            # Loaded here, because client commands do not need these modules.
            from taskstead.config.errors import SettingsError  # noqa: PLC0415
            from taskstead.errors import TasksteadError  # noqa: PLC0415

            if isinstance(error, SettingsError):
                code, message = USAGE_EXIT_CODE, str(error)
            elif isinstance(error, TasksteadError):
                code, message = 1, error.detail
            else:
                raise
        typer.echo(message, err=True)
        raise typer.Exit(code)


def _has_json_option(words: Sequence[str]) -> bool:
    """Return whether the words after ``taskstead`` have the option ``--json``."""
    options = words[: words.index("--")] if "--" in words else words
    return "--json" in options


def print_problem(error: ClientError | CommandFailedError) -> None:
    """Print an error as a problem document, unless the output already contains it."""
    if isinstance(error, CommandFailedError):
        error = ClientError(str(error))
    if not error.is_in_output:
        typer.echo(encode_json(error.problem))


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Format a number with its noun, such as ``1 line`` or ``2,217 tasks``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def clean(text: str) -> str:
    """Replace unprintable characters, so that text from users cannot control the terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
