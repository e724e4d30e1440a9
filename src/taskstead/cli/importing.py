"""The command ``taskstead import``: imports tasks from JSON Lines, CSV or todo.txt.

The file is imported in chunks. Each chunk of records is read, validated and written in one
transaction. Memory use therefore does not depend on the size of the file, and a server on the same
database waits for at most one chunk. A task whose parent comes later in the file waits for it. With
``--strict``, all records are validated first and then written in one transaction.

``schemas/transfer*.py`` validate the records, ``services/import_rows.py`` writes them and
``progress.py`` shows the progress.
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
from taskstead.services.import_rows import ImportOutcome, ImportRefusedError, OnConflict
from taskstead.services.imports import import_tasks

CHUNK_SIZE = 500
_READ_BYTES = 65536

ReadTask = tuple[int, ImportTask]
"""The line number of a task in the file, and the task."""


class Interruption:
    """Handler of Ctrl-C that does not interrupt a transaction.

    While a transaction is in progress, Ctrl-C takes effect after it, so that the summary counts
    exactly the imported tasks. A second Ctrl-C takes effect immediately.
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
    def delayed(self) -> Iterator[None]:
        """Delay Ctrl-C until the end of the block."""
        self._is_writing = True
        try:
            yield
        finally:
            self._is_writing = False
        if self._is_pending:
            raise KeyboardInterrupt


@dataclass(slots=True)
class Outcome:
    """Numbers of imported, skipped and rejected lines so far."""

    imported: int = 0
    skipped: int = 0
    rejected: int = 0
    unassigned: int = 0
    began: float = field(default_factory=time.monotonic)

    def add(self, done: ImportOutcome) -> None:
        """Add the results of a chunk, except rejected tasks."""
        self.imported += done.counts["created"] + done.counts["replaced"]
        self.skipped += done.counts["skipped"] + done.counts["unchanged"]
        self.unassigned += done.counts["unassigned"]

    def __str__(self) -> str:
        seconds = time.monotonic() - self.began
        return (
            f"{count(self.imported, 'task')} imported, {self.skipped:,} skipped, "
            f"{count(self.rejected, 'line')} rejected, in {seconds:.1f} s"
        )


@dataclass(slots=True)
class Import:
    """An import in progress, into the workspace of its principal.

    Attributes:
        known_titles: titles of existing tasks. Lines with these titles are skipped.
        waiting: tasks whose parent has not been imported yet.
    """

    database: Database
    principal: Principal
    on_conflict: OnConflict
    known_titles: set[str]
    outcome: Outcome
    progress: ImportProgress
    interruption: Interruption
    waiting: list[ReadTask] = field(default_factory=list)

    def parse_records(
        self, records: Sequence[RawRecord], parse: Callable[[bytes], ImportTask]
    ) -> list[ReadTask]:
        """Return the tasks to write; report invalid lines and count lines with known titles."""
        tasks = []
        for line, raw in records:
            try:
                task = parse(raw)
            except BadRecordError as error:
                self.reject(line, str(error))
            else:
                if task.title in self.known_titles:
                    self.outcome.skipped += 1
                else:
                    tasks.append((line, task))
        return tasks

    def reject(self, line: int, reason: str) -> None:
        """Report and count an invalid line."""
        self.outcome.rejected += 1
        self.progress.report(f"line {line}: {reason}")

    async def write(
        self, tasks: Sequence[ReadTask], *, is_final: bool, is_strict: bool = False
    ) -> None:
        """Write tasks in one transaction.

        Raises:
            CommandFailedError: the transaction failed. The message has the summary so far.
        """
        if not tasks:
            return
        only = [task for _, task in tasks]
        with self.interruption.delayed():
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
                done = ImportOutcome(problems=error.problems)
            except TasksteadError as error:
                raise CommandFailedError(f"{error.detail} Before that: {self.outcome}.") from None
            self.outcome.add(done)
        for index, problem in sorted(done.problems.items()):
            pointer = problem.errors[0].pointer if problem.errors else ""
            reason = f"{pointer}: {problem.detail}" if pointer else problem.detail
            self.reject(tasks[index][0], reason)
        self.waiting += [tasks[index] for index in sorted(done.deferred)]

    async def finish(self) -> None:
        """Write the tasks that waited for their parents; reject those whose parent is missing."""
        is_final = False
        while self.waiting:
            tasks, self.waiting = self.waiting, []
            for start in range(0, len(tasks), CHUNK_SIZE):
                await self.write(tasks[start : start + CHUNK_SIZE], is_final=is_final)
            is_final = len(self.waiting) == len(tasks)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Command-line options of an import.

    Attributes:
        email: the e-mail address of the user who imports.
        workspace: the id of the workspace; None for the personal one.
        kind: the format; None to determine it by the file name.
        on_conflict: what to do with a task whose id already exists.
        is_strict: whether to import nothing if any line is invalid.
        skips_titles: whether to skip lines whose title an existing task has.
        database_url: the database; None for the configured one.
    """

    email: str
    workspace: str | None
    kind: FileFormat | None
    on_conflict: OnConflict
    is_strict: bool
    skips_titles: bool
    database_url: str | None


def import_file(path: str, options: ImportOptions) -> None:
    """Import a file and print a summary; exit with 1 if there were invalid lines."""
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
    if options.is_strict and outcome.rejected:
        typer.echo(
            "Nothing was imported, because --strict rejects a file with invalid lines.", err=True
        )
    if outcome.unassigned:
        typer.echo(
            f"Imported without assignee (not a member): {count(outcome.unassigned, 'task')}."
        )
    typer.echo(outcome)
    if outcome.rejected:
        raise typer.Exit(1)


def _read_records(file: BinaryIO, splitter: RecordSplitter) -> Iterator[RawRecord]:
    """Yield the records of a file as they arrive, also from a pipe that stays open.

    Raises:
        CommandFailedError: the file does not have the format.
    """
    try:
        while piece := file.readline(_READ_BYTES):
            yield from splitter.feed(piece)
        yield from splitter.finish()
    except BadRecordError as error:
        raise CommandFailedError(f"The file cannot be imported: {error}.") from None


async def _import_chunks(work: Import, file: BinaryIO, kind: FileFormat) -> None:
    splitter = RecordSplitter(kind)
    records = _read_records(file, splitter)
    while chunk := list(islice(records, CHUNK_SIZE)):
        parse = make_parser(kind, splitter.columns, ZoneInfo(work.principal.time_zone))
        await work.write(work.parse_records(chunk, parse), is_final=False)
        work.progress.advance(work.outcome.imported)
    await work.finish()


async def _import_all(work: Import, file: BinaryIO, kind: FileFormat) -> None:
    splitter = RecordSplitter(kind)
    records = list(_read_records(file, splitter))
    parse = make_parser(kind, splitter.columns, ZoneInfo(work.principal.time_zone))
    tasks = work.parse_records(records, parse)
    if not work.outcome.rejected:
        await work.write(tasks, is_final=True, is_strict=True)
    if work.outcome.rejected:
        work.outcome.skipped = 0


async def _get_writer(database: Database, email: str, workspace_id: str | None) -> Principal:
    """Return the principal of the import.

    Raises:
        CommandFailedError: the account or workspace does not exist, or the user may not change it.
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
