"""``taskstead import``: tasks from a file of JSON Lines, CSV or todo.txt into a workspace.

Reading, checking and writing take turns: a chunk of records is read and checked, then written in
one transaction, so that memory stays small however long the file is, and so that a server on the
same database waits for one chunk at most. Tasks whose parent comes further down wait for it. With
``--strict`` everything is checked first and written in one transaction.

What does not live here: what a record may say (schemas/transfer*.py), what becomes of it
(services/import_rows.py), what is shown meanwhile (progress.py).
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO, Self
from zoneinfo import ZoneInfo

import typer

from taskstead.cli.console import INTERRUPTED_EXIT_CODE, CommandFailedError, count
from taskstead.cli.database import open_prepared_database, run
from taskstead.cli.files import STANDARD_STREAM, find_format
from taskstead.cli.progress import ImportProgress, show_progress
from taskstead.cli.users import read_email
from taskstead.cli.workspaces import get_member, read_workspace_id
from taskstead.db.database import Database
from taskstead.errors import TasksteadError
from taskstead.loading import load_settings
from taskstead.queries.principals import Principal
from taskstead.queries.tasks import list_titles
from taskstead.schemas.transfer import BadRecordError, ImportTask
from taskstead.schemas.transfer_formats import FileFormat, RawRecord, RecordSplitter, make_parser
from taskstead.services.import_rows import Imported, ImportRefusedError, OnConflict
from taskstead.services.imports import import_tasks

CHUNK_SIZE = 500
_PIECE_BYTES = 65536

ReadTask = tuple[int, ImportTask]
"""The line that a task begins at, and the task."""


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
    unassigned: int = 0
    began: float = field(default_factory=time.monotonic)

    def add(self, done: Imported) -> None:
        """Count what became of some tasks, but for what is refused."""
        self.imported += done.counts["created"] + done.counts["replaced"]
        self.skipped += done.counts["skipped"] + done.counts["unchanged"]
        self.unassigned += done.counts["unassigned"]

    def __str__(self) -> str:
        seconds = time.monotonic() - self.began
        return (
            f"{count(self.imported, 'task')} imported, {self.skipped:,} skipped, "
            f"{count(self.refused, 'line')} refused, in {seconds:.1f} s"
        )


@dataclass(slots=True)
class Import:
    """An import under way, into the workspace of its principal.

    Attributes:
        known_titles: titles of lines to skip.
        waiting: tasks whose parent is not there yet.
    """

    database: Database
    principal: Principal
    on_conflict: OnConflict
    known_titles: set[str]
    outcome: Outcome
    progress: ImportProgress
    interruption: Interruption
    waiting: list[ReadTask] = field(default_factory=list)

    def sort_out(
        self, records: Sequence[RawRecord], parse: Callable[[bytes], ImportTask]
    ) -> list[ReadTask]:
        """Return the tasks to write; tell and count the bad lines, count the known titles."""
        tasks = []
        for line, raw in records:
            try:
                task = parse(raw)
            except BadRecordError as error:
                self.refuse(line, str(error))
            else:
                if task.title in self.known_titles:
                    self.outcome.skipped += 1
                else:
                    tasks.append((line, task))
        return tasks

    def refuse(self, line: int, reason: str) -> None:
        """Tell and count a line that cannot be taken."""
        self.outcome.refused += 1
        self.progress.complain(f"line {line}: {reason}")

    async def write(
        self, tasks: Sequence[ReadTask], *, is_final: bool, is_strict: bool = False
    ) -> None:
        """Write tasks in one transaction.

        Raises:
            CommandFailedError: it cannot be done; the message says what went in before.
        """
        if not tasks:
            return
        only = [task for _, task in tasks]
        with self.interruption.held_off():
            try:
                done = await import_tasks(
                    self.database,
                    self.principal,
                    only,
                    self.on_conflict,
                    is_final=is_final,
                    is_strict=is_strict,
                )
            except ImportRefusedError as error:
                done = Imported(problems=error.problems)
            except TasksteadError as error:
                raise CommandFailedError(f"{error.detail} Before that: {self.outcome}.") from None
            self.outcome.add(done)
        for index, problem in sorted(done.problems.items()):
            pointer = problem.errors[0].pointer if problem.errors else ""
            reason = f"{pointer}: {problem.detail}" if pointer else problem.detail
            self.refuse(tasks[index][0], reason)
        self.waiting += [tasks[index] for index in sorted(done.deferred)]

    async def finish(self) -> None:
        """Write those that waited for their parents; refuse those that wait in vain."""
        is_final = False
        while self.waiting:
            tasks, self.waiting = self.waiting, []
            for start in range(0, len(tasks), CHUNK_SIZE):
                await self.write(tasks[start : start + CHUNK_SIZE], is_final=is_final)
            is_final = len(self.waiting) == len(tasks)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the command line says about an import.

    Attributes:
        kind: the format; None to go by the name of the file.
        workspace: the id of the workspace; None for the personal one.
        is_strict: all lines go in, or none.
        skips_titles: leave out lines whose title a task has.
    """

    email: str
    workspace: str | None
    kind: FileFormat | None
    on_conflict: OnConflict
    is_strict: bool
    skips_titles: bool
    database_url: str | None


