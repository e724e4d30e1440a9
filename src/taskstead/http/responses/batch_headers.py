"""The response headers ``Taskstead-Revision`` and ``Taskstead-Batch`` of writes.

A batch is the set of change log entries that one request wrote. With its id, a client can undo its
own request. With the revision, it can check whether its copy of the workspace includes the request.
"""

from collections.abc import Sequence

from starlette.responses import Response

from taskstead.services.context import WrittenBatch

REVISION_HEADER = "Taskstead-Revision"
BATCH_HEADER = "Taskstead-Batch"


def add_batch_headers(response: Response, batches: Sequence[WrittenBatch]) -> None:
    """Add the two headers to the response of a request that wrote to one workspace.

    ``Taskstead-Revision`` is the revision of the workspace after the request. ``Taskstead-Batch``
    is the id of the batch that the request wrote, or of the last one if there are several. It is
    missing if the request changed nothing.
    """
    if len({batch.workspace_id for batch in batches}) == 1:
        response.headers.append(REVISION_HEADER, str(batches[-1].revision))
        ids = [batch.id for batch in batches if batch.id is not None]
        if ids:
            response.headers.append(BATCH_HEADER, ids[-1])
