"""Commit listeners of this process: functions that are called after each commit.

Each engine also reports the commits of other processes, in its own way.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

CommitListener = Callable[[str | None], None]
"""Called with the id of the workspace that changed, or with None if any workspace may have."""


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
        """Call all listeners for each of these workspaces."""
        if not self._listeners:
            return
        for workspace_id in workspace_ids:
            for listener in list(self._listeners):
                listener(workspace_id)
