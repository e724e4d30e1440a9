"""Who wants to hear of commits, within this process. How it hears of others' is each engine's."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

Notice = Callable[[str | None], None]
"""Called with the id of a workspace that was written to; with None when it may be any."""


class CommitListeners:
    """Those who watch a database now."""

    def __init__(self) -> None:
        self._notices: list[Notice] = []

    @contextmanager
    def watching(self, notice: Notice) -> Generator[None]:
        """Have a function called as long as the block runs."""
        self._notices.append(notice)
        try:
            yield
        finally:
            self._notices.remove(notice)

    def tell(self, workspace_ids: Iterable[str]) -> None:
        """Tell all of writes to these workspaces."""
        if not self._notices:
            return
        for workspace_id in workspace_ids:
            for notice in list(self._notices):
                notice(workspace_id)
