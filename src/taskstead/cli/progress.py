"""What an import, a backup and a restore show while they run: complaints, a bar for who watches."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

import typer

from taskstead.cli.console import clean, count


class ImportProgress(Protocol):
    """Where an import tells how it goes."""

    def advance(self, imported: int) -> None:
        """Show how far the file is read and how many tasks went in."""

    def complain(self, problem: str) -> None:
        """Write a line about a bad one to stderr."""


class _Quiet:
    """No bar, only complaints."""

    def advance(self, imported: int) -> None:
        """Show nothing."""

    def complain(self, problem: str) -> None:
        """Write the line to stderr."""
        typer.echo(clean(problem), err=True)


@contextmanager
def show_progress(file: BinaryIO) -> Iterator[ImportProgress]:
    """Show a bar on stderr until the block ends, when it is a terminal."""
    if not sys.stderr.isatty():
        yield _Quiet()
        return
    from rich.console import Console  # noqa: PLC0415 - not loaded where nobody looks
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True, markup=False, highlight=False)
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        shown = bar.add_task("reading", total=_measure(file))

        class Bar:
            """The bar, and complaints above it."""

            def advance(self, imported: int) -> None:
                """Move the bar to where the file is read."""
                position = file.tell() if file.seekable() else 0
                bar.update(shown, completed=position, description=count(imported, "task"))

            def complain(self, problem: str) -> None:
                """Write the line above the bar."""
                console.print(clean(problem), soft_wrap=True)

        yield Bar()


@contextmanager
def show_rows(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr until the block ends, when it is a terminal.

    What is given takes the number of rows done so far, of so many in total.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - not loaded where nobody looks
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("rows", total=total)
        yield lambda done: bar.update(shown, completed=done)


def _measure(file: BinaryIO) -> int | None:
    """Return the size of a regular file in bytes; None for anything else."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
