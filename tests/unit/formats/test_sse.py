"""Server-sent events: the lines of an event."""

import json

from taskstead.formats.sse import render_event, render_reset
from taskstead.schemas.history.events import ChangeEvent, ResetEvent
from taskstead.tables.changes import EventRow
from tests.unit.formats.rows import CREATED, TASK_ID, WORKSPACE_ID

EVENT: EventRow = {
    "revision": 7,
    "kind": "task",
    "id": TASK_ID,
    "action": "updated",
    "batch_id": WORKSPACE_ID,
    "user_id": None,
    "at": CREATED,
    "visible_to": None,
}


def parse_event(event: bytes) -> dict[str, str]:
    """Return the fields of an event, which ends with an empty line."""
    assert event.endswith(b"\n\n")
    lines = event.decode().removesuffix("\n\n").split("\n")
    return dict(line.split(": ", 1) for line in lines)


def test_change_is_an_event_with_its_revision_as_id() -> None:
    event = parse_event(render_event(EVENT))
    data = ChangeEvent.model_validate_json(event.pop("data"))
    assert event == {"id": "7", "event": "change"}
    assert {**data.model_dump(), "visible_to": None} == EVENT


def test_reset_has_the_revision_from_which_it_is_complete() -> None:
    event = parse_event(render_reset(9))
    ResetEvent.model_validate_json(event["data"])
    assert (event["id"], event["event"], json.loads(event["data"])) == (
        "9",
        "reset",
        {"revision": 9},
    )
