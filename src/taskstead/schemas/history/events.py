"""Schemas and encoding of live events: entries of the change log without field values."""

from datetime import datetime
from typing import Annotated

import msgspec
from pydantic import Field

from taskstead.schemas.base import Output
from taskstead.tables.changes import EventRow


class ChangeEvent(Output):
    """The data of a `change` event. Fetch the changed row for its current values."""

    revision: Annotated[
        int, Field(description="The revision of the change, and the `id` of the event.")
    ]
    kind: Annotated[str, Field(description="workspace, member, category, tag or task.")]
    id: Annotated[str, Field(description="The id of the changed row; for a member, the user id.")]
    action: Annotated[str, Field(description="created, updated, trashed, restored or purged.")]
    batch_id: Annotated[
        str, Field(description="The batch id, shared by all changes of one request.")
    ]
    user_id: Annotated[str | None, Field(description="The user; null for changes by the server.")]
    at: datetime


class ResetEvent(Output):
    """The data of a `reset` event: earlier changes are no longer available."""

    revision: Annotated[int, Field(description="The revision after which the stream is complete.")]


def render_event(row: EventRow) -> bytes:
    """Encode a change as an event (WHATWG HTML, section 9.2). Its data is :class:`ChangeEvent`."""
    return b"id: %d\nevent: change\ndata: %s\n\n" % (row["revision"], msgspec.json.encode(row))


def render_reset(revision: int) -> bytes:
    """Encode a reset event. The client must fetch everything again, because events are missing."""
    data = msgspec.json.encode({"revision": revision})
    return b"id: %d\nevent: reset\ndata: %s\n\n" % (revision, data)
