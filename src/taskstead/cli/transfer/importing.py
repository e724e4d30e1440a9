"""The command ``taskstead import``: imports tasks from JSON Lines, CSV or todo.txt.

The file is imported in chunks. Each chunk of records is read and validated, then written in one
transaction. A server that uses the same database is therefore blocked for at most one short
transaction at a time. A task that precedes its parent in the file is kept in memory and written
after the parent. With ``--strict``, all records are read and validated first and then written in
one transaction.

``schemas/tasks/import_task.py`` validates the records, ``services/transfer/import_rows.py`` writes
them and ``cli/progress.py`` shows the progress.
"""

import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO, NamedTuple, Self
from zoneinfo import ZoneInfo

import typer

from taskstead.cli.console import INTERRUPTED_EXIT_CODE, CommandFailedError, count
from taskstead.cli.database import open_prepared_database, run
from taskstead.cli.files import STANDARD_STREAM, find_format
from taskstead.cli.progress import ImportProgress, show_progress
from taskstead.cli.users import read_email
from taskstead.cli.workspaces import get_member, read_workspace_id
from taskstead.clock import get_now
from taskstead.config.loader import load_settings
from taskstead.db.database import Database
from taskstead.domain.principal import Principal
from taskstead.errors import TasksteadError
from taskstead.formats.file_formats import FileFormat
from taskstead.formats.registry import RawRecord, RecordSplitter, make_parser
from taskstead.formats.task_record import BadRecordError
from taskstead.queries.tasks.tasks import list_titles
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.services.context import WriteContext
from taskstead.services.transfer.import_rows import (
    ImportItem,
    ImportRefusedError,
    OnConflict,
    count_results,
)
from taskstead.services.transfer.imports import import_tasks

CHUNK_SIZE = 500
_READ_BYTES = 65536


class ReadTask(NamedTuple):
    """A valid task and the number of its line in the file."""

    line: int
    task: ImportTask


class Interruption:
    """Handler of Ctrl-C that does not interrupt a transaction.

    Ctrl-C during a transaction is handled when the transaction ends, so the summary is exact. A
    second Ctrl-C is handled immediately.
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

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signature of signal
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
class ImportSummary:
    """Counts and start time of an import.

    Attributes:
        imported: number of tasks that were created or replaced.
        skipped: number of lines that were skipped because the task already exists or is unchanged.
        rejected: number of invalid lines.
        unassigned: number of tasks that were imported without their assignee, because the assignee
            is not a member of the workspace.
        began: the start time, a value of ``time.monotonic``.
    """

    imported: int = 0
    skipped: int = 0
    rejected: int = 0
    unassigned: int = 0
    began: float = field(default_factory=time.monotonic)

    def add(self, counts: Counter[str]) -> None:
        """Add the counts of a chunk. ``Importer.reject`` counts the rejected lines."""
        self.imported += counts["created"] + counts["replaced"]
        self.skipped += counts["skipped"] + counts["unchanged"]
        self.unassigned += counts["unassigned"]

    def __str__(self) -> str:
        seconds = time.monotonic() - self.began
        return (
            f"{count(self.imported, 'task')} imported, {self.skipped:,} skipped, "
            f"{count(self.rejected, 'line')} rejected, in {seconds:.1f} s"
        )


@dataclass(slots=True)
class Importer:
    """A running import into the workspace of the principal.

    Attributes:
        known_titles: titles of existing tasks; lines with these titles are skipped. Empty without
            ``--key title``.
        waiting: tasks whose parent has not been imported yet.
    """

    ctx: WriteContext
    on_conflict: OnConflict
    known_titles: set[str]
    summary: ImportSummary
    progress: ImportProgress
    interruption: Interruption
    waiting: list[ReadTask] = field(default_factory=list)

    def parse_records(
        self, records: Sequence[RawRecord], parse: Callable[[bytes], ImportTask]
    ) -> list[ReadTask]:
        """Return the tasks to write; report invalid lines and count lines with known titles."""
        tasks = []
        for record in records:
            try:
                task = parse(record.data)
            except BadRecordError as error:
                self.reject(record.line, str(error))
            else:
                if task.title in self.known_titles:
                    self.summary.skipped += 1
                else:
                    tasks.append(ReadTask(record.line, task))
        return tasks

    def reject(self, line: int, reason: str) -> None:
        """Report and count a line that cannot be imported."""
        self.summary.rejected += 1
        self.progress.report(f"line {line}: {reason}")

    async def write(
        self, tasks: Sequence[ReadTask], *, is_final: bool, is_strict: bool = False
    ) -> None:
        """Write tasks in one transaction.

        Args:
            tasks: the tasks to write.
            is_final: whether a task whose parent is missing is rejected. Otherwise it waits for the
                parent, which may follow later in the file.
            is_strict: whether nothing is written if one task is rejected.

        Raises:
            CommandFailedError: the transaction failed. The message contains a summary of what was
                imported before.
        """
        if not tasks:
            return
        bodies = [read.task for read in tasks]
        with self.interruption.delayed():
            try:
                items = await import_tasks(
                    self.ctx,
                    bodies,
                    self.on_conflict,
                    is_final=is_final,
                    is_strict=is_strict,
                )
            except ImportRefusedError as error:
                # Nothing was imported, so only the errors count.
                items = [ImportItem(item.task, error=item.error) for item in error.items]
            except TasksteadError as error:
                raise CommandFailedError(
                    f"{error.detail} Before this error: {self.summary}."
                ) from None
            self.summary.add(count_results(items))
        for read, item in zip(tasks, items, strict=True):
            if item.error is not None:
                pointer = item.error.errors[0].pointer if item.error.errors else ""
                reason = f"{pointer}: {item.error.detail}" if pointer else item.error.detail
                self.reject(read.line, reason)
            elif item.result == "deferred":
                self.waiting.append(read)

    async def finish(self) -> None:
        """Write the tasks that precede their parents in the file.

        Tasks whose parent is missing are rejected.
        """
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
        workspace: the id of the workspace; None for the personal workspace.
        format: the file format; None to determine it by the file name.
        on_conflict: what to do with a task whose id already exists.
        is_strict: whether to import nothing if any line is invalid.
        skips_titles: whether to skip lines with the title of an existing task.
        database_url: the database; None for the configured one.
    """

    email: str
    workspace: str | None
    format: FileFormat | None
    on_conflict: OnConflict
    is_strict: bool
    skips_titles: bool
    database_url: str | None


