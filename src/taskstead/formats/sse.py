"""Server-sent events (WHATWG HTML, section 9.2) of the event stream."""

import msgspec

from taskstead.tables.changes import EventRow


def render_event(row: EventRow) -> bytes:
    """Encode a change as an event. Its data is ``ChangeEvent``."""
    event = {name: value for name, value in row.items() if name != "visible_to"}
    return b"id: %d\nevent: change\ndata: %s\n\n" % (row["revision"], msgspec.json.encode(event))


def render_reset(revision: int) -> bytes:
    """Encode a reset event. The client must fetch everything again, because events are missing."""
    data = msgspec.json.encode({"revision": revision})
    return b"id: %d\nevent: reset\ndata: %s\n\n" % (revision, data)
