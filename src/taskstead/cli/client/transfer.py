"""The commands ``import`` and ``export`` over the API."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from taskstead.cli.client.session import TASKS_PATH, Session
from taskstead.cli.console import count
from taskstead.cli.files import STANDARD_STREAM, find_format, open_target
from taskstead.client.command_batches import remember_command
from taskstead.client.errors import ClientError, ExitCode
from taskstead.client.http import ApiObject, check_success
from taskstead.client.output import discard_output, print_error
from taskstead.formats.file_formats import MEDIA_TYPES, FileFormat

_FIRST_POLL_SECONDS = 0.05
_LAST_POLL_SECONDS = 2.0
_RUNNING = ("queued", "running")


def import_file(
    session: Session,
    path: str,
    *,
    kind: FileFormat | None,
    on_conflict: str,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Upload a file, wait until the server has imported it, and print a summary.

    Raises:
        ClientError: the file cannot be read, the import failed, or lines could not be imported.
    """
    format_ = kind or find_format(path)
    query = [("format", format_), ("on_conflict", on_conflict)]
    with ExitStack() as stack:
        file = open_source(stack, path)
        # With a known size, the file is sent in blocks and can be sent again.
        size = os.fstat(file.fileno()).st_size
        headers = {"Content-Type": MEDIA_TYPES[format_], "Content-Length": str(size)}
        response = session.api.send(
            "POST", f"{TASKS_PATH}/import", file, query=query, headers=headers
        )
    check_success(response)
    job = _await_job(session, response.decode(), pause)
    remember_command(os.environ, job.get("batches") or [])
    _report_job(session, job)


def open_source(stack: ExitStack, path: str) -> BinaryIO:
    """Return a file that can be read twice.

    Raises:
        ClientError: the file cannot be read.
    """
    try:
        source: BinaryIO = sys.stdin.buffer
        if path != STANDARD_STREAM:
            source = Path(path).open("rb")  # noqa: SIM115 - the stack closes it
            stack.enter_context(source)
            if Path(path).is_file():
                return source
        copy: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - the stack closes it
        stack.enter_context(copy)
        while block := source.read(65536):
            copy.write(block)
    except OSError as error:
        raise ClientError(f"{path} cannot be read: {error.strerror}.") from None
    copy.seek(0)
    return copy


def _await_job(session: Session, job: ApiObject, pause: Callable[[float], None]) -> ApiObject:
    delay = _FIRST_POLL_SECONDS
    while job["state"] in _RUNNING:
        pause(delay)
        delay = min(delay * 1.5, _LAST_POLL_SECONDS)
        job = session.api.get(f"/api/v1/jobs/{job['id']}")
    return job


def _report_job(session: Session, job: ApiObject) -> None:
    if session.output.as_json:
        session.output.print_items([job], ())
    for error in job.get_objects("errors"):
        pointer = f"{error['pointer']}: " if error["pointer"] else ""
        print_error(f"line {error['item']}: {pointer}{error['message']}")
    result = job["result"]
    imported = result.get("created", 0) + result.get("replaced", 0)
    skipped = result.get("skipped", 0) + result.get("unchanged", 0)
    session.output.print_message(
        f"{count(imported, 'task')} imported, {skipped:,} skipped, "
        f"{count(job['failed'], 'line')} rejected."
    )
    if job["state"] != "done":
        reason = job["error"] or f"its state is {job['state']}"
        raise ClientError(f"The import {job['id']} was not completed: {reason}.", is_in_output=True)
    if job["failed"]:
        raise ClientError(
            "Some lines were not imported.", exit_code=ExitCode.NOT_FOUND, is_in_output=True
        )


def export_file(
    session: Session,
    path: str,
    *,
    kind: FileFormat | None,
    includes_trash: bool | None,
    text: str | None,
) -> None:
    """Write the tasks that match a filter to a file. If it fails, an existing file is unchanged.

    Raises:
        ClientError: the server cannot be reached, or the file cannot be written.
    """
    format_ = kind or find_format(path)
    if includes_trash is None:
        includes_trash = format_ != "todotxt"
    query = [("format", format_), ("deleted", "include" if includes_trash else "exclude")]
    if text is not None:
        query.append(("filter", text))
    try:
        with session.api.opened(f"{TASKS_PATH}/export", query) as blocks, open_target(path) as file:
            for block in blocks:
                file.write(block)
    except BrokenPipeError:
        discard_output()
    except OSError as error:
        if path == STANDARD_STREAM:
            raise  # reported as for every command
        raise ClientError(f"{path} cannot be written: {error.strerror}.") from None
