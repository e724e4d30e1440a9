"""Commit listeners: functions of this process that are called after each commit.

The database engines call them for commits of this process and of other processes.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

CommitListener = Callable[[str | None], None]
"""Called with the id of a changed workspace; None if it is not known which have changed."""


class CommitListeners:
    """The commit listeners of one database."""

    def __init__(self) -> None:
        self._listeners: list[CommitListener] = []

    @contextmanager
    def registered(self, listener: CommitListener) -> Generator[None]:
        """Register a listener for the duration of the block."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def notify(self, workspace_ids: Iterable[str]) -> None:
        """Call all listeners with the id of each of these workspaces."""
        if not self._listeners:
            return
        for workspace_id in workspace_ids:
            for listener in list(self._listeners):
                listener(workspace_id)
