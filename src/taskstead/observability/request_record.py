"""Record of the current request, for logs, metrics and traces.

The HTTP middleware creates the record and stores it in a context variable. The database engines add
their statistics to it, so they do not depend on the HTTP layer. Background jobs have no record.
"""

from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass

from taskstead.observability.traces import RequestTrace


@dataclass(slots=True)
class RequestRecord:
    """Data about one request.

    Attributes:
        request_id: the id of the request in the response header and in the log.
        address: the client's address, as reported by trusted proxies.
        user_id: the id of the authenticated user; None before the authentication.
        workspace_id: the id of the workspace that the request uses; None if it uses none.
        statements: number of SQL statements.
        database_seconds: time spent on the database, including waits for a connection or the write
            lock, statements and the commit.
        share: the key by which fair queues (``concurrency/fair_queue.py``) divide capacity. It is
            the workspace, or the credential before the workspace has been determined.
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
