"""The command ``taskstead export``: writes tasks as JSON Lines, CSV or todo.txt."""

import os
import sys
from typing import BinaryIO
from zoneinfo import ZoneInfo

from taskstead.cli.console import CommandFailedError
from taskstead.cli.database import open_prepared_database, run
from taskstead.cli.files import find_format, open_target
from taskstead.cli.users import read_email
from taskstead.cli.workspaces import get_member, read_workspace_id
from taskstead.clock import get_now
from taskstead.loading import load_settings
from taskstead.queries.exports import export_tasks
from taskstead.queries.task_filters import build_conditions
from taskstead.schemas.filters import TaskFilter, TrashFilter
from taskstead.schemas.transfer_formats import FileFormat


def export_file(
    path: str,
    *,
    email: str,
    workspace: str | None,
    kind: FileFormat | None,
    deleted: TrashFilter | None,
    database_url: str | None,
) -> None:
    """Export tasks to a file. An error leaves an existing file unchanged.

    By default todo.txt omits tasks in the trash, because the format cannot mark them.
    """
    settings = load_settings(database_url=database_url)
    address = read_email(email)
    workspace_id = None if workspace is None else read_workspace_id(workspace)
    format_ = kind or find_format(path)
    deleted = deleted or ("exclude" if format_ == "todotxt" else "include")

    async def do(file: BinaryIO) -> None:
        async with open_prepared_database(settings) as database:
            principal = await get_member(database, address, workspace_id)
            wanted = TaskFilter(deleted=deleted)
            conditions = build_conditions(principal, wanted, get_now(), dialect=database.dialect)
            zone = ZoneInfo(principal.time_zone)
            async for block in export_tasks(database, conditions, format_, zone):
                file.write(block)

    try:
        with open_target(path) as file:
            run(do(file))
    except BrokenPipeError:
        # The reader of the pipe has closed it. Redirect the buffered output, so that flushing it at
        # exit does not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise CommandFailedError(f"{path} cannot be written: {error.strerror}.") from None
