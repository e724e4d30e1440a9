"""The option ``import --preview``: the first tasks as the server would create them.

All lines are parsed here, by the code that the server uses. The first tasks are then sent as a dry
run of a bulk request, so the server checks them too. Nothing is imported.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

from taskstead.cli.client.session import STATUS_COLUMNS, TASKS_PATH, Session
from taskstead.cli.client.transfer import open_source
from taskstead.cli.console import CommandFailedError, count
from taskstead.cli.files import find_format
from taskstead.client.errors import ClientError, ExitCode
from taskstead.client.output import print_error
from taskstead.formats.file_formats import FileFormat
from taskstead.formats.registry import RawRecord, RecordSplitter, make_parser
from taskstead.formats.task_record import BadRecordError
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.schemas.tasks.tasks import TaskCreate

MAX_TASKS = 20
MAX_FAULTS = 100
_BLOCK_BYTES = 65536
# The server removes unknown assignees during an import, and rejects them in other requests.
_SENT_FIELDS = TaskCreate.model_fields.keys() - {"assignee", "place"}
_COLUMNS = tuple(column for column in STATUS_COLUMNS if column != "number")


class _Preview(NamedTuple):
    """The lines of a file.

    Attributes:
        tasks: the first tasks with their lines.
        faults: the first lines that are invalid, with the reasons.
        valid: the number of valid lines.
        invalid: the number of invalid lines.
    """

    tasks: list[tuple[int, ImportTask]]
    faults: list[tuple[int, str]]
    valid: int
    invalid: int


def preview_import(session: Session, path: str, *, kind: FileFormat | None) -> None:
    """Print the first tasks of a file as they would be created, and the invalid lines.

    Raises:
        ClientError: the file cannot be read, or it has invalid lines (exit code 3, as for import).
    """
    format_ = kind or find_format(path)
    with ExitStack() as stack:
        preview = _read_file(open_source(stack, path), format_, _find_zone(session, format_))
    created, rejected = _ask_server(session, preview.tasks)
    session.output.print_items(created, _COLUMNS, key="title")
    for line, message in sorted([*preview.faults, *rejected]):
        print_error(f"line {line}: {message}")
    session.output.print_message(
        f"{count(preview.valid, 'task')} can be read, {count(preview.invalid, 'line')} cannot. "
        f"Nothing was imported; this is a preview of the first {count(len(preview.tasks), 'task')}."
    )
    if preview.invalid or rejected:
        raise ClientError("Some lines have errors.", exit_code=ExitCode.NOT_FOUND)


def _find_zone(session: Session, kind: FileFormat) -> ZoneInfo:
    """Return the time zone of the user, in which todo.txt has its days."""
    if kind != "todotxt":
        return ZoneInfo("UTC")
    return ZoneInfo(str(session.api.get("/auth/me")["time_zone"]))


def _read_file(file: BinaryIO, kind: FileFormat, zone: ZoneInfo) -> _Preview:
    splitter = RecordSplitter(kind)
    tasks: list[tuple[int, ImportTask]] = []
    faults: list[tuple[int, str]] = []
    valid = invalid = 0
    try:
        for record in _split(file, splitter):
            try:
                task = make_parser(kind, splitter.columns, zone)(record.data)
            except BadRecordError as error:
                invalid += 1
                if invalid <= MAX_FAULTS:
                    faults.append((record.line, str(error)))
                continue
            valid += 1
            if valid <= MAX_TASKS:
                tasks.append((record.line, task))
    except BadRecordError as error:
        raise CommandFailedError(f"The file cannot be imported: {error.message}.") from None
    return _Preview(tasks, faults, valid, invalid)


def _split(file: BinaryIO, splitter: RecordSplitter) -> Iterator[RawRecord]:
    while block := file.read(_BLOCK_BYTES):
        yield from splitter.feed(block)
    yield from splitter.finish()


def _ask_server(
    session: Session, tasks: list[tuple[int, ImportTask]]
) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Return the tasks that the server would create, and the lines that it rejects."""
    if not tasks:
        return [], []
    ids = {task.id for _, task in tasks if task.id is not None}
    operations = [{"op": "create", "task": _make_body(task, ids)} for _, task in tasks]
    body = {"operations": operations, "atomic": False, "dry_run": True}
    answer = session.api.call("POST", f"{TASKS_PATH}/bulk", body).decode()
    created: list[dict[str, Any]] = []
    rejected: list[tuple[int, str]] = []
    for (line, _), result in zip(tasks, answer.get_objects("results"), strict=False):
        if result["problem"] is None:
            created.append(result["task"])
        else:
            rejected.append((line, str(result["problem"]["detail"])))
    return created, rejected


def _make_body(task: ImportTask, ids: set[str]) -> dict[str, Any]:
    """Return a task as the body of a request. A parent that is not in the preview is left out."""
    body = task.model_dump(mode="json", exclude_unset=True, include=_SENT_FIELDS)
    if task.parent not in ids:
        body.pop("parent", None)
    return body
