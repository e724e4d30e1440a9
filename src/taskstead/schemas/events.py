"""Live events on the wire: what the log says of a change, without its values."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import Field

from taskstead.db.statements import Row
from taskstead.schemas.base import Output

_FIELDS = ("revision", "kind", "id", "action", "batch_id", "user_id", "at")


class ChangeEvent(Output):
    """The data of an event `change`; what the thing is now has to be fetched."""

    revision: Annotated[int, Field(description="Its number, and the event's `id`.")]
    kind: Annotated[str, Field(description="workspace, member, category, tag or task.")]
    id: Annotated[str, Field(description="Of the thing; a member's is the user's.")]
    action: Annotated[str, Field(description="created, updated, trashed, restored or purged.")]
    batch_id: Annotated[str, Field(description="Changes of one request have the same.")]
    user_id: Annotated[str | None, Field(description="Who; null for the server itself.")]
    at: datetime


class ResetEvent(Output):
    """The data of an event `reset`: what came before is not known any more."""

    revision: Annotated[int, Field(description="From where on the stream tells all.")]


def render_event(row: Row) -> bytes:
    """Return a row of ``queries.sync.list_events`` as an event (WHATWG HTML, section 9.2)."""
    data: dict[str, Any] = {name: row[name] for name in _FIELDS}
    return b"id: %d\nevent: change\ndata: %s\n\n" % (row["revision"], msgspec.json.encode(data))


def render_reset(revision: int) -> bytes:
    """Return the event that says: fetch everything anew; from this revision on it goes on."""
    data = msgspec.json.encode({"revision": revision})
    return b"id: %d\nevent: reset\ndata: %s\n\n" % (revision, data)
