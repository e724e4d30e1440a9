"""Helpers of all commands: errors with exit codes, formatting of numbers, escaping of text."""

from typing import Any

import typer
from typer.core import TyperGroup

from taskstead.cli.light_command import set_light_converters
from taskstead.client.errors import ClientError
from taskstead.client.output import print_error

USAGE_EXIT_CODE = 2
INTERRUPTED_EXIT_CODE = 130


class CommandFailedError(Exception):
    """The command failed. The message is printed to the user.

    Attributes:
        exit_code: the exit code of the process; never 0.
    """

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class CommandGroup(TyperGroup):
    """Typer command group that prints expected errors as one sentence instead of a traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options before the name of the command."""
        set_light_converters(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; print an expected error and exit with its code."""
        try:
            return super().invoke(ctx)
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


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Format a number with its noun, such as ``1 line`` or ``2,217 tasks``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def clean(text: str) -> str:
    """Replace unprintable characters, so that text from users cannot control the terminal."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