def import_file(path: str, options: ImportOptions) -> None:
    """Import a file and print a summary; exit with 1 if lines were rejected."""
    settings = load_settings(database_url=options.database_url)
    address = read_email(options.email)
    workspace_id = None if options.workspace is None else read_workspace_id(options.workspace)
    format_ = options.format or find_format(path)
    summary = ImportSummary()

    async def import_to_database(file: BinaryIO, interruption: Interruption) -> None:
        async with open_prepared_database(settings) as database:
            principal = await _get_principal(database, address, workspace_id)
            titles: set[str] = set()
            if options.skips_titles:
                titles = await list_titles(database, principal.workspace_id)
            with show_progress(file) as progress:
                importer = Importer(
                    ctx=WriteContext(principal, database, get_now),
                    on_conflict=options.on_conflict,
                    known_titles=titles,
                    summary=summary,
                    progress=progress,
                    interruption=interruption,
                )
                await (_import_all if options.is_strict else _import_chunks)(
                    importer, file, format_
                )

    try:
        with _open_file(path) as file, Interruption() as interruption:
            run(import_to_database(file, interruption))
    except KeyboardInterrupt:
        typer.echo(f"Interrupted: {summary}.", err=True)
        raise typer.Exit(INTERRUPTED_EXIT_CODE) from None
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be read: {error.strerror}.") from None
    if options.is_strict and summary.rejected:
        typer.echo(
            "Nothing was imported, because --strict rejects the whole file if any line is invalid.",
            err=True,
        )
    if summary.unassigned:
        typer.echo(
            f"{count(summary.unassigned, 'task')} imported without assignee, because the assignee "
            "is not a member of the workspace."
        )
    typer.echo(summary)
    if summary.rejected:
        raise typer.Exit(1)


def _read_records(file: BinaryIO, splitter: RecordSplitter) -> Iterator[RawRecord]:
    """Yield each record as soon as it is complete, so that reading from an open pipe works.

    Raises:
        CommandFailedError: the file is not in the expected format.
    """
    try:
        while piece := file.readline(_READ_BYTES):
            yield from splitter.feed(piece)
        yield from splitter.finish()
    except BadRecordError as error:
        raise CommandFailedError(f"The file cannot be imported: {error}.") from None


async def _import_chunks(importer: Importer, file: BinaryIO, format_: FileFormat) -> None:
    splitter = RecordSplitter(format_)
    records = _read_records(file, splitter)
    while chunk := list(islice(records, CHUNK_SIZE)):
        parse = make_parser(format_, splitter.columns, ZoneInfo(importer.ctx.principal.time_zone))
        await importer.write(importer.parse_records(chunk, parse), is_final=False)
        importer.progress.advance(importer.summary.imported)
    await importer.finish()


async def _import_all(importer: Importer, file: BinaryIO, format_: FileFormat) -> None:
    splitter = RecordSplitter(format_)
    records = list(_read_records(file, splitter))
    parse = make_parser(format_, splitter.columns, ZoneInfo(importer.ctx.principal.time_zone))
    tasks = importer.parse_records(records, parse)
    if not importer.summary.rejected:
        await importer.write(tasks, is_final=True, is_strict=True)
    if importer.summary.rejected:
        # Nothing was written, so no task was skipped either.
        importer.summary.skipped = 0


async def _get_principal(database: Database, email: str, workspace_id: str | None) -> Principal:
    """Return the principal that imports; its role allows writes.

    Raises:
        CommandFailedError: the account or workspace does not exist, or the user has no write access
            to the workspace.
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
