"""What is noted of the request under way, for whoever logs, counts or traces.

It is carried by a context variable, so that the database engines can add to it without knowing of
HTTP. Outside a request there is none.
"""

from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass

from taskstead.telemetry.traces import RequestTrace


@dataclass(slots=True)
class RequestRecord:
    """The notes of one request.

    Attributes:
        request_id: the id that the client and the log know it by.
        address: where it comes from, behind trusted proxies.
        user_id: the principal, once known.
        workspace_id: the workspace it acts in, where it acts in one.
        statements: SQL statements run for it.
        database_seconds: what it has spent on the database: waiting for a connection or the turn to
            write, for statements, and for the commit.
        share: the key of its fair share where requests wait: its workspace, once that is known, and
            its credential before.
        trace: its span, where traces are on.
    """

    request_id: str
    address: str | None = None
    user_id: str | None = None
    workspace_id: str | None = None
    statements: int = 0
    database_seconds: float = 0.0
    share: Hashable = None
    trace: RequestTrace | None = None


current_request: ContextVar[RequestRecord | None] = ContextVar("current_request", default=None)


def get_share() -> Hashable:
    """Return the key of the fair share of the request under way; None outside of a request."""
    record = current_request.get()
    return None if record is None else record.share
