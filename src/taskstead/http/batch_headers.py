"""The response headers ``Taskstead-Revision`` and ``Taskstead-Batch`` of writes.

They name the change log entries that the request wrote. With them a client can undo its own request
and knows the revision that includes it, without reading the log.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.responses import Response

from taskstead.services.changes import collect_batches

REVISION_HEADER = "Taskstead-Revision"
BATCH_HEADER = "Taskstead-Batch"

Endpoint = Callable[..., Awaitable[Response]]


def add_batch_headers(endpoint: Endpoint) -> Endpoint:
    """Add the two headers to the responses of an endpoint that writes to one workspace.

    ``Taskstead-Revision`` is the revision of the workspace after the request. ``Taskstead-Batch``
    is missing if the request changed nothing. If the request wrote several batches, it names the
    last one.
    """

    @wraps(endpoint)
    async def endpoint_with_headers(**arguments: Any) -> Response:
        with collect_batches() as batches:
            response = await endpoint(**arguments)
        if len({batch.workspace_id for batch in batches}) == 1:
            response.headers.append(REVISION_HEADER, str(batches[-1].revision))
            ids = [batch.id for batch in batches if batch.id is not None]
            if ids:
                response.headers.append(BATCH_HEADER, ids[-1])
        return response

    return endpoint_with_headers