def import_file(path: str, options: ImportOptions) -> None:
    """Import a file, say what became of it, and end with 1 when there were bad lines."""
    settings = load_settings(database_url=options.database_url)
    address = read_email(options.email)
    workspace_id = None if options.workspace is None else read_workspace_id(options.workspace)
    kind = options.kind or find_format(path)
    outcome = Outcome()

    async def do(file: BinaryIO, interruption: Interruption) -> None:
        async with open_prepared_database(settings) as database:
            principal = await _get_writer(database, address, workspace_id)
            titles = options.skips_titles
            known = await list_titles(database, principal.workspace_id) if titles else set()
            with show_progress(file) as progress:
                work = Import(
                    database, principal, options.on_conflict, known, outcome, progress, interruption
                )
                await (_import_all if options.is_strict else _import_chunks)(work, file, kind)

    try:
        with _open_file(path) as file, Interruption() as interruption:
            run(do(file, interruption))
    except KeyboardInterrupt:
        typer.echo(f"Interrupted: {outcome}.", err=True)
        raise typer.Exit(INTERRUPTED_EXIT_CODE) from None
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be read: {error.strerror}.") from None
    if options.is_strict and outcome.refused:
        typer.echo("Nothing is imported: with --strict all lines go in or none.", err=True)
    if outcome.unassigned:
        typer.echo(f"Without its assignee, no member here: {count(outcome.unassigned, 'task')}.")
    typer.echo(outcome)
    if outcome.refused:
        raise typer.Exit(1)


def _read_records(file: BinaryIO, splitter: RecordSplitter) -> Iterator[RawRecord]:
    """Read the records of a file as they come, also from a pipe that stays open.

    Raises:
        CommandFailedError: it is no such file at all.
    """
    try:
        while piece := file.readline(_PIECE_BYTES):
            yield from splitter.feed(piece)
        yield from splitter.finish()
    except BadRecordError as error:
        raise CommandFailedError(f"This file cannot be imported: {error}.") from None


async def _import_chunks(work: Import, file: BinaryIO, kind: FileFormat) -> None:
    splitter = RecordSplitter(kind)
    records = _read_records(file, splitter)
    while chunk := list(islice(records, CHUNK_SIZE)):
        parse = make_parser(kind, splitter.columns, ZoneInfo(work.principal.time_zone))
        await work.write(work.sort_out(chunk, parse), is_final=False)
        work.progress.advance(work.outcome.imported)
    await work.finish()


async def _import_all(work: Import, file: BinaryIO, kind: FileFormat) -> None:
    splitter = RecordSplitter(kind)
    records = list(_read_records(file, splitter))
    parse = make_parser(kind, splitter.columns, ZoneInfo(work.principal.time_zone))
    tasks = work.sort_out(records, parse)
    if not work.outcome.refused:
        await work.write(tasks, is_final=True, is_strict=True)
    if work.outcome.refused:
        work.outcome.skipped = 0


async def _get_writer(database: Database, email: str, workspace_id: str | None) -> Principal:
    """Return who imports and where.

    Raises:
        CommandFailedError: there is no such account or workspace, or it is not theirs to change.
    """
    principal = await get_member(database, email, workspace_id)
    if principal.role == "viewer":
        raise CommandFailedError(
            f"{email} is a viewer of the workspace {principal.workspace_id} and cannot import."
        )
    return principal


@contextmanager
def _open_file(path: str) -> Iterator[BinaryIO]:
    if path == STANDARD_STREAM:
        yield sys.stdin.buffer
    else:
        with Path(path).open("rb") as file:
            yield file
