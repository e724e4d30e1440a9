"""The command ``taskstead export``: writes tasks as JSON Lines, CSV or todo.txt."""

from typing import BinaryIO

from taskstead.cli.console import CommandFailedError
from taskstead.cli.database import open_prepared_database, run
from taskstead.cli.files import STANDARD_STREAM, find_format, open_target
from taskstead.cli.users import read_email
from taskstead.cli.workspaces import get_member, read_workspace_id
from taskstead.client.output import discard_output
from taskstead.clock import get_now
from taskstead.config.loader import load_settings
from taskstead.formats.file_formats import FileFormat
from taskstead.schemas.tasks.filters import TaskFilter, TrashFilter
from taskstead.services.context import ReadContext
from taskstead.services.transfer.export import export_tasks


def export_file(
    path: str,
    *,
    email: str,
    workspace: str | None,
    kind: FileFormat | None,
    deleted: TrashFilter | None,
    database_url: str | None,
) -> None:
    """Export tasks to a file. If the export fails, an existing file is unchanged.

    By default, a todo.txt file does not contain tasks in the trash, because the format cannot mark
    them as deleted.
    """
    settings = load_settings(database_url=database_url)
    address = read_email(email)
    workspace_id = None if workspace is None else read_workspace_id(workspace)
    format_ = kind or find_format(path)
    deleted = deleted or ("exclude" if format_ == "todotxt" else "include")

    async def export_to(file: BinaryIO) -> None:
        async with open_prepared_database(settings) as database:
            principal = await get_member(database, address, workspace_id)
            task_filter = TaskFilter(deleted=deleted)
            ctx = ReadContext(principal, database, get_now())
            async for block in export_tasks(ctx, task_filter, format_):
                file.write(block)

    try:
        with open_target(path) as file:
            run(export_to(file))
    except BrokenPipeError:
        discard_output()
    except OSError as error:
        if path == STANDARD_STREAM:
            raise  # reported as for every command
        raise CommandFailedError(f"{path} cannot be written: {error.strerror}.") from None
