"""Record of the current request, in a context variable, for logs, metrics and traces.

The HTTP middleware creates it. The database engines add their statistics without depending on HTTP.
Background work has no record.
"""

from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass

from taskstead.telemetry.traces import RequestTrace


@dataclass(slots=True)
class RequestRecord:
    """Data about one request.

    Attributes:
        request_id: the id in the response header and in the log.
        address: the client's address, as reported by trusted proxies.
        user_id: the authenticated user, once known.
        workspace_id: the workspace of the request, if it has one.
        statements: number of SQL statements.
        database_seconds: time spent on the database, including waits for a connection or the write
            lock, statements and the commit.
        share: the key by which queues share capacity fairly: the workspace, or the credential while
            the workspace is not known yet.
        trace: the request's span, if traces are enabled.
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
    """Return the fair-queue key of the current request; None outside a request."""
    record = current_request.get()
    return None if record is None else record.share
