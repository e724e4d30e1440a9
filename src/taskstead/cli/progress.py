"""Progress bars of import, backup and restore, and the error lines of an import."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

import typer

from taskstead.cli.console import clean, count


class ImportProgress(Protocol):
    """Display of the progress and the errors of an import."""

    def advance(self, imported: int) -> None:
        """Show the current position in the file and the number of imported tasks."""

    def report(self, problem: str) -> None:
        """Print the error message of an invalid line to stderr."""


class _NoProgressBar:
    """Display without a progress bar. It is used if stderr is not a terminal."""

    def advance(self, imported: int) -> None:
        """Do nothing."""

    def report(self, problem: str) -> None:
        """Print the error message to stderr."""
        typer.echo(clean(problem), err=True)


@contextmanager
def show_progress(file: BinaryIO) -> Iterator[ImportProgress]:
    """Show the progress of an import on stderr for the duration of the block."""
    if not sys.stderr.isatty():
        yield _NoProgressBar()
        return
    from rich.console import Console  # noqa: PLC0415 - only for terminals
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True, markup=False, highlight=False)
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=_get_size(file))

        class Bar:
            """Display with a progress bar and error lines above it."""

            def advance(self, imported: int) -> None:
                """Update the bar to the position in the file."""
                position = file.tell() if file.seekable() else 0
                bar.update(task, completed=position, description=count(imported, "task"))

            def report(self, problem: str) -> None:
                """Print the error message above the bar."""
                console.print(clean(problem), soft_wrap=True)

        yield Bar()


@contextmanager
def show_rows(total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar for the duration of the block, if stderr is a terminal.

    Args:
        total: the number of rows to process.

    Yields:
        A function to call with the number of rows processed so far.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for terminals
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rows", total=total)
        yield lambda done: bar.update(task, completed=done)


def _get_size(file: BinaryIO) -> int | None:
    """Return the size of a regular file in bytes; None for a pipe or device."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
