"""``taskstead import``: tasks from a file of JSON Lines into a workspace.

Reading, checking and writing take turns: a chunk of lines is read and checked, then written in one
transaction, so that memory stays small however long the file is, and so that a server on the same
database waits for one chunk at most. With ``--strict`` everything is checked first and written in
one transaction.

What does not live here: what a line may say (lines.py), what is shown meanwhile (progress.py).
"""

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO, Self

import typer

from taskstead.cli.console import INTERRUPTED_EXIT_CODE, CommandFailedError, count
from taskstead.cli.database import open_prepared_database, run
from taskstead.cli.lines import Line, read_lines
from taskstead.cli.progress import ImportProgress, show_progress
from taskstead.cli.users import read_email
from taskstead.db.database import Database
from taskstead.errors import TasksteadError
from taskstead.ids import parse_id
from taskstead.queries.callers import Caller, find_caller_by_email
from taskstead.queries.tasks import list_titles
from taskstead.schemas.tasks import TaskCreate
from taskstead.services.tasks import create_tasks
from taskstead.settings import load_settings

CHUNK_SIZE = 500
STANDARD_INPUT = "-"


class Interruption:
    """Ctrl-C: at once while a file is read, after the transaction under way while one is written.

    So what went in is known to the task. A second Ctrl-C does not wait.
    """

    def __init__(self) -> None:
        self._is_writing = False
        self._is_pending = False

    def __enter__(self) -> Self:
        self._previous = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._previous)

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as signal calls it
        if self._is_pending or not self._is_writing:
            raise KeyboardInterrupt
        self._is_pending = True

    @contextmanager
    def held_off(self) -> Iterator[None]:
        """Put Ctrl-C off until the end of the block."""
        self._is_writing = True
        try:
            yield
        finally:
            self._is_writing = False
        if self._is_pending:
            raise KeyboardInterrupt


@dataclass(slots=True)
class Outcome:
    """What has become of the lines so far."""

    imported: int = 0
    skipped: int = 0
    refused: int = 0
    began: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        seconds = time.monotonic() - self.began
        return (
            f"{count(self.imported, 'task')} imported, {self.skipped:,} skipped, "
            f"{count(self.refused, 'line')} refused, in {seconds:.1f} s"
        )


@dataclass(slots=True)
class Import:
    """An import under way, into the workspace of its caller.

    Attributes:
        known_titles: titles of lines to skip.
    """

    database: Database
    caller: Caller
    known_titles: set[str]
    outcome: Outcome
    progress: ImportProgress
    interruption: Interruption

    def sort_out(self, lines: Sequence[Line]) -> list[TaskCreate]:
        """Return the tasks to create; tell and count the bad lines, count the known titles."""
        tasks = []
        for line in lines:
            if line.task is None:
                self.outcome.refused += 1
                self.progress.complain(f"line {line.number}: {line.problem}")
            elif line.task.title in self.known_titles:
                self.outcome.skipped += 1
            else:
                tasks.append(line.task)
        return tasks

    async def write(self, tasks: Sequence[TaskCreate]) -> None:
        """Create tasks in one transaction.

        Raises:
            CommandFailedError: it cannot be done; the message says what went in before.
        """
        if not tasks:
            return
        with self.interruption.held_off():
            try:
                await create_tasks(self.database, self.caller, tasks)
            except TasksteadError as error:
                message = f"{error.detail} Before that: {self.outcome}."
                raise CommandFailedError(message) from None
            self.outcome.imported += len(tasks)


def import_file(
    path: str,
    *,
    email: str,
    workspace: str | None,
    strict: bool,
    skip_titles: bool,
    database_url: str | None,
) -> None:
    """Import a file, say what became of it, and end with 1 when there were bad lines."""
    settings = load_settings(database_url=database_url)
    address = read_email(email)
    workspace_id = None if workspace is None else _read_workspace_id(workspace)
    outcome = Outcome()

    async def do(file: BinaryIO, interruption: Interruption) -> None:
        async with open_prepared_database(settings) as database:
            caller = await _get_caller(database, address, workspace_id)
            known = await list_titles(database, caller.workspace_id) if skip_titles else set()
            with show_progress(file) as progress:
                work = Import(database, caller, known, outcome, progress, interruption)
                await (_import_all(work, file) if strict else _import_chunks(work, file))

    try:
        with _open_file(path) as file, Interruption() as interruption:
            run(do(file, interruption))
    except KeyboardInterrupt:
        typer.echo(f"Interrupted: {outcome}.", err=True)
        raise typer.Exit(INTERRUPTED_EXIT_CODE) from None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise CommandFailedError(message) from None
    if strict and outcome.refused:
        typer.echo("Nothing is imported: with --strict all lines go in or none.", err=True)
    typer.echo(outcome)
    if outcome.refused:
        raise typer.Exit(1)


async def _import_chunks(work: Import, file: BinaryIO) -> None:
    lines = read_lines(file)
    while chunk := list(islice(lines, CHUNK_SIZE)):
        await work.write(work.sort_out(chunk))
        work.progress.advance(work.outcome.imported)


async def _import_all(work: Import, file: BinaryIO) -> None:
    tasks = work.sort_out(list(read_lines(file)))
    if work.outcome.refused:
        work.outcome.skipped = 0
    else:
        await work.write(tasks)


async def _get_caller(database: Database, email: str, workspace_id: str | None) -> Caller:
    """Return who imports and where.

    Raises:
        CommandFailedError: there is no such account or workspace, or it is not theirs to change.
    """
    caller = await find_caller_by_email(database, email, workspace_id=workspace_id)
    if caller is None:
        message = f"No account has the address {email}; `taskstead user create` makes one."
    elif caller.role is None:
        message = f"There is no workspace {workspace_id} that {email} is a member of."
    elif caller.role == "viewer":
        message = f"{email} is a viewer of the workspace {caller.workspace_id} and cannot import."
    else:
        return caller
    raise CommandFailedError(message)


def _read_workspace_id(text: str) -> str:
    try:
        return parse_id(text)
    except ValueError:
        message = f"{text} is not the id of a workspace, which is a UUID."
        raise CommandFailedError(message) from None


@contextmanager
def _open_file(path: str) -> Iterator[BinaryIO]:
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
    else:
        with Path(path).open("rb") as file:
            yield file
