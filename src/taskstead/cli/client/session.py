"""The state of one client command: its server, its output and the names that it has seen."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from taskstead.client.errors import (
    ClientError,
    ExitCode,
    NotSignedInError,
    describe_fault,
)
from taskstead.client.http import Api, ApiObject
from taskstead.client.names import add_names, collect_names, find_cache_file
from taskstead.client.output import Item, Output, print_error
from taskstead.client.references import parse_reference, parse_references
from taskstead.client.settings import ClientSettings, Options, resolve_settings

TASKS_PATH = "/api/v1/tasks"
TASK_COLUMNS = ("number", "title", "due_date", "priority", "category", "tags")
MAX_PAGE = 200
STATUS_COLUMNS = ("number", "title", "status", "due_date", "priority", "category", "tags")


class Session:
    """The server and the output of one command.

    Args:
        options: the options that choose the server.
        output: the output.
    """

    def __init__(self, options: Options, output: Output) -> None:
        self.options = options
        self.output = output

    @cached_property
    def settings(self) -> ClientSettings:
        """The server, token and workspace; raises the errors of ``resolve_settings``."""
        return resolve_settings(self.options, os.environ)

    @cached_property
    def api(self) -> Api:
        """The client of the server.

        Raises:
            NotSignedInError: there is no token.
            ClientError: as for ``resolve_settings``.
        """
        settings = self.settings
        if settings.token is None:
            raise NotSignedInError(
                f"You are not signed in to {settings.address}. Run: taskstead login "
                f"{settings.address}"
            )
        return Api(settings.address, token=settings.token, workspace=settings.workspace)

    def close(self) -> None:
        """Close the connection to the server, if there is one."""
        if "api" in self.__dict__:
            self.api.close()

    def parse_reference(self, text: str) -> int | str:
        """Return the number or id of a task; raise ``UsageFault`` for another text."""
        return parse_reference(text, self.settings.address)

    def parse_references(self, words: Sequence[str]) -> list[int | str]:
        """Return the numbers and ids of tasks; raise ``UsageFault`` for another text."""
        return parse_references(words, self.settings.address, sys.stdin)

    def print_tasks(self, tasks: Sequence[Item], columns: Sequence[str] = TASK_COLUMNS) -> None:
        """Print tasks, and remember the names of their categories and tags."""
        self.output.print_items(tasks, columns, key="number")
        self.remember_names(tasks)

    def remember_names(self, tasks: Sequence[Mapping[str, Any]]) -> None:
        """Add the names of categories and tags to the cache for completion."""
        names = collect_names(tasks)
        if any(names.values()):
            add_names(find_cache_file(os.environ), names)

    def list_pages(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        limit: int | None,
        *,
        text: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of a paginated list.

        Args:
            path: the path of the list.
            query: its parameters.
            limit: the maximum number of items; None for all.
            text: the text that positions in an error refer to, if any.

        Raises:
            ClientError: the server reported an error or cannot be reached.
        """
        left, cursor = limit, None
        while left is None or left > 0:
            size = min(left or MAX_PAGE, MAX_PAGE)
            page_query = [*query, ("limit", str(size))]
            if cursor is not None:
                page_query.append(("cursor", cursor))
            page = self.api.call("GET", path, query=page_query, text=text).decode()
            if cursor is None:
                print_warnings(text, page)
            items = page.get_objects("items")
            yield from items
            cursor = page["next_cursor"]
            if cursor is None:
                return
            left = None if left is None else left - len(items)


# The errors that are not caused by the text, so that the user may send it again later.
_UNSAVED = (ExitCode.FAILURE, ExitCode.NOT_SIGNED_IN, ExitCode.OVERLOADED)


def print_warnings(text: str | None, answer: ApiObject) -> None:
    """Print the warnings of a response to standard error, with their positions in a text."""
    for warning in answer.get_objects("warnings") if answer.get("warnings") else ():
        for line in describe_fault(text, warning):
            print_error(line)


@contextmanager
def kept_input(text: str) -> Iterator[None]:
    """Print a text again if it could not be sent, so that the user does not lose it.

    Raises:
        ClientError: the error of the block.
    """
    try:
        yield
    except ClientError as error:
        if error.exit_code in _UNSAVED and text:
            print_error(f"Not saved:\n{text}")
        raise
